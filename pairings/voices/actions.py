"""What waits: a child that is not well with a pairing, voices far apart, people to be asked."""

from flask import url_for

from accounts.rules import Actor, Role
from children.consents.services import ENTERING
from core.actions import Action
from core.i18n import _
from pairings.voices.due import queries as due
from pairings.voices.queries import number


def next_actions(person: Actor) -> list[Action]:
    return [*_tasks(person), *_to_ask(person)]


def _tasks(person: Actor) -> list[Action]:
    many = number(person) if person.has(Role.COORDINATOR) else 0
    if not many:
        return []
    detail = _("孩子不开心，或三方说法差得远：先问孩子")
    return [Action(10, _("要问清的结对意见"), url_for("voices.listing"), detail, many, "danger")]


def _to_ask(person: Actor) -> list[Action]:
    many = due.number(person) if person.has(*ENTERING) else 0
    if not many:
        return []
    detail = _("单独问监护人和孩子，志愿者不在场")
    return [Action(40, _("该问的结对意见"), url_for("voices_due.listing"), detail, many)]
