"""Reading when somebody is busy out of a calendar file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar, Event

from core.zone import CHINA
from visits.busy.reading.rules import BadCalendar, Wrong, bare
from visits.busy.rules import (
    Frequency,
    NotUnderstood,
    Range,
    Repeat,
    TooMuchWork,
    Work,
    days,
    joined,
)

MOST_RANGES = 2_000
MOST_OCCURRENCES = 20_000
"""Of a whole file: a rule that names every day stays far below, a hostile file does not."""
LONGEST = timedelta(days=366)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PARTS = frozenset({
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST",
})  # fmt: skip


@dataclass(slots=True)
class Found:
    """What a file says: ranges without a time to spare, and how many events are not understood."""

    ranges: list[Range]
    left_out: int = 0


@dataclass(slots=True)
class _Series:
    """The events of one UID: the one that repeats, and those that take the place of single days."""

    whole: list[Event] = field(default_factory=list)
    moved: dict[datetime, Event] = field(default_factory=dict)


def read(content: bytes, first: datetime, last: datetime) -> Found:
    """Return when a calendar says its owner is busy between two moments. Raises BadCalendar."""
    series, left_out = _by_uid(_parsed(bare(content)))
    found: list[Range] = []
    work = Work()
    for one in series:
        try:
            for held in _ranges(one, first, last, work=work):
                found.append(held)
                if len(found) > MOST_OCCURRENCES:
                    raise BadCalendar(Wrong.TOO_MANY)
        except TooMuchWork as error:
            raise BadCalendar(Wrong.TOO_MANY) from error
        except (NotUnderstood, ValueError, TypeError, OverflowError, AttributeError, KeyError):
            left_out += 1
    ranges = joined(found, first, last)
    if len(ranges) > MOST_RANGES:
        raise BadCalendar(Wrong.TOO_MANY)
    return Found(ranges, left_out)


def _parsed(text: str) -> list[Event]:
    try:
        return [one for one in Calendar.from_ical(text).walk() if isinstance(one, Event)]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise BadCalendar(Wrong.BROKEN) from error


def _by_uid(events: Iterable[Event]) -> tuple[Iterable[_Series], int]:
    """Return the events by what they belong to, and how many name a day that is none.

    One without a UID stands by itself.
    """
    named: dict[str, _Series] = defaultdict(_Series)
    broken = 0
    for number, event in enumerate(events):
        one = named[str(event.get("UID", f"#{number}"))]
        try:
            replaced = getattr(event.get("RECURRENCE-ID"), "dt", None)
        except ValueError:
            broken += 1
            continue
        if isinstance(replaced, date):
            one.moved[_moment(replaced)] = event
        else:
            one.whole.append(event)
    return named.values(), broken


def _ranges(series: _Series, first: datetime, last: datetime, *, work: Work) -> Iterator[Range]:
    for event in series.whole:
        if _takes_time(event):
            yield from _of_event(event, series.moved, (first, last), work=work)
    for event in series.moved.values():
        if _takes_time(event):
            start = _moment(_day_of(event, "DTSTART"))
            yield start, start + _length(event)


def _takes_time(event: Event) -> bool:
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    off = str(event.get("STATUS", "")).upper() == "CANCELLED"
    return not (free or off)


def _of_event(
    event: Event, moved: dict[datetime, Event], within: Range, *, work: Work
) -> Iterator[Range]:
    first, last = within
    begins, length = _day_of(event, "DTSTART"), _length(event)
    left = {_moment(one) for one in _dates(event, "EXDATE")} | set(moved)
    since = (first - length - timedelta(days=2)).date()
    repeated = _starts(event, begins, (since, last), work=work)
    for start in (*repeated, *map(_moment, _dates(event, "RDATE"))):
        if start not in left and start < last and start + length > first:
            yield start, start + length


def _starts(
    event: Event, begins: date | datetime, span: tuple[date, datetime], *, work: Work
) -> Iterator[datetime]:
    """Return when an event begins, each time, on its own wall clock."""
    rules: Any = event.get("RRULE")
    if rules is None:
        yield _moment(begins)
        return
    clock = begins.timetz() if isinstance(begins, datetime) else time(tzinfo=CHINA)
    day = begins.date() if isinstance(begins, datetime) else begins
    since, last = span
    end = (last + timedelta(days=1)).date()
    for rule in rules if isinstance(rules, list) else [rules]:
        for each in days(_repeat(rule, begins), day, end, since=since, work=work):
            yield _moment(datetime.combine(each, clock))


def _repeat(rule: Any, begins: date | datetime) -> Repeat:
    """Return a rule as it is understood. Raises NotUnderstood, ValueError."""
    if set(rule) - PARTS:
        raise NotUnderstood
    frequency = Frequency(str(rule["FREQ"][0]))
    weekdays = frozenset(_weekday(str(one)) for one in rule.get("BYDAY", ()))
    in_months = frequency in {Frequency.MONTHLY, Frequency.YEARLY}
    if any(which for which, _day in weekdays) and not in_months:
        raise NotUnderstood
    return Repeat(
        frequency,
        interval=max(1, int(rule.get("INTERVAL", [1])[0])),
        count=int(rule["COUNT"][0]) if "COUNT" in rule else None,
        until=_until(rule["UNTIL"][0], begins) if "UNTIL" in rule else None,
        weekdays=weekdays,
        month_days=frozenset(int(one) for one in rule.get("BYMONTHDAY", ())),
        months=frozenset(int(one) for one in rule.get("BYMONTH", ())),
        positions=frozenset(int(one) for one in rule.get("BYSETPOS", ())),
        week_start=WEEKDAYS.index(str(rule.get("WKST", ["MO"])[0])),
    )


def _weekday(text: str) -> tuple[int, int]:
    return int(text[:-2] or 0), WEEKDAYS.index(text[-2:].upper())


def _until(end: date | datetime, begins: date | datetime) -> date:
    """Return the last day on the event's own wall clock."""
    if not isinstance(end, datetime):
        return end
    if not isinstance(begins, datetime):
        return end.date()
    if end.tzinfo is not None:
        end = end.astimezone(begins.tzinfo or CHINA)
    return end.date() if end.time() >= begins.time() else end.date() - timedelta(days=1)


def _length(event: Event) -> timedelta:
    """Return how long an event lasts: a day without hours is a whole one."""
    begins = _day_of(event, "DTSTART")
    if "DTEND" in event:
        length = _moment(_day_of(event, "DTEND")) - _moment(begins)
    elif "DURATION" in event:
        told = getattr(event["DURATION"], "dt", None)
        if not isinstance(told, timedelta):
            raise NotUnderstood
        length = told
    else:
        length = timedelta(days=0 if isinstance(begins, datetime) else 1)
    return min(max(length, timedelta()), LONGEST)


def _day_of(event: Event, name: str) -> date | datetime:
    """Return what a property says of a day or moment. Raises NotUnderstood."""
    told = getattr(event.get(name), "dt", None)
    if not isinstance(told, date):
        raise NotUnderstood
    return told


def _dates(event: Event, name: str) -> Iterator[date | datetime]:
    """Return the days of a list; of a period, when it begins."""
    lists: Any = event.get(name, ())
    for one in lists if isinstance(lists, list) else [lists]:
        for each in getattr(one, "dts", ()):
            yield each.dt[0] if isinstance(each.dt, tuple) else each.dt


def _moment(value: date | datetime) -> datetime:
    """Return a moment; a day begins at midnight in China, and so does a time without a zone."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), CHINA)
    return value if value.tzinfo else value.replace(tzinfo=CHINA)
