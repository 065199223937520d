"""Files over their term, for the county that answers for them."""

from flask import url_for

from accounts.rules import Actor, Role
from core.actions import Action
from core.i18n import _
from rights.retention import queries


def next_actions(person: Actor) -> list[Action]:
    waiting = queries.files_due(person) if person.has(Role.COORDINATOR) else 0
    if not waiting:
        return []
    url = url_for("retention.files")
    return [Action(30, _("到期待删的档案"), url, _("请核对后提出删除，由另一个人执行"), waiting)]
