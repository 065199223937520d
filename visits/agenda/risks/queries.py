"""Visits ahead that somebody may not come to: their clearance ends before the day.

A condition, so that the count and the list are one.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, false, or_, select

from accounts.rules import Actor, Role
from core import clock
from core.zone import CHINA
from places.queries import within
from visits.models import Party, Visit
from visits.rules import AHEAD
from volunteers.evidence.queries import cleared
from volunteers.models import Volunteer
from volunteers.rules import Status

WATCHED = timedelta(days=28)


def uncleared(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a volunteer of a visit of the coming weeks will not be cleared.

    Where somebody coordinates; whoever coordinates nowhere has none.
    """
    reaches = actor.reaches(Role.COORDINATOR)
    if not reaches:
        return false()
    today = clock.today()
    soon = and_(
        Visit.state.in_(AHEAD),
        Visit.starts_at > clock.now(),
        Visit.starts_at < clock.now() + WATCHED,
        within(Visit, reaches),
    )
    coming = select(Party.volunteer_id).join(Visit, Visit.id == Party.visit_id).where(soon)
    held = cleared(coming, today)
    ends_before = (
        and_(Visit.starts_at >= datetime.combine(day, time(), CHINA), held.c.until < day)
        for day in (today + timedelta(days=n) for n in range(WATCHED.days + 1))
    )
    risky = (
        select(Party.visit_id)
        .join(Visit, Visit.id == Party.visit_id)
        .join(Volunteer, Volunteer.id == Party.volunteer_id)
        .outerjoin(held, held.c.volunteer_id == Volunteer.id)
        .where(
            soon,
            or_(Volunteer.status != Status.ACTIVE, held.c.volunteer_id.is_(None), *ends_before),
        )
    )
    return Visit.id.in_(risky)
