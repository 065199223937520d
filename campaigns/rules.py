"""Campaigns, their stages, and which numbers may be published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

SMALLEST_CELL = 10
ROUNDED_TO = 5
DELAY = timedelta(days=14)
MAP_STEPS = 4

# names of the dated values that campaigns go by
HOLD_HOURS = "campaigns.hold_hours"
OFFER_HOURS = "campaigns.offer_hours"
OFFER_MINUTES = "campaigns.offer_minutes"
READY_DAYS = "campaigns.ready_days"
FORGET_DAYS = "campaigns.forget_days"
DELAY_DAYS = "campaigns.delay_days"
STEP_DAYS = "campaigns.days_"
"""The beginning of several names: one for each step towards meeting children that takes days."""
TILE_MINUTES = "campaigns.tile_minutes"


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
CURRENT = frozenset({Stage.RECRUITING, Stage.RUNNING})
REPORTED = frozenset({Stage.PUBLISHED_REPORT, Stage.ARCHIVED})
HALTED = frozenset({Stage.SUSPENDED, Stage.CANCELLED})
"""Stages that keep the address of a campaign once published, with a word instead of its page."""
NEXT = {
    Stage.DRAFT: (Stage.SAFEGUARDING_REVIEW, Stage.CANCELLED),
    Stage.SAFEGUARDING_REVIEW: (Stage.APPROVED, Stage.DRAFT, Stage.CANCELLED),
    Stage.APPROVED: (Stage.RECRUITING, Stage.DRAFT, Stage.CANCELLED),
    Stage.RECRUITING: (Stage.RUNNING, Stage.SUSPENDED, Stage.CANCELLED),
    Stage.RUNNING: (Stage.WRAP_UP, Stage.SUSPENDED),
    Stage.WRAP_UP: (Stage.PUBLISHED_REPORT,),
    Stage.PUBLISHED_REPORT: (Stage.ARCHIVED,),
    Stage.ARCHIVED: (),
    # Back to draft as well: a mistake on a public page is mended under review, never live.
    Stage.SUSPENDED: (Stage.RECRUITING, Stage.RUNNING, Stage.DRAFT, Stage.CANCELLED),
    Stage.CANCELLED: (),
}


class Measure(StrEnum):
    """What is counted for a campaign, by county and day."""

    VOLUNTEERS = "volunteers"
    PAIRINGS = "pairings"
    VISITS = "visits"
    MINUTES = "minutes"


# Hours are the volunteers' own, but they are served at a child's side: told live, they would tell
# that a visit has just happened.
ABOUT_CHILDREN = frozenset({Measure.PAIRINGS, Measure.VISITS, Measure.MINUTES})


class ProtectionArea(StrEnum):
    """The six protections of the law on the protection of minors (domain.md §1, row 23)."""

    FAMILY = "family"
    SCHOOL = "school"
    SOCIAL = "social"
    ONLINE = "online"
    GOVERNMENT = "government"
    JUDICIAL = "judicial"


class Plan(StrEnum):
    """The plans of the city's Implementing Opinions (domain.md §1, rows 12 to 16)."""

    GUARDIANSHIP = "guardianship"
    GROWTH = "growth"
    INTERNET = "internet"
    WARMTH = "warmth"
    LEGAL = "legal"


class SlotKind(StrEnum):
    """What is done together."""

    PAIRING_VISITS = "pairing_visits"
    GROUP_ACTIVITY = "group_activity"


class Timing(StrEnum):
    """How an activity takes place in time."""

    FIXED = "fixed"
    """On a day, from one hour to another."""
    WINDOW = "window"
    """Some time between two days, as is agreed."""
    OPEN_ENDED = "open_ended"
    """From a day on, as long as it is wanted."""


class SlotRole(StrEnum):
    """What somebody does there."""

    COMPANION = "companion"
    LEADER = "leader"
    TUTOR = "tutor"
    HELPER = "helper"
    """Behind the scenes: packs, carries, keeps the door."""
    DRIVER = "driver"


class Door(StrEnum):
    """What somebody who wants to join finds."""

    UPCOMING = "upcoming"
    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Recruitment:
    """When a campaign takes people in, both days included, and in which stage it stands."""

    stage: Stage
    first: date
    last: date

    def door(self, on: date, free: int) -> Door:
        """Return what somebody finds who comes on that day, with so many places left."""
        if self.stage not in CURRENT or on > self.last:
            return Door.CLOSED
        if on < self.first:
            return Door.UPCOMING
        return Door.OPEN if free > 0 else Door.FULL


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as the public may see it: None where it is suppressed."""

    shown: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of areas with its total, as the public may see it."""

    cells: dict[int, Cell]
    total: Cell


def publishable(counts: Mapping[int, int]) -> Table:
    """Return the counts of a table's areas and their total as they may be published.

    domain.md §3: counts under 10, zero included, are suppressed, and with them the smallest of
    the others, so that a small one cannot be told from it; what is left is rounded to 5. The
    total of a table with suppressed cells is the sum of the shown ones: the true one, even
    rounded or now and then suppressed, would narrow the small counts down.
    """
    small = {area for area, count in counts.items() if count < SMALLEST_CELL}
    larger = sorted(counts.keys() - small, key=lambda area: (counts[area], area))
    shown = larger[1:] if small else larger
    cells = {area: Cell(rounded(counts[area]) if area in shown else None) for area in counts}
    if small and shown:
        return Table(cells, Cell(sum(rounded(counts[area]) for area in shown)))
    return Table(cells, publishable_total(sum(counts.values())))


def rounded(count: int) -> int:
    """Return the count rounded to the nearest 5, so that differences name nobody."""
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def publishable_total(total: int) -> Cell:
    """Return a number that stands alone, as it may be published."""
    return Cell(None if total < SMALLEST_CELL else rounded(total))


def map_step(value: int | None, most: int) -> int:
    """Return the shade of a tile: 1 to 4 for a shown value, 0 for none."""
    if not value or most <= 0:
        return 0
    return min(MAP_STEPS, 1 + (value - 1) * MAP_STEPS // most)


def lines(text: str) -> list[str]:
    """Return a text's lines that say something: paragraphs, or the items of a list."""
    return [line.strip() for line in text.splitlines() if line.strip()]
