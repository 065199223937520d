"""What waits for somebody whom messages no longer reach."""

from flask import url_for

from accounts.rules import Actor
from core.actions import Action
from core.i18n import _
from messages.contacts.queries import broken_of


def next_actions(person: Actor) -> list[Action]:
    count = broken_of(person.id or 0)
    if not count:
        return []
    detail = _("发去的消息连续被退回，已经停发。请改好或换一个")
    return [Action(12, _("有联系方式不通"), url_for("contacts.mine"), detail, count, "warn")]
