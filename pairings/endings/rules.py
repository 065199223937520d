"""What an end, a pause and a renewal have to say. Nothing here reads a clock or a database."""

from dataclasses import dataclass
from datetime import date

from pairings.rules import AT_ONCE, BEGUN, EndReason, Stage


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a pairing ends, how it was parted, and what becomes of the child's need."""

    reason: EndReason
    note: str = ""
    need_met: bool = False
    goodbye_missing: str = ""
    handover: str = ""


def ends_at_once(stage: Stage, reason: EndReason) -> bool:
    """Whether a pairing ends without parting first: a no does, and what has not begun."""
    return stage not in BEGUN or reason in AT_ONCE


def lacks_goodbye(ending: Ending, goodbye_on: date | None) -> bool:
    return goodbye_on is None and not ending.goodbye_missing.strip()
