"""Breaches that are not closed: first on the list of whoever looks after data."""

from flask import url_for

from accounts.rules import Actor
from core.actions import Action
from core.i18n import _
from rights.breaches import queries
from rights.breaches.services import WORKING


def next_actions(person: Actor) -> list[Action]:
    waiting = queries.open_ones() if person.has(*WORKING) else 0
    if not waiting:
        return []
    url = url_for("breaches.listing")
    return [
        Action(0, _("没有结案的个人信息事件"), url, _("先控制，再报告，再告知"), waiting, "danger")
    ]
