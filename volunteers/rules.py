"""When a volunteer is free, and whether a volunteer may meet a child."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Status(StrEnum):
    """Where a volunteer stands (domain.md §5.1)."""

    APPLIED = "applied"
    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    BARRED = "barred"
    EXITED = "exited"


class EvidenceKind(StrEnum):
    """What has to be shown before a volunteer meets a child (domain.md §1b, §2.1, §2.3)."""

    IDENTITY = "identity"
    SCREENING = "screening"
    TRAINING = "training"
    PLEDGE = "pledge"
    INSURANCE = "insurance"


class Outcome(StrEnum):
    CLEAR = "clear"
    HIT = "hit"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Period(StrEnum):
    """When a weekly free time holds: students live in two places (domain.md §0.10)."""

    ALWAYS = "always"
    TERM = "term"
    BREAK = "break"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A stretch of every week, in minutes after midnight; Monday is 0."""

    weekday: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.weekday <= 6 and 0 <= self.start < self.end <= 24 * 60):
            raise ValueError(f"not a stretch of a week: {self}")

    def minutes_shared(self, other: "Slot") -> int:
        if self.weekday != other.weekday:
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))


def shared_minutes(mine: Iterable[Slot], theirs: Iterable[Slot]) -> int:
    """Return the minutes a week that both are free; neither side may overlap itself."""
    others = list(theirs)
    return sum(a.minutes_shared(b) for a in mine for b in others)


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence as clearance sees it; without `until` it does not run out."""

    kind: EvidenceKind
    outcome: Outcome
    since: date
    until: date | None

    def holds(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Clearance:
    """Whether somebody may meet a child on a day, and what stands against it."""

    missing: tuple[EvidenceKind, ...]
    expired: tuple[EvidenceKind, ...]
    hits: tuple[EvidenceKind, ...]
    until: date | None
    """The last day everything still holds; None when something is missing or nothing runs out."""

    @property
    def complete(self) -> bool:
        return not (self.missing or self.expired or self.hits)


def clearance(proofs: Iterable[Proof], on: date) -> Clearance:
    """Return whether everything needed holds on that day: the one answer every door asks for.

    The newest proof of a kind counts; a hit is never outweighed by an older clear answer.
    """
    newest: dict[EvidenceKind, Proof] = {}
    for proof in sorted(proofs, key=lambda proof: (proof.since, proof.outcome is Outcome.HIT)):
        if proof.since <= on:
            newest[proof.kind] = proof
    missing = tuple(kind for kind in EvidenceKind if kind not in newest)
    hits = tuple(kind for kind in newest if newest[kind].outcome is Outcome.HIT)
    expired = tuple(
        kind
        for kind in EvidenceKind
        if kind in newest and kind not in hits and not newest[kind].holds(on)
    )
    ends = [proof.until for proof in newest.values() if proof.until]
    complete = not (missing or expired or hits)
    return Clearance(missing, expired, hits, min(ends) if complete and ends else None)
