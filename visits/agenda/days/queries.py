"""Visits ahead whose day has turned bad since they were planned: makeup day, school, examinations.

A condition, so that the count and the list are one: what `open_hours` says of a day in a county is
turned into the hours of it that are closed, and for whom.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, false, or_

from accounts.rules import Actor, Role
from core import clock
from core.zone import CHINA
from places.days.queries import between
from places.days.rules import DayKind
from visits.limits.queries import limits_on
from visits.limits.rules import Limits
from visits.models import Visit
from visits.planning.rules import Visited, Why, open_hours
from visits.queries import of_pupils
from visits.rules import AHEAD

WATCHED = timedelta(days=28)
PUPIL, BOARDER = (Visited(girl=False, school_age=True, boarding=one) for one in (False, True))


def turned_bad(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a visit of the coming weeks stands against its day's rules.

    In the counties somebody coordinates; whoever coordinates none has none.
    """
    today = clock.today()
    counties = {one.area_id for one in actor.reaches(Role.COORDINATOR)}
    special = between(today, today + WATCHED) if counties else {}
    kinds = {day: one.kind for day, one in special.items()}
    closed = [
        and_(
            Visit.county_id == county_id, or_(false(), *_closed(limits_on(today, county_id), kinds))
        )
        for county_id in sorted(one for one in counties if one)
    ]
    return Visit.state.in_(AHEAD) & (Visit.starts_at > clock.now()) & or_(false(), *closed)


def _closed(limits: Limits, kinds: dict[date, DayKind]) -> Iterator[ColumnElement[bool]]:
    """Yield what is closed of each of the coming days."""
    pupils, boarders = of_pupils(boarding=False), of_pupils(boarding=True)
    for day in (clock.today() + timedelta(days=n) for n in range(WATCHED.days + 1)):
        kind = kinds.get(day)
        if kind is DayKind.MAKEUP_WORKDAY:
            yield _begins(day, None)
            continue
        for child, theirs in ((PUPIL, pupils), (BOARDER, boarders)):
            hours = open_hours(day, child, kind, limits)
            if isinstance(hours, Why) or limits.in_exams(day):
                yield _begins(day, None) & theirs
            elif hours[0] > limits.first:
                yield _begins(day, hours[0]) & theirs


def _begins(day: date, before: time | None) -> ColumnElement[bool]:
    """Return the condition that a visit begins on a day, before a time if one is given."""
    start = datetime.combine(day, time(), CHINA)
    end = datetime.combine(day, before, CHINA) if before else start + timedelta(days=1)
    return and_(Visit.starts_at >= start, Visit.starts_at < end)
