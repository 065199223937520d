"""What an end, a pause and a renewal have to say. Nothing here reads a clock or a database."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pairings.rules import AT_ONCE, BEGUN, EndReason, Stage


class Explainer(StrEnum):
    """Who tells the child that it ends."""

    TEAM = "team"
    DIRECTOR = "director"
    GUARDIAN = "guardian"
    TEACHER = "teacher"


@dataclass(frozen=True, slots=True)
class Explained:
    """Who told the child on which day that it ends, or why nobody could."""

    by: Explainer | None = None
    on: date | None = None
    missing: str = ""

    @property
    def complete(self) -> bool:
        told = self.by is not None and self.on is not None
        return told or (self.by is None and self.on is None and bool(self.missing.strip()))


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a pairing ends, how it was parted, and what becomes of the child's need."""

    reason: EndReason
    note: str = ""
    need_met: bool = False
    goodbye_missing: str = ""
    handover: str = ""
    explained: Explained = Explained()


def ends_at_once(stage: Stage, reason: EndReason) -> bool:
    """Whether a pairing ends without parting first: a no does, and what has not begun."""
    return stage not in BEGUN or reason in AT_ONCE


def lacks_goodbye(ending: Ending, goodbye_on: date | None) -> bool:
    return goodbye_on is None and not ending.goodbye_missing.strip()
