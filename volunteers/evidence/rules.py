"""What new evidence must be like. Nothing here reads a clock or a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from volunteers.rules import ENDLESS, EvidenceKind, Outcome

LASTING = tuple(
    kind for kind in EvidenceKind if kind not in ENDLESS and kind is not EvidenceKind.STUDENT
)
"""What is recorded by hand and runs out; how long each may last is a dated parameter."""


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """What somebody checked: an outcome and where it can be looked up, never what a record says."""

    kind: EvidenceKind
    dated: date
    reference: str = ""
    outcome: Outcome = Outcome.CLEAR
    valid_until: date | None = None

    def ends(self, longest: Mapping[EvidenceKind, int]) -> date | None:
        """Return its last day: what is given, but no longer than the days its kind may last."""
        if self.kind in ENDLESS or self.outcome is Outcome.HIT:
            return None
        latest = self.dated + timedelta(days=longest[self.kind])
        return min(self.valid_until or latest, latest)


class Fault(StrEnum):
    """What can be wrong with new evidence."""

    IN_THE_FUTURE = "in_the_future"
    LONG_AGO = "long_ago"
    NO_REFERENCE = "no_reference"
    ONLY_SCREENING_HITS = "only_screening_hits"
    NO_END = "no_end"
    ENDS_BEFORE = "ends_before"
    TOO_LONG = "too_long"
    OVER = "over"
    NOT_BY_HAND = "not_by_hand"


ON_THE_DATE = frozenset({Fault.IN_THE_FUTURE, Fault.LONG_AGO})
EARLIEST = date(2000, 1, 1)


def faults(new: NewEvidence, today: date, longest: Mapping[EvidenceKind, int]) -> list[Fault]:
    """Return what is wrong with new evidence; `longest` says for how many days a kind may last."""
    found = []
    if new.dated > today:
        found.append(Fault.IN_THE_FUTURE)
    if new.dated < EARLIEST:
        found.append(Fault.LONG_AGO)
    if not new.reference:
        found.append(Fault.NO_REFERENCE)
    if new.outcome is Outcome.HIT and new.kind is not EvidenceKind.SCREENING:
        found.append(Fault.ONLY_SCREENING_HITS)
    if new.kind is EvidenceKind.STUDENT:
        found.append(Fault.NOT_BY_HAND)
    if not found and new.kind not in ENDLESS and new.outcome is Outcome.CLEAR:
        found += _faults_of_end(new, today, longest)
    return found


def _faults_of_end(
    new: NewEvidence, today: date, longest: Mapping[EvidenceKind, int]
) -> list[Fault]:
    """A policy names its own end; too late a one is a slip of the pen, not a longer cover."""
    if new.kind is EvidenceKind.INSURANCE:
        if new.valid_until is None:
            return [Fault.NO_END]
        if new.valid_until > new.dated + timedelta(days=longest[new.kind]):
            return [Fault.TOO_LONG]
    if new.valid_until is not None and new.valid_until < new.dated:
        return [Fault.ENDS_BEFORE]
    ends = new.ends(longest)
    return [Fault.OVER] if ends is not None and ends < today else []
