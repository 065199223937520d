"""Three voices on one pairing: when they are asked, and when they disagree. No clock, no database.

Each is asked apart and never hears what the others said; the child is asked by somebody of the
village who is not of the team (domain.md §3.11).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

WORST, BEST = 1, 5
UNHAPPY = 2
"""A child that points at this face, or at a worse one, is not well with it."""
APART = 2
"""Steps between two voices on one question from which on somebody has to ask what is the matter."""
DUE = {"months_3": 91, "months_6": 182, "months_12": 365}
"""Days after the first visit."""


class Occasion(StrEnum):
    MONTHS_3 = "months_3"
    MONTHS_6 = "months_6"
    MONTHS_12 = "months_12"
    END = "end"


class Voice(StrEnum):
    TEAM = "team"
    GUARDIAN = "guardian"
    CHILD = "child"


class Question(StrEnum):
    """The same three to everybody, so that answers can be laid side by side."""

    WELL = "well"
    HEARD = "heard"
    AGAIN = "again"


class Trouble(StrEnum):
    CHILD_UNHAPPY = "child_unhappy"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Said:
    """Which of five faces somebody pointed at for each question, from 1 to 5."""

    well: int
    heard: int
    again: int

    def of(self, question: Question) -> int:
        return {"well": self.well, "heard": self.heard, "again": self.again}[question]


def occasion(begun_on: date, today: date, *, ending: bool) -> Occasion | None:
    """Return on what occasion the three are asked now: the last one that has come."""
    if ending:
        return Occasion.END
    days = (today - begun_on).days
    reached = [name for name, due in DUE.items() if days >= due]
    return Occasion(reached[-1]) if reached else None


def trouble(said: Mapping[Voice, Said]) -> Trouble | None:
    """Return what somebody has to look into, the child's own word first."""
    child = said.get(Voice.CHILD)
    if child is not None and min(child.well, child.heard, child.again) <= UNHAPPY:
        return Trouble.CHILD_UNHAPPY
    if any(_spread(one.of(question) for one in said.values()) >= APART for question in Question):
        return Trouble.APART
    return None


def _spread(faces: Iterable[int]) -> int:
    found = list(faces)
    return max(found) - min(found) if found else 0
