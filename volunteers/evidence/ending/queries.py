"""Whose clearance ends within a month, because something runs out or more is asked for soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select

from accounts.models import Person
from core.db import db
from volunteers.evidence.ending.rules import STAGES
from volunteers.evidence.needs.queries import needs_on
from volunteers.evidence.queries import cleared
from volunteers.models import Volunteer
from volunteers.rules import Status


@dataclass(frozen=True, slots=True)
class Ending:
    """An active volunteer, and the last day on which everything asked for holds."""

    volunteer_id: int
    uid: str
    person_id: int
    county_id: int
    name: str
    last: date


def endings(today: date) -> Sequence[Ending]:
    """Return whose clearance holds today and ends within the longest notice, by number."""
    active = select(Volunteer.id).where(Volunteer.status == Status.ACTIVE)
    horizon = today + timedelta(days=max(STAGES))
    change = asked_anew(today, horizon + timedelta(days=1))
    held = cleared(active, today)
    then = cleared(active, change or today).alias("then")
    columns = (Volunteer.id, Volunteer.uid, Volunteer.person_id, Volunteer.county_id, Person.name)
    listed = (
        select(*columns, held.c.until, then.c.volunteer_id.is_(None).label("asked"))
        .join(held, held.c.volunteer_id == Volunteer.id)
        .join(Person, Person.id == Volunteer.person_id)
        .outerjoin(then, then.c.volunteer_id == Volunteer.id)
        .where(or_(held.c.until <= horizon, then.c.volunteer_id.is_(None)))
        .order_by(Volunteer.id)
    )
    found = []
    for row in db.session.execute(listed):
        ends = [row.until] if row.until else []
        if change and row.asked:
            ends.append(change - timedelta(days=1))
        found.append(Ending(row.id, row.uid, row.person_id, row.county_id, row.name, min(ends)))
    return found


def asked_anew(today: date, until: date) -> date | None:
    """Return the first day until a day from which more is asked for than today."""
    now = needs_on(today)
    for ahead in range(1, (until - today).days + 1):
        day = today + timedelta(days=ahead)
        then = needs_on(day)
        if then.everybody > now.everybody or then.studies > now.studies:
            return day
    return None
