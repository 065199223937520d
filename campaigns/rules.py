"""Campaigns, their stages, and which numbers may be published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SMALLEST_CELL = 10
ROUNDED_TO = 5
DELAY = timedelta(days=14)


class Stage(StrEnum):
    """Where a campaign stands (domain.md §5.5)."""

    DRAFT = "draft"
    SAFEGUARDING_REVIEW = "safeguarding_review"
    APPROVED = "approved"
    RECRUITING = "recruiting"
    RUNNING = "running"
    WRAP_UP = "wrap_up"
    PUBLISHED_REPORT = "published_report"
    ARCHIVED = "archived"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


PUBLIC = frozenset(
    {Stage.RECRUITING, Stage.RUNNING, Stage.WRAP_UP, Stage.PUBLISHED_REPORT, Stage.ARCHIVED}
)
NEXT = {
    Stage.DRAFT: (Stage.SAFEGUARDING_REVIEW, Stage.CANCELLED),
    Stage.SAFEGUARDING_REVIEW: (Stage.APPROVED, Stage.DRAFT, Stage.CANCELLED),
    Stage.APPROVED: (Stage.RECRUITING, Stage.DRAFT, Stage.CANCELLED),
    Stage.RECRUITING: (Stage.RUNNING, Stage.SUSPENDED, Stage.CANCELLED),
    Stage.RUNNING: (Stage.WRAP_UP, Stage.SUSPENDED),
    Stage.WRAP_UP: (Stage.PUBLISHED_REPORT,),
    Stage.PUBLISHED_REPORT: (Stage.ARCHIVED,),
    Stage.ARCHIVED: (),
    Stage.SUSPENDED: (Stage.RECRUITING, Stage.RUNNING, Stage.CANCELLED),
    Stage.CANCELLED: (),
}


class Measure(StrEnum):
    """What is counted for a campaign, by county and day."""

    VOLUNTEERS = "volunteers"
    PAIRINGS = "pairings"
    VISITS = "visits"
    MINUTES = "minutes"


ABOUT_CHILDREN = frozenset({Measure.PAIRINGS, Measure.VISITS})


class SlotKind(StrEnum):
    PAIRING_VISITS = "pairing_visits"
    GROUP_ACTIVITY = "group_activity"


class SignUpState(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as the public may see it: None where it is suppressed."""

    shown: int | None


def publishable(counts: Mapping[int, int]) -> dict[int, Cell]:
    """Return the counts of a table's areas as they may be published (domain.md §3).

    Counts under 10 (but not 0 everywhere) are suppressed; where a single cell would then follow
    from the total, the smallest other cell is suppressed with it; the rest is rounded to 5.
    """
    hidden = {area for area, count in counts.items() if count < SMALLEST_CELL}
    if len(hidden) == 1 and len(counts) > 1:
        rest = {area: count for area, count in counts.items() if area not in hidden}
        hidden.add(min(rest, key=lambda area: (rest[area], area)))
    return {
        area: Cell(None if area in hidden else rounded(count)) for area, count in counts.items()
    }


def rounded(count: int) -> int:
    """Return the count rounded to the nearest 5, so that differences name nobody."""
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def publishable_total(total: int) -> Cell:
    return Cell(None if total < SMALLEST_CELL else rounded(total))
