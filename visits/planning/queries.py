"""What a plan is made of and judged by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from accounts.models import Person, RoleGrant
from accounts.queries import holds_now
from accounts.rules import Actor, Role
from children.consents.queries import lacking
from core import clock
from core.db import AnyRow, db
from core.errors import NotYours
from core.zone import CHINA
from pairings.intro.services import plannable as open_to_visits
from pairings.models import Pairing
from pairings.rules import Stage
from places.days.models import CalendarDay
from places.days.queries import between
from places.queries import within
from visits import queries
from visits.busy.queries import busy_of
from visits.conditions.queries import conditions
from visits.groups.rules import ALONE, Company
from visits.limits.queries import limits_on
from visits.limits.rules import Limits
from visits.models import Party, Visit
from visits.planning.rules import (
    OF_THE_DAY,
    Busy,
    Facts,
    Member,
    Plan,
    Problem,
    Why,
    open_hours,
    problems,
)
from visits.rules import OPEN, UNDECIDED, VOID
from volunteers.queries import clearances
from volunteers.rules import Status
from volunteers.teams import queries as teams

DAYS_SHOWN = 28


@dataclass(frozen=True, slots=True)
class Stretch:
    """A day, or days in a row, with the hours that are open or why none are."""

    first: date
    last: date
    hours: tuple[time, time] | Why
    special: CalendarDay | None

    @property
    def closed(self) -> bool:
        return isinstance(self.hours, Why)


def plannable(pairing_uid: str, actor: Actor) -> Pairing:
    """Return a pairing whose visits somebody plans. Raises NotYours."""
    found = db.session.scalar(select(Pairing).where(Pairing.uid == pairing_uid, may_plan(actor)))
    if found is None:
        raise NotYours
    return found


def may_plan(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody plans a pairing's visits: own team's, own county's."""
    return or_(
        within(Pairing, actor.reaches(Role.COORDINATOR)),
        Pairing.team_id.in_(queries.led_teams(actor)),
    )


def pairing_of(visit: Visit) -> Pairing:
    return db.session.get_one(Pairing, visit.pairing_id)


def team(pairing: Pairing) -> Sequence[teams.Member]:
    """Return the team's current members, the leader first."""
    return teams.members([pairing.team_id])[pairing.team_id]


def local_people(pairing: Pairing, on: date) -> Sequence[AnyRow]:
    """Return who is known at the child's place and may escort: village first, then township."""
    at = or_(
        and_(RoleGrant.role == Role.CHILD_DIRECTOR, RoleGrant.area_id == pairing.village_id),
        and_(RoleGrant.role == Role.CHILD_SUPERVISOR, RoleGrant.area_id == pairing.township_id),
    )
    return db.session.execute(
        select(Person.id, Person.name, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            at,
            holds_now(),
            or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= on),
            Person.disabled_at.is_(None),
        )
        .order_by(RoleGrant.role, Person.id)
    ).all()


def to_choose(pairing: Pairing) -> tuple[Sequence[teams.Member], Sequence[AnyRow], Limits]:
    """Return who can be chosen for a visit, and the figures that hold today."""
    today = clock.today()
    return team(pairing), local_people(pairing, today), limits_on(today, pairing.county_id)


def facts(pairing: Pairing, plan: Plan, *, moved: int = 0, company: Company = ALONE) -> Facts:
    """Return what a plan is judged by; `moved` is the id of the visit that gets a new plan."""
    limits, days = limits_on(plan.day, pairing.county_id), between(plan.day, plan.day)
    return Facts(
        now=clock.now(),
        limits=limits,
        child=queries.visited(pairing.child_id),
        pairing_open=open_to_visits(pairing),
        intro_ahead=_intro_ahead(pairing, moved),
        pairing_days=(pairing.starts_on, pairing.ends_on),
        consent_lacking=bool(lacking([pairing.child_id], plan.day).get(pairing.child_id)),
        members=members_on(pairing, plan.day),
        local_ids=frozenset(row.id for row in local_people(pairing, plan.day)),
        day_kind=days[plan.day].kind if plan.day in days else None,
        busy=_busy(pairing, plan, limits, _elsewhere(moved, company)),
        child_days=child_days(pairing.child_id, plan.day, limits.days_between, moved=moved),
        conditions=conditions(pairing, plan.day, limits, moved=moved),
        company=company,
    )


