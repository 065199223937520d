"""What waits for a person in the inbox and in the ledger."""

from flask import url_for

from accounts.rules import Actor, Role
from core.actions import Action
from core.i18n import _
from messages import queries
from messages.delivery.holds import services as holds


def next_actions(person: Actor) -> list[Action]:
    found = []
    waiting = queries.unread(person.id or 0)
    if waiting:
        inbox = url_for("messages.inbox")
        found.append(Action(25, _("未读消息"), inbox, _("看看有什么变动"), waiting, "info"))
    if person.has(Role.ADMIN, Role.CITY_COORDINATOR):
        held = holds.standing()
        if held and held.released_at is None:
            ledger = url_for("messages.ledger")
            detail = _("站外的消息停着，要有人看过再放行")
            found.append(Action(10, _("消息停发"), ledger, detail, held.overdue, "danger"))
        failed = queries.unsettled()
        if failed:
            ledger = url_for("messages.ledger", state=queries.UNSETTLED_ONLY)
            detail = _("没送到，或不知是否送到，要有人看一眼")
            found.append(Action(15, _("有问题的消息"), ledger, detail, failed, "warn"))
    return found
