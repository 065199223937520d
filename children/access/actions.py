"""What waits for those who answer requests to see more of a child."""

from flask import url_for

from accounts.rules import Actor
from children.access import queries
from core.actions import Action
from core.i18n import _


def next_actions(person: Actor) -> list[Action]:
    if not person.has(*queries.APPROVERS):
        return []
    number = queries.to_decide(person)
    if not number:
        return []
    url = url_for("child_access.requests", waiting=1)
    detail = _("有人申请查看孩子的敏感信息，由您决定该不该看")
    return [Action(10, _("等您审批的查看申请"), url, detail, number)]
