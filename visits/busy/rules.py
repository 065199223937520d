"""When somebody is busy, by the rules of their own calendar (RFC 5545, section 3.3.10).

Written to be bounded: a rule from outside may name days that never come, or every second of a
century, and libraries look for them until the year 9999. Here each rule is asked period by period
up to the horizon, and whatever it asks costs at most `STEPS`. The parts that people's calendars
write are understood; a rule with any other part is refused, never guessed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
AHEAD = timedelta(days=90)
"""How far ahead a calendar is read: visits are planned no further."""
STEPS = 20_000
"""Periods of one rule that are looked at: more than fifty years of days."""
Range = tuple[datetime, datetime]


class NotUnderstood(Exception):
    """A rule has a part that is not read, or goes on for too long."""


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
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0


def days(repeat: Repeat, first: date, last: date, *, since: date = date.min) -> Iterator[date]:
    """Return the days of a rule that begins on `first`, in their order, up to `last`.

    Periods over before `since` are passed by unread, unless the rule counts its days.
    Raises NotUnderstood when it began too long ago to be walked through.
    """
    until = min(last, repeat.until or last)
    left = repeat.count
    for number in range(STEPS):
        period = _period(repeat, first, number)
        if period is None or period[0] > until:
            return
        if period[1] < since and repeat.count is None:
            continue
        for day in _chosen(repeat, first, period):
            if day < first:
                continue
            if day > until or left == 0:
                return
            yield day
            left = None if left is None else left - 1
    raise NotUnderstood


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
    places = {one - 1 if one > 0 else len(fits) + one for one in repeat.positions}
    return [day for place, day in enumerate(fits) if place in places]


def _every(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _fits(repeat: Repeat, first: date, day: date) -> bool:
    if repeat.months and day.month not in repeat.months:
        return False
    if repeat.month_days and not _on_month_day(day, repeat.month_days):
        return False
    if repeat.weekdays:
        return any(_on_weekday(repeat, day, which, one) for which, one in repeat.weekdays)
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


def _on_month_day(day: date, month_days: tuple[int, ...]) -> bool:
    length = _month(day.year, day.month)[1].day
    return any(day.day == (one if one > 0 else length + 1 + one) for one in month_days)


def _on_weekday(repeat: Repeat, day: date, which: int, weekday: int) -> bool:
    """Whether a day is that weekday; the n-th of its month or year where the rule says so."""
    if day.weekday() != weekday:
        return False
    if which == 0:
        return True
    begins, ends = _month(day.year, day.month)
    if repeat.frequency is Frequency.YEARLY and not repeat.months:
        begins, ends = date(day.year, 1, 1), date(day.year, 12, 31)
    found = (day - begins).days // 7 + 1 if which > 0 else -((ends - day).days // 7 + 1)
    return found == which


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
