"""What waits for planners: visits that somebody cannot come to."""

from flask import url_for

from accounts.rules import Actor, Role
from core.actions import Action
from core.i18n import _
from visits.answers.queries import count_declined


def next_actions(person: Actor) -> list[Action]:
    if not person.has(Role.TEAM_LEADER, Role.COORDINATOR):
        return []
    count = count_declined(person)
    if not count:
        return []
    detail = _("要另找人、改期，或者取消")
    url = url_for("visit_answers.listing")
    return [Action(10, _("走访有人来不了"), url, detail, count, "warn")]
