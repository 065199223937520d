"""Days that are not what their weekday says, and when school is."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, extract, select

from core import clock
from core.db import db
from places.days.models import CalendarDay, SchoolTime
from places.days.rules import AHEAD, DayKind, Days, Doubt, TimeKind, doubt, due


def between(first: date, last: date) -> dict[date, CalendarDay]:
    """Return the holidays and makeup workdays of a stretch, both ends included."""
    found = db.session.scalars(
        select(CalendarDay).where(
            CalendarDay.day.between(first, last), CalendarDay.removed_at.is_(None)
        )
    )
    return {day.day: day for day in found}


def due_after(start: date, working_days: int) -> date:
    """Return the last day of a term of working days that begins after `start`."""
    last = start + timedelta(days=2 * working_days + 60)
    kinds = {day: special.kind for day, special in between(start, last).items()}
    return due(start, working_days, kinds)


def doubtful() -> Doubt:
    """Return what is only expected, not announced, of the days that plans are made for."""
    today = clock.today()
    days = {day.day: day.confirmed for day in between(today, today + AHEAD).values()}
    return doubt(today, days, announced({today.year, today.year + 1}))


def announced(years: Iterable[int]) -> set[int]:
    """Return those of some years of which a holiday is kept as announced."""
    year = extract("year", CalendarDay.day)
    found = db.session.scalars(
        select(year)
        .where(
            year.in_(list(years)),
            CalendarDay.kind == DayKind.HOLIDAY,
            CalendarDay.confirmed,
            CalendarDay.removed_at.is_(None),
        )
        .distinct()
    )
    return {int(year) for year in found}


def stretches_of(
    county_id: int, *, university_id: int | None = None
) -> dict[TimeKind, tuple[Days, ...]]:
    """Return the terms and examinations of a county's schools, or of a university."""
    rows = db.session.execute(
        select(SchoolTime.kind, SchoolTime.first_day, SchoolTime.last_day)
        .where(_whose(county_id, university_id))
        .order_by(SchoolTime.first_day)
    ).all()
    return {kind: tuple((row[1], row[2]) for row in rows if row[0] is kind) for kind in TimeKind}


def school_times(county_ids: Iterable[int], first: date, last: date) -> Sequence[SchoolTime]:
    """Return the terms and examinations of some counties' schools that touch some days."""
    return db.session.scalars(
        select(SchoolTime)
        .where(
            SchoolTime.area_id.in_(list(county_ids)),
            SchoolTime.org_id.is_(None),
            SchoolTime.removed_at.is_(None),
            SchoolTime.first_day <= last,
            SchoolTime.last_day >= first,
        )
        .order_by(SchoolTime.first_day, SchoolTime.id)
    ).all()


def _whose(county_id: int, university_id: int | None) -> ColumnElement[bool]:
    there = SchoolTime.removed_at.is_(None)
    if university_id is not None:
        return there & (SchoolTime.org_id == university_id)
    return there & (SchoolTime.area_id == county_id) & SchoolTime.org_id.is_(None)
