"""What waits for whoever has asked for an export."""

from flask import url_for

from accounts.exports import queries
from accounts.rules import Actor, Role
from core.actions import Action
from core.i18n import _


def next_actions(person: Actor) -> list[Action]:
    count = queries.ready(person) if person.has(Role.COORDINATOR, Role.ORG_LEAD) else 0
    if not count:
        return []
    detail = _("只能下载一次，过期删除")
    return [
        Action(20, _("导出的文件可以下载了"), url_for("exports.listing"), detail, count, "info")
    ]
