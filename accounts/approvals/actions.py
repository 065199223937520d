"""What waits for somebody's yes or no."""

from flask import url_for

from accounts.approvals import queries
from accounts.rules import Actor
from core.actions import Action
from core.i18n import _


def next_actions(person: Actor) -> list[Action]:
    count = queries.count_waiting(person)
    if not count:
        return []
    detail = _("别人提出、要您同意才生效的事")
    return [Action(10, _("等您批准"), url_for("approvals.listing"), detail, count, "warn")]
