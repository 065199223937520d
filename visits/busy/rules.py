"""When somebody is busy, by the rules of their own calendar (RFC 5545, section 3.3.10).

Written to be bounded: a rule from outside may name days that never come, or every second of a
century, and libraries look for them until the year 9999. Here each rule is asked period by period
up to the horizon, a day costs the same however long its lists are, and all rules of a file share
one amount of work. The parts that people's calendars write are understood; a rule with any other
part is refused, never guessed.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice

DAY = timedelta(days=1)
AHEAD = timedelta(days=90)
"""How far ahead a calendar is read: visits are planned no further."""
STEPS = 20_000
"""Periods of one rule that are looked at: more than fifty years of days."""
COUNTED = timedelta(days=3_653)
"""A rule that still counts its days ten years on is not read: each of them has to be walked."""
MOST_WORK = 300_000
"""Days and periods of one file that are looked at."""
Range = tuple[datetime, datetime]


class NotUnderstood(Exception):
    """A rule has a part that is not read, or goes on for too long."""


class TooMuchWork(Exception):
    """The rules of one file together ask for more days than are looked at."""


@dataclass(slots=True)
class Work:
    """What may still be looked at, whichever rule asks for it."""

    left: int = MOST_WORK

    def spend(self, many: int) -> None:
        """Take a part of what is left. Raises TooMuchWork."""
        self.left -= many
        if self.left < 0:
            raise TooMuchWork


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Repeat:
    """How an event comes again. `weekdays` are (which, Monday = 0); 0 means each of the period."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None
    weekdays: frozenset[tuple[int, int]] = frozenset()
    month_days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()
    week_start: int = 0


def days(
    repeat: Repeat,
    first: date,
    last: date,
    *,
    since: date = date.min,
    work: Work | None = None,
) -> Iterator[date]:
    """Return the days of a rule that begins on `first`, in their order, up to `last`.

    What is over before `since` is passed by unread, unless the rule counts its days.
    Raises NotUnderstood when it began too long ago to be walked through, TooMuchWork.
    """
    work = work or Work()
    until, left = min(last, repeat.until or last), repeat.count
    passed = _passed(repeat, first, since)
    for number in range(passed, passed + STEPS):
        period = _period(repeat, first, number)
        if period is None or period[0] > until or (left is not None and left <= 0):
            return
        if left is not None and period[0] - first > COUNTED:
            raise NotUnderstood
        span = _looked_at(repeat, (max(first, since), until), first, period)
        work.spend(1 + max(0, (span[1] - span[0]).days + 1))
        found = (day for day in _chosen(repeat, first, span) if first <= day <= until)
        for day in islice(found, left):
            yield day
            left = None if left is None else left - 1
    raise NotUnderstood


def _passed(repeat: Repeat, first: date, since: date) -> int:
    """Return how many periods lie before a day for certain; none where days are counted."""
    if repeat.count is not None or since <= first:
        return 0
    gone = (since - first).days
    months = (since.year - first.year) * 12 + since.month - first.month
    periods = {
        Frequency.DAILY: gone,
        Frequency.WEEKLY: gone // 7,
        Frequency.MONTHLY: months,
        Frequency.YEARLY: since.year - first.year,
    }
    return periods[repeat.frequency] // repeat.interval


def _looked_at(
    repeat: Repeat, wanted: tuple[date, date], first: date, period: tuple[date, date]
) -> tuple[date, date]:
    """Return which days of a period have to be looked at: all, where the rule takes the n-th."""
    if repeat.positions:
        return period
    begins = first if repeat.count is not None else wanted[0]
    return max(period[0], begins), min(period[1], wanted[1])


def _period(repeat: Repeat, first: date, number: int) -> tuple[date, date] | None:
    """Return the first and last day of the n-th period from the beginning; None after all time."""
    steps = number * repeat.interval
    try:
        if repeat.frequency is Frequency.DAILY:
            day = first + steps * DAY
            return day, day
        if repeat.frequency is Frequency.WEEKLY:
            monday = first - ((first.weekday() - repeat.week_start) % 7) * DAY
            return monday + 7 * steps * DAY, monday + (7 * steps + 6) * DAY
        if repeat.frequency is Frequency.YEARLY:
            return date(first.year + steps, 1, 1), date(first.year + steps, 12, 31)
        month = first.month - 1 + steps
        return _month(first.year + month // 12, month % 12 + 1)
    except (OverflowError, ValueError):
        return None


def _month(year: int, month: int) -> tuple[date, date]:
    begins = date(year, month, 1)
    return begins, (begins + 31 * DAY).replace(day=1) - DAY


def _chosen(repeat: Repeat, first: date, period: tuple[date, date]) -> list[date]:
    fits = [day for day in _every(*period) if _fits(repeat, first, day)]
    if not repeat.positions:
        return fits
    many, wanted = len(fits), repeat.positions
    return [day for n, day in enumerate(fits) if n + 1 in wanted or n - many in wanted]


def _every(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _fits(repeat: Repeat, first: date, day: date) -> bool:
    if repeat.months and day.month not in repeat.months:
        return False
    if repeat.month_days and not _on_month_day(day, repeat.month_days):
        return False
    if repeat.weekdays:
        return _on_weekday(repeat, day)
    return bool(repeat.month_days) or _as_the_first(repeat, first, day)


def _as_the_first(repeat: Repeat, first: date, day: date) -> bool:
    """Whether a day is like the first one, where the rule says nothing more."""
    if repeat.frequency is Frequency.WEEKLY:
        return day.weekday() == first.weekday()
    if repeat.frequency is Frequency.MONTHLY:
        return day.day == first.day
    if repeat.frequency is Frequency.YEARLY:
        return day.day == first.day and (bool(repeat.months) or day.month == first.month)
    return True


def _on_month_day(day: date, month_days: frozenset[int]) -> bool:
    length = monthrange(day.year, day.month)[1]
    return day.day in month_days or day.day - length - 1 in month_days


def _on_weekday(repeat: Repeat, day: date) -> bool:
    """Whether a day is one of those weekdays, or the n-th such of its month or year."""
    one = day.weekday()
    if (0, one) in repeat.weekdays:
        return True
    begins, ends = _month(day.year, day.month)
    if repeat.frequency is Frequency.YEARLY and not repeat.months:
        begins, ends = date(day.year, 1, 1), date(day.year, 12, 31)
    forward, back = (day - begins).days // 7 + 1, -((ends - day).days // 7 + 1)
    return (forward, one) in repeat.weekdays or (back, one) in repeat.weekdays


def joined(ranges: Iterable[Range], first: datetime, last: datetime) -> list[Range]:
    """Return the ranges within a span, those that touch or overlap made one, in their order."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        begins, ends = max(start, first), min(end, last)
        if begins >= ends:
            continue
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found
