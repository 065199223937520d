"""What waits for administrators."""

from flask import url_for

from accounts.admin import queries
from accounts.rules import Actor, Role
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
    return found
