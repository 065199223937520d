"""What waits for administrators and those who watch over data."""

from flask import url_for

from accounts.admin import queries
from accounts.rules import Actor, Role
from core import clock
from core.actions import Action
from core.i18n import _


def next_actions(person: Actor) -> list[Action]:
    found = []
    if person.has(Role.ADMIN):
        empty = queries.posts_without_holder()
        if empty:
            found.append(
                Action(
                    30,
                    _("没有人的岗位"),
                    url_for("admin.vacancies"),
                    _("儿童主任或督导员空缺"),
                    empty,
                )
            )
    if person.has(Role.AUDITOR, Role.DPO):
        today = queries.audited_today()
        found.append(
            Action(
                30,
                _("今天的审计记录"),
                url_for("admin.audit", day=clock.today()),
                _("谁看过、改过什么"),
                today,
            )
        )
    return found
