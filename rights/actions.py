"""What waits in this room, put together."""

import rights.assessments.actions
import rights.breaches.actions
import rights.erasures.actions
import rights.requests.actions
import rights.retention.actions
from accounts.rules import Actor
from core.actions import Action


def next_actions(person: Actor) -> list[Action]:
    rooms = (
        rights.breaches.actions,
        rights.requests.actions,
        rights.erasures.actions,
        rights.assessments.actions,
        rights.retention.actions,
    )
    return [action for room in rooms for action in room.next_actions(person)]
