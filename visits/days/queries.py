"""Days that are not what their weekday says."""

from datetime import date

from sqlalchemy import select

from core.db import db
from visits.models import CalendarDay


def between(first: date, last: date) -> dict[date, CalendarDay]:
    """Return the holidays and makeup workdays of a stretch, both ends included."""
    found = db.session.scalars(select(CalendarDay).where(CalendarDay.day.between(first, last)))
    return {day.day: day for day in found}
