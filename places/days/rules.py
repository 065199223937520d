"""Working days and terms, holidays and makeup days. Nothing here reads a clock or a database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class DayKind(StrEnum):
    HOLIDAY = "holiday"
    MAKEUP_WORKDAY = "makeup_workday"


class TimeKind(StrEnum):
    """What a stretch of school days is."""

    TERM = "term"
    EXAMS = "exams"


AHEAD = timedelta(days=90)
"""How far ahead plans are made: until then days should be announced, not expected."""
Days = tuple[date, date]
"""The first and the last day of a stretch, both included."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is only expected of the days ahead: single days, and years nobody has announced."""

    days: tuple[date, ...]
    years: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.days or self.years)


def doubt(today: date, days: Mapping[date, bool], announced: Iterable[int]) -> Doubt:
    """Return what is in doubt of the days ahead.

    `days` says of each special day ahead whether it is confirmed; `announced` are the years of
    which an official list is kept.
    """
    years = {today.year, (today + AHEAD).year} - set(announced)
    return Doubt(tuple(sorted(day for day, sure in days.items() if not sure)), tuple(sorted(years)))


def overlaps(one: Days, other: Days) -> bool:
    """Whether two stretches have a day in common."""
    return one[0] <= other[1] and other[0] <= one[1]


def is_worked(day: date, kinds: Mapping[date, DayKind]) -> bool:
    """Whether offices work on a day: Monday to Friday but holidays, and makeup weekends."""
    kind = kinds.get(day)
    return kind is DayKind.MAKEUP_WORKDAY or (kind is None and day.weekday() < 5)


def due(start: date, working_days: int, kinds: Mapping[date, DayKind]) -> date:
    """Return the last day of a term of working days; the day it starts on is not counted.

    The first working day after `start` is day 1 (domain.md "Working-day clocks").
    """
    day, left = start, working_days
    while left > 0:
        day += timedelta(days=1)
        left -= is_worked(day, kinds)
    return day
