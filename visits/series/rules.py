"""On which days a series of visits falls. Nothing here reads a clock or a database.

A series keeps what people said: a rule in RFC 5545's words and the time on the wall of its zone.
Moments follow from that (reminders.md §5.1), so that nothing shifts when an offset does.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from places.days.rules import DayKind

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = f"(?:{'|'.join(DAYS)})"
READABLE = re.compile(
    rf"(?:FREQ=WEEKLY(?:;INTERVAL=[1-9]\d?)?;BYDAY={_DAY}"
    rf"|FREQ=MONTHLY(?:;INTERVAL=[1-9]\d?)?;(?:BYDAY=(?:[1-4]|-1){_DAY}"
    r"|BYMONTHDAY=(?:[1-9]|[12]\d|3[01]))"
    r"|FREQ=YEARLY;BYMONTH=(?:[1-9]|1[0-2]);BYMONTHDAY=(?:[1-9]|[12]\d))",
    re.ASCII,
)
"""The rules a series may have; each names a day that comes again, so that no search is endless."""
FARTHEST_SHIFT = 13


class Rhythm(StrEnum):
    """What the form offers; the day itself comes from the first visit."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    MONTHLY_BY_DATE = "monthly_by_date"


class HolidayPolicy(StrEnum):
    """What becomes of a visit on a holiday or a makeup workday."""

    SKIP = "skip"
    SHIFT = "shift"
    KEEP = "keep"


class Outcome(StrEnum):
    """What became of one of the series' days."""

    PLANNED = "planned"
    REFUSED = "refused"
    """A rule stands against it: tried again each hour until somebody decides or it is over."""
    SKIPPED = "skipped"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Pattern:
    """When visits recur: the rule, its first day, and the time on the wall."""

    rule: str
    first: date
    start: time
    policy: HolidayPolicy
    zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        if not READABLE.fullmatch(self.rule):
            raise ValueError("a rule that no series may have")
        ZoneInfo(self.zone)


def rule_of(rhythm: Rhythm, first: date) -> str:
    """Return the rule of a rhythm that begins on a day.

    The fifth Saturday of a month is its last: other months have no fifth.
    """
    day, nth = DAYS[first.weekday()], (first.day - 1) // 7 + 1
    return {
        Rhythm.WEEKLY: f"FREQ=WEEKLY;BYDAY={day}",
        Rhythm.FORTNIGHTLY: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day}",
        Rhythm.MONTHLY: f"FREQ=MONTHLY;BYDAY={nth if nth < 5 else -1}{day}",
        Rhythm.MONTHLY_BY_DATE: f"FREQ=MONTHLY;BYMONTHDAY={first.day}",
    }[rhythm]


def occurrences(pattern: Pattern, since: date, until: date) -> Iterator[datetime]:
    """Yield the local starts from one day until another, both included.

    A month without a 29th has no visit then, as RFC 5545 says; nothing is moved to the 28th.
    """
    begin = datetime.combine(pattern.first, pattern.start)
    end = datetime.combine(until, time.max)
    if begin > end:
        return
    found = takewhile(lambda one: one <= end, rrulestr(pattern.rule, dtstart=begin))
    yield from (one for one in found if one.date() >= since)


def key_of(local: datetime) -> str:
    """Return what names an occurrence for good, wherever it is moved to."""
    return f"{local:%Y-%m-%dT%H:%M}"


def moment(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone))


def settled(
    local: datetime,
    policy: HolidayPolicy,
    kinds: Mapping[date, DayKind],
    fits: Callable[[datetime], bool],
) -> datetime | None:
    """Return when an occurrence takes place, or None when it is left out.

    Shifted, it goes to the next ordinary day on which that time fits, within two weeks.
    """
    if policy is HolidayPolicy.KEEP or local.date() not in kinds:
        return local
    if policy is HolidayPolicy.SKIP:
        return None
    later = (local + timedelta(days=days) for days in range(1, FARTHEST_SHIFT + 1))
    return next((one for one in later if one.date() not in kinds and fits(one)), None)
