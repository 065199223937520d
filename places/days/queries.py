"""Days that are not what their weekday says."""

from datetime import date, timedelta

from sqlalchemy import select

from core.db import db
from places.days.models import CalendarDay
from places.days.rules import due


def between(first: date, last: date) -> dict[date, CalendarDay]:
    """Return the holidays and makeup workdays of a stretch, both ends included."""
    found = db.session.scalars(select(CalendarDay).where(CalendarDay.day.between(first, last)))
    return {day.day: day for day in found}


def due_after(start: date, working_days: int) -> date:
    """Return the last day of a term of working days that begins after `start`."""
    last = start + timedelta(days=2 * working_days + 60)
    kinds = {day: special.kind for day, special in between(start, last).items()}
    return due(start, working_days, kinds)
