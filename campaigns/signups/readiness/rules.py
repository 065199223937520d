"""What somebody has to have done by when, so that the seat stays theirs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from volunteers.rules import Clearance, EvidenceKind, Progress, Status, Step

WARNED = timedelta(days=7)
"""So long before the seat is given on, its owner is told what is still missing."""


def ready_by(starts_on: date, days: int) -> date:
    """Return the last day on which everything may still be missing."""
    return starts_on - timedelta(days=days)


def is_ready(
    status: Status, clearance: Clearance, *, with_children: bool, needed: frozenset[EvidenceKind]
) -> bool:
    """Whether somebody may come: with children only who is cleared and in service."""
    if with_children:
        return status is Status.ACTIVE and clearance.complete
    lacking = {*clearance.missing, *clearance.expired, *clearance.hits}
    return not needed & lacking


TIMED = (Step.IDENTITY, Step.SCREENING, Step.TRAINING, Step.INSURANCE, Step.ACTIVATION)
"""What takes days; the profile and the pledge are done at once."""
SIDE_BY_SIDE = (Step.SCREENING, Step.TRAINING, Step.INSURANCE)
EVERY_STEP = frozenset(Step)


def steps_of(*, with_children: bool, trained: bool, screened: bool) -> frozenset[Step]:
    """Return what a slot asks of whoever comes."""
    if with_children:
        return EVERY_STEP
    asked = {Step.TRAINING: trained, Step.SCREENING: screened}
    return frozenset(step for step, wanted in asked.items() if wanted)


def lacking(progress: Progress) -> frozenset[Step]:
    """Return what somebody still has to do before meeting children."""
    return frozenset(step for step, state in progress.steps() if state != "done")


def fewest_days(missing: Collection[Step], days: Mapping[Step, int]) -> int:
    """Return in how many days the steps can be done at best.

    The document is compared first; then the centre asks, trains and insures side by side; the
    coordinator's yes comes last.
    """
    taken = {step: days.get(step, 0) for step in missing}
    beside = max((taken.get(step, 0) for step in SIDE_BY_SIDE), default=0)
    return taken.get(Step.IDENTITY, 0) + beside + taken.get(Step.ACTIVATION, 0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the dated values say on a day about seats that wait for somebody to be ready."""

    today: date
    hold_hours: int
    """How long a seat is kept for a contact to be confirmed."""
    ahead: int
    """How many days before it begins a slot's seats are given on."""
    days: Mapping[Step, int]
    """In how many days a step can be done at best."""
    a_tile: int
    """How many minutes on the road a tile of the schematic map stands for."""

    def last_day(self, starts_on: date, ends_on: date) -> date:
        """Return the last day for everything; what has begun takes people in to its end."""
        return ready_by(starts_on, self.ahead) if starts_on >= self.today else ends_on

    def too_late(self, lacking: Collection[Step], starts_on: date, ends_on: date) -> bool:
        """Whether the missing ones of what a slot asks for can no longer be done in time."""
        done = self.today + timedelta(days=fewest_days(lacking, self.days))
        return bool(lacking) and done > self.last_day(starts_on, ends_on)
