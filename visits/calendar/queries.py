"""Visits day by day, with holidays, makeup days, terms and examinations.

The city reads numbers by county, never a visit; everybody else what the list of visits shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Select, func, select

from accounts.rules import Actor, Role
from core import clock
from core.db import AnyRow, db
from core.zone import CHINA
from places.days.models import CalendarDay, SchoolTime
from places.days.queries import between, school_times
from places.models import Area
from places.queries import area_names, reached, within
from places.rules import Level
from visits.calendar.rules import DAY, Filters, Span, hour_of
from visits.limits.queries import limits_on
from visits.models import Party, Visit
from visits.queries import STAFF, rows
from visits.rules import State

MOST = 1000
"""Visits on one page; beyond that a filter helps."""
MOST_COUNTIES = 3
"""Terms of more counties than that would fill the page: whoever looks picks one."""


@dataclass(slots=True)
class Day:
    """A day with what takes place on it; `tally` are (county, number) for the city."""

    day: date
    special: CalendarDay | None
    visits: list[AnyRow] = field(default_factory=list)
    tally: dict[int, int] = field(default_factory=dict)
    hours: dict[int, int] = field(default_factory=dict)
    notes: list[SchoolTime] = field(default_factory=list)

    @property
    def many(self) -> int:
        return len(self.visits) or sum(self.tally.values())

    def at(self, hour: int) -> list[AnyRow]:
        """Return the visits that stand in an hour of the week's grid."""
        return [row for row in self.visits if hour_of(row.starts) == hour]


@dataclass(slots=True)
class Shown:
    """What a view shows."""

    days: list[Day]
    times: Sequence[SchoolTime]
    """Terms and examinations that touch these days."""
    default_terms: tuple[tuple[date, date], ...]
    """The dated parameter, where a county has entered no term."""
    names: dict[int | None, str]
    cut: bool

    @property
    def provisional(self) -> bool:
        """Whether a special day of these is only expected, not announced."""
        return not all(one.special.confirmed for one in self.days if one.special)

    @property
    def many(self) -> int:
        return sum(one.many for one in self.days)


def counts_only(actor: Actor) -> bool:
    """Whether somebody reads numbers by county: the city, without another role of visits."""
    return actor.has(Role.CITY_COORDINATOR) and not actor.has(
        *STAFF, Role.VOLUNTEER, Role.TEAM_LEADER
    )


def shown(actor: Actor, filters: Filters, span: Span) -> Shown:
    """Return the days of a span with what somebody may see on them."""
    special = between(span.first, span.last)
    days = {day: Day(day, special.get(day)) for day in span.days}
    if counts_only(actor):
        filters = replace(filters, township_id=None, mine=False)
        cut, counties = False, _count(actor, filters, days)
    else:
        found = _visits(actor, filters, span)
        cut = len(found) > MOST
        for row in found[:MOST]:
            days[row.starts.astimezone(CHINA).date()].visits.append(row)
        counties = {row.county_id for row in found}
    times = _times(actor, filters, span, counties)
    for one in times:
        for edge in {one.first_day, one.last_day} & days.keys():
            days[edge].notes.append(one)
    names = area_names([*counties, *(one.area_id for one in times)])
    return Shown(list(days.values()), times, _default(span, times), names, cut)


def _visits(actor: Actor, filters: Filters, span: Span) -> Sequence[AnyRow]:
    """Return the visits of some days, the earliest first; called off only when asked for."""
    asked = rows(actor).where(*_during(span), *_filtered(actor, filters))
    return db.session.execute(asked.order_by(Visit.starts_at, Visit.id).limit(MOST + 1)).all()


def _count(actor: Actor, filters: Filters, days: dict[date, Day]) -> set[int]:
    """Count the visits of each day by county and hour; return the counties."""
    first, last = min(days), max(days)
    mine = within(Visit, actor.reaches(Role.CITY_COORDINATOR))
    asked: Select[*tuple[datetime, int, int]] = (
        select(Visit.starts_at, Visit.county_id, func.count())
        .where(mine, *_during(Span(first, last, first, last)), *_filtered(actor, filters))
        .group_by(Visit.starts_at, Visit.county_id)
        .order_by(Visit.starts_at, Visit.county_id)
    )
    counties = set()
    for starts, county_id, many in db.session.execute(asked):
        day, hour = days[starts.astimezone(CHINA).date()], hour_of(starts)
        day.tally[county_id] = day.tally.get(county_id, 0) + many
        day.hours[hour] = day.hours.get(hour, 0) + many
        counties.add(county_id)
    return counties


def _during(span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    start, end = (datetime.combine(day, time(), CHINA) for day in (span.first, span.last))
    return Visit.starts_at >= start, Visit.starts_at < end + DAY


def _filtered(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    found = [Visit.state == filters.state if filters.state else Visit.state != State.CANCELLED]
    if filters.county_id:
        found.append(Visit.county_id == filters.county_id)
    if filters.township_id:
        found.append(Visit.township_id == filters.township_id)
    if filters.place:
        found.append(Visit.place_kind == filters.place)
    if filters.mine:
        mine = select(Party.visit_id).where(Party.person_id == actor.id)
        found.append(Visit.id.in_(mine))
    return found


def _times(actor: Actor, filters: Filters, span: Span, counties: set[int]) -> Sequence[SchoolTime]:
    """Return the school times of the counties at hand, when they are few."""
    own = {one.area_id for one in actor.reaches(*STAFF) if one.level is Level.COUNTY}
    wanted = {filters.county_id} if filters.county_id else counties | own
    if not 0 < len(wanted) <= MOST_COUNTIES:
        return []
    return school_times([one for one in wanted if one], span.first, span.last)


def _default(span: Span, times: Sequence[SchoolTime]) -> tuple[tuple[date, date], ...]:
    if times:
        return ()
    terms = limits_on(clock.today()).terms
    return tuple(one for one in terms if one[0] <= span.last and one[1] >= span.first)


def places_to_choose(actor: Actor, county_id: int | None) -> tuple[list[Area], list[Area]]:
    """Return the counties and townships that somebody can narrow the calendar down to."""
    reaches = actor.reaches(*STAFF, Role.CITY_COORDINATOR)
    wide = [one for one in reaches if one.level in {Level.COUNTY, Level.CITY}]
    if not wide:
        return [], []
    counties = {
        area.id: area
        for reach in wide
        for area in db.session.scalars(
            select(Area)
            .where(Area.level == Level.COUNTY, reached(Area.id, reach))
            .order_by(Area.nbs_code)
        )
    }
    one = county_id if county_id in counties else next(iter(counties), None)
    narrow = county_id in counties or len(counties) == 1
    townships = select(Area).where(Area.level == Level.TOWNSHIP, Area.parent_id == one)
    if not narrow or counts_only(actor):
        return list(counties.values()), []
    below = db.session.scalars(townships.order_by(Area.nbs_code)).all()
    return list(counties.values()), list(below)
