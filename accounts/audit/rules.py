"""When the audit is checked and when the yearly package is due. Nothing here reads a clock."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from core.zone import CHINA


def is_due_tonight(now: datetime, hour: int) -> bool:
    """Whether the nightly check may run: from that hour in China until noon."""
    return hour <= now.astimezone(CHINA).hour < 12


def year_of(year: int) -> tuple[datetime, datetime]:
    """Return when a year begins in China and when the next one does."""
    first = datetime.combine(date(year, 1, 1), time(), CHINA)
    return first, datetime.combine(date(year + 1, 1, 1), time(), CHINA)


def due_on(today: date, due_day: int) -> date:
    """Return the day in this January by which the package of the past year is due."""
    return date(today.year, 1, 1) + timedelta(days=due_day - 1)


def reminder_on(today: date, days: Sequence[int], due: date) -> date | None:
    """Return the day of January whose reminder is the latest one due, None outside of the time.

    A site that was off on the very day catches up, but never after the package is due.
    """
    if today > due:
        return None
    past = [day for day in days if day <= today.day] if today.month == 1 else []
    return date(today.year, 1, max(past)) if past else None
