"""Goodbye letters that wait: to be read, to be changed, to be given."""

from flask import url_for

from accounts.rules import Actor, Role
from children.consents.services import ENTERING
from core.actions import Action
from pairings.letters.labels import WAITING
from pairings.letters.queries import waiting
from pairings.letters.rules import LetterState

PAGES = {
    LetterState.WRITTEN: "letters.check",
    LetterState.SENT_BACK: "letters.write",
    LetterState.PASSED: "letters.paper",
}


def next_actions(person: Actor) -> list[Action]:
    """Return what to do with letters; each leads to one of them, the others come after it."""
    if not person.has(*ENTERING, Role.VOLUNTEER, Role.TEAM_LEADER):
        return []
    return [
        Action(20, str(title), url_for(PAGES[row.state], uid=row.uid), str(detail), row.many)
        for row in waiting(person)
        for title, detail in [WAITING[row.state]]
    ]