def against_the_day(visit: Visit) -> tuple[list[Problem], Limits]:
    """Return what stands by now against the day and the hours of a visit, and the figures."""
    plan = Plan(
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        place_kind=visit.place_kind,
        place_text=visit.place_text,
        escort_id=0,
        member_ids=frozenset(),
    )
    known = facts(pairing_of(visit), plan, moved=visit.id)
    return [one for one in problems(plan, known) if one.why in OF_THE_DAY], known.limits


def _intro_ahead(pairing: Pairing, moved: int) -> bool:
    """Whether another visit than this one is to be the first."""
    if pairing.stage is not Stage.SCHEDULED_INTRO:
        return False
    others = select(Visit.id).where(
        Visit.pairing_id == pairing.id, Visit.id != moved, Visit.state.in_(UNDECIDED)
    )
    return db.session.scalar(others.limit(1)) is not None


def members_on(pairing: Pairing, on: date) -> dict[int, Member]:
    """Return the team by person id, as its members stand on a day."""
    found = team(pairing)
    held = clearances([one.volunteer_id for one in found], on)
    return {
        one.person_id: Member(
            sex=one.sex,
            active=one.status is Status.ACTIVE,
            cleared=held[one.volunteer_id].complete,
        )
        for one in found
    }


def _elsewhere(moved: int, company: Company) -> ColumnElement[bool]:
    """Return the condition that a visit is neither the one judged nor made together with it."""
    apart = or_(Visit.joined_id.is_(None), Visit.joined_id != company.first)
    return (Visit.id != moved) & apart if company.first else Visit.id != moved


def _busy(
    pairing: Pairing, plan: Plan, limits: Limits, elsewhere: ColumnElement[bool]
) -> tuple[Busy, ...]:
    """Return when the people and the child are at another visit, or have no time of their own."""
    around = (
        Visit.state.in_(OPEN),
        elsewhere,
        Visit.starts_at < plan.ends_at + limits.travel,
        Visit.ends_at > plan.starts_at - limits.travel,
    )
    people = db.session.execute(
        select(Party.person_id, Visit.starts_at, Visit.ends_at)
        .join(Visit, Visit.id == Party.visit_id)
        .where(Party.person_id.in_(plan.people), *around)
    )
    child = db.session.execute(
        select(Visit.starts_at, Visit.ends_at)
        .join(Pairing, Pairing.id == Visit.pairing_id)
        .where(Pairing.child_id == pairing.child_id, *around)
    )
    own_times = busy_of(plan.people, plan.starts_at - limits.travel, plan.ends_at + limits.travel)
    return (*(Busy(*row) for row in people), *(Busy(None, *row) for row in child), *own_times)


def child_days(child_id: int, day: date, apart: int, *, moved: int) -> frozenset[date]:
    """Return the days of the child's other visits near that day."""
    midnight = datetime.combine(day, time(), CHINA)
    starts = db.session.scalars(
        select(Visit.starts_at)
        .join(Pairing, Pairing.id == Visit.pairing_id)
        .where(
            Pairing.child_id == child_id,
            Visit.id != moved,
            Visit.state.not_in(VOID),
            Visit.starts_at > midnight - timedelta(days=apart),
            Visit.starts_at < midnight + timedelta(days=apart + 1),
        )
    )
    return frozenset(start.astimezone(CHINA).date() for start in starts)


def open_days(pairing: Pairing, limits: Limits, *, moved: int = 0) -> Sequence[Stretch]:
    """Return the coming days with their hours, or why there are none."""
    first = clock.today() + timedelta(days=1)
    last = first + timedelta(days=DAYS_SHOWN - 1)
    child, special = queries.visited(pairing.child_id), between(first, last)
    taken = child_days(pairing.child_id, first, DAYS_SHOWN + limits.days_between, moved=moved)
    found: list[Stretch] = []
    for ahead in range(DAYS_SHOWN):
        day = first + timedelta(days=ahead)
        kind = special[day].kind if day in special else None
        hours: tuple[time, time] | Why = open_hours(day, child, kind, limits)
        if any(abs((day - other).days) < limits.days_between for other in taken):
            hours = Why.TOO_OFTEN
        elif not pairing.starts_on <= day <= pairing.ends_on:
            hours = Why.OUTSIDE_PAIRING
        found.append(Stretch(day, day, hours, special.get(day)))
    return _joined(found)


def _joined(days: Sequence[Stretch]) -> list[Stretch]:
    """Join days in a row that are closed for one and the same reason."""
    found: list[Stretch] = []
    for day in days:
        last = found[-1] if found else None
        if last and last.closed and last.hours is day.hours and last.special is day.special:
            found[-1] = replace(last, last=day.last)
        else:
            found.append(day)
    return found
