"""How waiting is told: in the bands in which children are matched, by days, and as a share.

What somebody outside of a county is told follows the rule for public numbers: small ones are left
out, with a second one where it could be worked out, and the rest is rounded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from campaigns.rules import publishable, publishable_total
from children.rules import Risk
from pairings.matching.model import OVERDUE_DAYS

RISKY = (Risk.MID_HIGH, Risk.HIGH)
MONTHS = 6


class Band(StrEnum):
    """In the order in which children are matched (pairings.matching.weighing)."""

    OVERDUE = "overdue"
    RISKY = "risky"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Told:
    """How many, and how long in days; None is not told."""

    number: int | None
    median: int | None = None
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One county: who waits, who has somebody, and the share of the latter in percent."""

    name: str
    waiting: Told
    bands: Mapping[Band, Told]
    live: int | None
    share: int | None

    @property
    def told(self) -> bool:
        """Whether there is any number to show, and not all are too small to be told."""
        numbers = [self.live, self.waiting.number, *(one.number for one in self.bands.values())]
        return any(number is not None for number in numbers)


Days = Mapping[int, int]
"""How many children have waited for so many days."""


def band_of(days: int, *, risky: bool, overdue: int = OVERDUE_DAYS) -> Band:
    if days >= overdue:
        return Band.OVERDUE
    return Band.RISKY if risky else Band.OTHER


def told(days: Days) -> Told:
    """Return number, lower median and longest."""
    number = sum(days.values())
    if not number:
        return Told(0)
    before = 0
    for day in sorted(days):
        before += days[day]
        if 2 * before >= number:
            return Told(number, day, max(days))
    raise AssertionError(days)  # pragma: no cover - the last day reaches all of them


def together(bands: Iterable[Days]) -> Days:
    found: dict[int, int] = {}
    for days in bands:
        for day, number in days.items():
            found[day] = found.get(day, 0) + number
    return found


def line(name: str, bands: Mapping[Band, Days], live: int) -> Line:
    """Return a county as those see it who answer for it."""
    waiting = told(together(bands.values()))
    needing = live + (waiting.number or 0)
    return Line(
        name,
        waiting,
        {band: told(bands.get(band, {})) for band in Band},
        live,
        100 * live // needing if needing else None,
    )


def seen_from_outside(one: Line) -> Line:
    """Return the same without small numbers, and without what small numbers could be told by."""
    order = tuple(Band)
    table = publishable({at: one.bands[band].number or 0 for at, band in enumerate(order)})
    live, waits = publishable_total(one.live or 0).shown, table.total.shown
    whole = all(table.cells[at].shown is not None for at, _band in enumerate(order))
    return Line(
        one.name,
        _outside(one.waiting, waits) if whole or not waits else Told(waits),
        {band: _outside(one.bands[band], table.cells[at].shown) for at, band in enumerate(order)},
        live,
        100 * live // (live + waits) if live and waits else None,
    )


def _outside(band: Told, shown: int | None) -> Told:
    return Told(None) if shown is None else Told(shown, band.median, band.longest)


@dataclass(frozen=True, slots=True)
class Month:
    """How long those waited who were proposed a team in a month."""

    first: date
    waited: Told


def months(rows: Sequence[tuple[date, date, int]], today: date) -> list[Month]:
    """Return the last months, this one included, from rows of proposed on, open since, number.

    Who was opened again later has no known wait before that and does not count.
    """
    found: dict[date, dict[int, int]] = {first: {} for first in last_months(today)}
    for on, since, number in rows:
        days, first = (on - since).days, on.replace(day=1)
        if days >= -1 and first in found:  # one: a morning here is the day before by UTC
            found[first][max(0, days)] = found[first].get(max(0, days), 0) + number
    return [Month(first, told(days)) for first, days in found.items()]


def last_months(today: date) -> list[date]:
    """Return the first days of the last months, the earliest first."""
    number = today.year * 12 + today.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(number - MONTHS + 1, number + 1)]


def month_from_outside(month: Month) -> Month:
    number = publishable_total(month.waited.number or 0).shown
    return Month(month.first, _outside(month.waited, number))
