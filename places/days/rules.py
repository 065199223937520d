"""Working days, with holidays and makeup days. Nothing here reads a clock or a database."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum


class DayKind(StrEnum):
    HOLIDAY = "holiday"
    MAKEUP_WORKDAY = "makeup_workday"


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
