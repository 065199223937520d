"""The steps from a poster to an hour served, what is counted of them, and how they are told."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

MOST_KEYS = 5_000
"""So many different counters wait in memory; beyond them tags count as none."""
MACHINES = re.compile(r"bot\b|bot/|spider|crawl|preview|monitor|curl/|python-|wget", re.IGNORECASE)
PREFETCHES = ("HTTP_PURPOSE", "HTTP_SEC_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
DIRECT = "direct"
GONE = "gone"
"""What stands for the tags of places that were removed."""


class Step(StrEnum):
    """What is counted; of the later steps the sign-ups themselves tell."""

    VIEWED = "viewed"
    OPENED = "opened"
    HELD = "held"
    """Only of sign-ups that were deleted since nobody confirmed them."""


class Period(StrEnum):
    WEEK = "7"
    MONTH = "30"
    WHOLE = "all"

    def since(self, today: date) -> date | None:
        """Return the first day of the period; None when it has none."""
        return None if self is Period.WHOLE else today - timedelta(days=int(self) - 1)


def period_of(text: str) -> Period:
    return Period(text) if text in set(Period) else Period.MONTH


def is_a_look(environ: Mapping[str, Any]) -> bool:
    """Whether a request is somebody looking at a page, as far as it tells by itself.

    Not those who ask for heads only, browsers that fetch ahead, and programs that say what
    they are.
    """
    ahead = any("prefetch" in str(environ.get(name, "")).lower() for name in PREFETCHES)
    return (
        environ.get("REQUEST_METHOD") == "GET"
        and not ahead
        and not MACHINES.search(environ.get("HTTP_USER_AGENT", ""))
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What was looked at on a day: a campaign by its slug, or a slot by its uid."""

    day: date
    step: Step
    name: str
    tag: str = ""


@dataclass(slots=True)
class Row:
    """How many went each step, of one source, county or school; None where nobody can know."""

    name: str
    key: str = ""
    viewed: int | None = 0
    opened: int | None = 0
    held: int = 0
    confirmed: int = 0
    arrived: int = 0
    minutes: int = 0

    @property
    def hours(self) -> float:
        return round(self.minutes / 60, 1)

    def add(self, other: "Row") -> None:
        """Add what another row counts."""
        self.viewed = _sum(self.viewed, other.viewed)
        self.opened = _sum(self.opened, other.opened)
        self.held += other.held
        self.confirmed += other.confirmed
        self.arrived += other.arrived
        self.minutes += other.minutes

    @property
    def steps(self) -> list[int]:
        """The people of each step that is known."""
        known = [one for one in (self.viewed, self.opened) if one is not None]
        return [*known, self.held, self.confirmed, self.arrived]


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def share(part: int, whole: int) -> int | None:
    """Return how many of a hundred went on; None without anybody to begin with.

    More than a hundred where a step was reached without the one before.
    """
    return round(100 * part / whole) if whole else None


@dataclass(frozen=True, slots=True)
class Grouped:
    """A row of a query, with what it can be grouped by."""

    source: str
    county: str
    school: str
    row: Row


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the page shows: the whole, and the same divided in three ways."""

    total: Row
    sources: list[Row]
    counties: list[Row]
    schools: list[Row]
    days: list[tuple[date, int, int]] = field(default_factory=list)


def folded(rows: Iterable[Grouped], by: str) -> dict[str, Row]:
    """Return the rows added up by one of their names."""
    found: dict[str, Row] = {}
    for one in rows:
        name = str(getattr(one, by))
        found.setdefault(name, Row(name, name)).add(one.row)
    return found


def kept_small(counts: "Counter[Seen]", one: Seen) -> Seen:
    """Return the counter to use: invented tags must not fill the memory."""
    if one.tag and one not in counts and len(counts) >= MOST_KEYS:
        return Seen(one.day, one.step, one.name)
    return one
