"""When a volunteer is free, whether a volunteer may meet a child, and what is still missing."""

from collections.abc import Collection, Iterable
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
    REFERENCES = "references"
    INTERVIEW = "interview"
    STUDENT = "student"
    """That a student studies still: taken from volunteers/students, never recorded by hand."""


ALWAYS = frozenset(EvidenceKind) - {
    EvidenceKind.REFERENCES,
    EvidenceKind.INTERVIEW,
    EvidenceKind.STUDENT,
}
"""What everybody needs, whatever the dated parameters add to it."""
ENDLESS = frozenset({EvidenceKind.IDENTITY, EvidenceKind.PLEDGE})
"""What does not run out; insurance ends when its policy says, the others after a set time."""


class Outcome(StrEnum):
    CLEAR = "clear"
    HIT = "hit"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Skill(StrEnum):
    """What volunteers offer, in the words of what children need."""

    HOMEWORK = "homework"
    READING = "reading"
    SPORTS = "sports"
    ART = "art"
    COMPANY = "company"
    SAFETY = "safety"
    ONLINE_HABITS = "online_habits"
    CAREER = "career"
    FAMILY_CALL = "family_call"


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
    needed: frozenset[EvidenceKind] = frozenset(EvidenceKind)

    @property
    def complete(self) -> bool:
        return not (self.missing or self.expired or self.hits)


def weight(proof: Proof) -> tuple[date, bool, bool, int]:
    """Of two proofs of one day a hit weighs more, then the one that runs out first."""
    until = proof.until or date.max
    return (proof.since, proof.outcome is Outcome.HIT, proof.until is not None, -until.toordinal())


def clearance(
    proofs: Iterable[Proof],
    on: date,
    needed: Collection[EvidenceKind] = frozenset(EvidenceKind),
) -> Clearance:
    """Return whether everything needed holds on that day: the one answer every door asks for.

    The newest proof of a kind counts; a hit is never outweighed by an older clear answer. Who does
    not say what is needed asks for everything there is.
    """
    newest: dict[EvidenceKind, Proof] = {}
    for proof in sorted(proofs, key=weight):
        if proof.since <= on and proof.kind in needed:
            newest[proof.kind] = proof
    asked = [kind for kind in EvidenceKind if kind in needed]
    missing = tuple(kind for kind in asked if kind not in newest)
    hits = tuple(kind for kind in asked if kind in newest and newest[kind].outcome is Outcome.HIT)
    expired = tuple(
        kind for kind in asked if kind in newest and kind not in hits and not newest[kind].holds(on)
    )
    ends = [proof.until for proof in newest.values() if proof.until]
    complete = not (missing or expired or hits)
    until = min(ends) if complete and ends else None
    return Clearance(missing, expired, hits, until, frozenset(needed))


def of_age(birth_year: int, on: date, least: int) -> bool:
    """Whether somebody born in that year turns `least` years in the year of the day, or earlier.

    The day itself is checked with the identity document, of which nothing is kept.
    """
    return on.year - birth_year >= least


class Step(StrEnum):
    """What leads from an application to the first visit, in this order."""

    PROFILE = "profile"
    PLEDGE = "pledge"
    STUDENT = "student"
    IDENTITY = "identity"
    REFERENCES = "references"
    INTERVIEW = "interview"
    SCREENING = "screening"
    TRAINING = "training"
    INSURANCE = "insurance"
    ACTIVATION = "activation"


class Next(StrEnum):
    """The one thing a volunteer can do next."""

    PROFILE = "profile"
    PLEDGE = "pledge"
    STUDENT = "student"
    WAIT = "wait"
    RESUME = "resume"
    SERVE = "serve"
    ASK = "ask"
    REJOIN = "rejoin"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a volunteer has come."""

    status: Status
    profile: bool
    """Whether sex and year of birth are known: rules about visits ask for both."""
    clearance: Clearance

    @property
    def ready(self) -> bool:
        """Whether only the coordinator's yes is missing."""
        return self.profile and self.clearance.complete

    def steps(self) -> list[tuple[Step, str]]:
        """Return every step asked of them as done, now (one at most) or todo."""
        unasked = frozenset(EvidenceKind) - self.clearance.needed
        asked = [step for step in Step if step.value not in unasked]
        open_ = [step for step in asked if not self._done(step)]
        states = dict.fromkeys(asked, "done") | dict.fromkeys(open_, "todo")
        if open_:
            states[open_[0]] = "now"
        return list(states.items())

    def _done(self, step: Step) -> bool:
        if step is Step.PROFILE:
            return self.profile
        if step is Step.ACTIVATION:
            return self.status is Status.ACTIVE
        lacking = (*self.clearance.missing, *self.clearance.expired, *self.clearance.hits)
        return EvidenceKind(step) not in lacking

    def next(self) -> Next:
        """Return the one thing the volunteer can do: what is theirs comes before waiting."""
        settled = {Status.BARRED: Next.ASK, Status.EXITED: Next.REJOIN}
        if self.status in settled:
            return settled[self.status]
        if not self.profile:
            return Next.PROFILE
        if not self._done(Step.PLEDGE):
            return Next.PLEDGE
        if not self._done(Step.STUDENT):
            return Next.STUDENT
        by_status = {
            Status.ACTIVE: Next.SERVE,
            Status.SUSPENDED: Next.ASK,
            Status.PAUSED: Next.RESUME if self.clearance.complete else Next.WAIT,
        }
        return by_status.get(self.status, Next.WAIT)
