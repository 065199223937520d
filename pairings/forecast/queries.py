"""Which pairings end in the days ahead: those of a county one by one, those of a city in numbers.

A pairing ends on the first of three days: the last one agreed on, the one on which the first
member's studies end who counts as a student now, and the last one on which every member is cleared.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, case, func, literal, select

from accounts.rules import Actor, Role
from children.models import Child
from core import clock
from core.db import AnyRow, db
from core.paging import Page, page_of
from pairings.forecast.rules import Month, Why, months
from pairings.models import Pairing
from pairings.rules import BEGUN, Stage
from places.models import Area
from places.queries import within
from volunteers.evidence.queries import cleared
from volunteers.models import Volunteer
from volunteers.students.models import StudentStatus
from volunteers.students.queries import holds
from volunteers.teams.models import Team, TeamMember

NEVER = date(9999, 12, 31)


def of_city(actor: Actor) -> bool:
    """Whether somebody answers for a whole city and sees numbers only."""
    return not actor.has(Role.COORDINATOR)


def by_month(actor: Actor, days: int) -> list[Month]:
    """Return how many pairings end in each month ahead, in one query."""
    today, outside = clock.today(), of_city(actor)
    last = today + timedelta(days=days)
    reaches = actor.reaches(Role.CITY_COORDINATOR if outside else Role.COORDINATOR)
    ends = _ends(within(Pairing, reaches), today)
    rows = db.session.execute(
        select(ends.c.on, ends.c.why, func.count())
        .where(ends.c.on <= last)
        .group_by(ends.c.on, ends.c.why)
    ).all()
    told = [(on, Why(why), many) for on, why, many in rows]
    return months(told, today, last, outside=outside)


def ending(actor: Actor, days: int, *, after: str | None) -> Page[AnyRow]:
    """Return a page of a coordinator's pairings that end in the days ahead, the soonest first."""
    today = clock.today()
    ends = _ends(within(Pairing, actor.reaches(Role.COORDINATOR)), today)
    return page_of(
        select(
            Pairing.uid,
            Pairing.stage,
            Pairing.goodbye_on,
            ends.c.why,
            Child.alias,
            Team.name.label("team"),
            Area.name,
            Area.name_en,
        )
        .join(ends, ends.c.pairing_id == Pairing.id)
        .join(Child, Child.id == Pairing.child_id)
        .join(Team, Team.id == Pairing.team_id)
        .outerjoin(Area, Area.id == Pairing.township_id)
        .where(ends.c.on <= today + timedelta(days=days)),
        [ends.c.on, Pairing.id],
        after=after,
    )


def foreseen(since: date, last: date) -> Sequence[AnyRow]:
    """Return (uid, team, county, day) of what ends after one day and until another, anywhere.

    Not what is being ended already, nor what ends for want of checks: of these people are told
    elsewhere.
    """
    ends = _ends(Pairing.stage != Stage.ENDING, clock.today())
    return db.session.execute(
        select(Pairing.uid, Pairing.team_id, Pairing.county_id, ends.c.on)
        .join(ends, ends.c.pairing_id == Pairing.id)
        .where(ends.c.on > since, ends.c.on <= last, ends.c.why != Why.CLEARANCE)
        .order_by(Pairing.id)
    ).all()


def _ends(these: ColumnElement[bool], on: date) -> CTE:
    """Return (pairing_id, on, why) of those pairings that are under way."""
    here = (these, Pairing.stage.in_(BEGUN))
    studies, checks = _studies(here, on), _checks(here, on)
    until = func.coalesce(studies.c.until, literal(NEVER))
    held = func.coalesce(checks.c.until, literal(NEVER))
    first: ColumnElement[bool] = (until < Pairing.ends_on) & (until <= held)
    second: ColumnElement[bool] = held < Pairing.ends_on
    return (
        select(
            Pairing.id.label("pairing_id"),
            case((first, until), (second, held), else_=Pairing.ends_on).label("on"),
            case((first, Why.STUDIES), (second, Why.CLEARANCE), else_=Why.AGREEMENT).label("why"),
        )
        .outerjoin(studies, studies.c.team_id == Pairing.team_id)
        .outerjoin(checks, checks.c.team_id == Pairing.team_id)
        .where(*here)
        .cte("ends")
    )


def _members(here: tuple[ColumnElement[bool], ...], *columns: Any) -> Select[Any]:
    teams = select(Pairing.team_id).where(*here)
    return (
        select(TeamMember.team_id, *columns)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .where(TeamMember.left_on.is_(None), TeamMember.team_id.in_(teams))
    )


def _studies(here: tuple[ColumnElement[bool], ...], on: date) -> CTE:
    """Return by team when the first student of it is none any more."""
    longest = (
        select(StudentStatus.person_id, func.max(StudentStatus.until).label("until"))
        .where(holds(on))
        .group_by(StudentStatus.person_id)
        .cte("longest")
    )
    return (
        _members(here, func.min(longest.c.until).label("until"))
        .join(longest, longest.c.person_id == Volunteer.person_id)
        .group_by(TeamMember.team_id)
        .cte("studies")
    )


def _checks(here: tuple[ColumnElement[bool], ...], on: date) -> CTE:
    """Return by team until when all of those are cleared who are cleared now."""
    held = cleared(_members(here).with_only_columns(TeamMember.volunteer_id), on)
    return (
        _members(here, func.min(held.c.until).label("until"))
        .join(held, held.c.volunteer_id == Volunteer.id)
        .group_by(TeamMember.team_id)
        .cte("checks")
    )
