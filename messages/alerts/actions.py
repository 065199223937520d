"""What waits for those who answer for safety: nothing comes before it."""

from flask import url_for

from accounts.rules import Actor
from core.actions import Action
from core.i18n import _
from messages.alerts import queries


def next_actions(person: Actor) -> list[Action]:
    if not person.has(*queries.HANDLERS):
        return []
    count = queries.waiting(person)
    if not count:
        return []
    detail = _("有人要接手，或等着有结果")
    return [Action(0, _("安全提醒"), url_for("alerts.listing"), detail, count, "danger")]
