"""What waits for those who look at stories before anybody reads them."""

from flask import url_for

from accounts.rules import Actor
from campaigns.manage.rules import WORKING
from campaigns.stories.desk.queries import counts
from campaigns.stories.rules import CHECKING, State
from core.actions import Action
from core.i18n import _


def next_actions(person: Actor) -> list[Action]:
    """Return what waits, each with the list of exactly those stories."""
    if not person.has(*WORKING):
        return []
    titles = {
        State.FIRST_CHECK: _("等您初审的故事"),
        State.SECOND_CHECK: _("等您复审的故事"),
        State.FINAL_CHECK: _("等您终审的故事"),
    }
    found = counts(person)
    detail = _("逐项看过再通过，或写明理由退回")
    return [
        Action(10, titles[state], url_for("manage_stories.waiting", show=state.value), detail, many)
        for state, many in found.items()
        if many and person.has(*CHECKING[state].roles)
    ]
