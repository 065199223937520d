"""What waits for coordinators: a child that is not well with a pairing, voices far apart."""

from flask import url_for

from accounts.rules import Actor, Role
from core.actions import Action
from core.i18n import _
from pairings.voices.queries import number


def next_actions(person: Actor) -> list[Action]:
    many = number(person) if person.has(Role.COORDINATOR) else 0
    if not many:
        return []
    detail = _("孩子不开心，或三方说法差得远：先问孩子")
    return [Action(10, _("要问清的结对意见"), url_for("voices.listing"), detail, many, "danger")]
