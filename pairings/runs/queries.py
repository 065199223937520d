"""What runs have found: each for those who coordinate the children's county, or the city."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, Subquery, and_, false, func, or_, select

from accounts.rules import Actor, Role
from children.models import Child
from core import clock
from core.db import AnyRow, db
from core.scopes import find, scope
from pairings.runs.models import MatchPrice, MatchProposal, MatchRun, MatchWaiting
from pairings.runs.rules import Fate, State
from places.models import Area
from places.rules import Level, Reach
from volunteers.teams.models import Team

COORDINATORS = (Role.COORDINATOR, Role.CITY_COORDINATOR)


@scope(MatchRun)
def visible(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a run matches children of somebody's area.

    A county also sees its own children in the city's run, which shows it no others.
    """
    conditions = [_covers(reach) for reach in actor.reaches(*(roles or COORDINATORS))]
    return or_(*conditions) if conditions else false()


def _covers(reach: Reach) -> ColumnElement[bool]:
    if reach.level is Level.CITY:
        return MatchRun.city_id == reach.area_id
    city = select(Area.parent_id).where(Area.id == reach.area_id).scalar_subquery()
    return or_(
        MatchRun.area_id == reach.area_id,
        and_(MatchRun.level == Level.CITY, MatchRun.area_id == city),
    )


@scope(MatchProposal)
def theirs(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a proposal is for a child of somebody's county."""
    return of_counties(MatchProposal, actor.reaches(*(roles or COORDINATORS)))


def of_counties(
    model: type[MatchProposal] | type[MatchWaiting], reaches: Iterable[Reach]
) -> ColumnElement[bool]:
    conditions = [
        model.county_id.in_(select(Area.id).where(Area.parent_id == reach.area_id))
        if reach.level is Level.CITY
        else model.county_id == reach.area_id
        for reach in reaches
        if reach.level in {Level.CITY, Level.COUNTY}
    ]
    return or_(*conditions) if conditions else false()


def newest_of(counties: ColumnElement[bool], *such: ColumnElement[bool]) -> Subquery:
    """Return (county_id, run_id): of each of these counties the newest such run over its children.

    A city's run is one of each of its counties.
    """
    city = and_(MatchRun.level == Level.CITY, MatchRun.area_id == Area.parent_id)
    return (
        select(Area.id.label("county_id"), func.max(MatchRun.id).label("run_id"))
        .join(MatchRun, or_(MatchRun.area_id == Area.id, city))
        .where(Area.level == Level.COUNTY, counties, *such)
        .group_by(Area.id)
        .subquery("newest")
    )


def run(uid: str, actor: Actor) -> MatchRun:
    """Return a run somebody may see. Raises NotYours."""
    return find(MatchRun, uid, actor)


def proposal(uid: str, actor: Actor) -> MatchProposal:
    """Return a proposal for a child of somebody's county. Raises NotYours."""
    return find(MatchProposal, uid, actor)


def standing(county_id: int) -> MatchRun | None:
    """Return the newest run whose proposals for a county's children can be decided on."""
    city = select(Area.parent_id).where(Area.id == county_id).scalar_subquery()
    return db.session.scalar(
        select(MatchRun)
        .where(
            MatchRun.area_id.in_([county_id]) | (MatchRun.area_id == city),
            MatchRun.state == State.READY,
            MatchRun.expires_at > clock.now(),
        )
        .order_by(MatchRun.id.desc())
        .limit(1)
    )


def prices_of(run_id: int, team_ids: Iterable[int]) -> dict[int, MatchPrice]:
    """Return what the places of some teams cost in a run, by team, in one query."""
    rows = db.session.scalars(
        select(MatchPrice).where(
            MatchPrice.run_id == run_id, MatchPrice.team_id.in_(list(team_ids))
        )
    )
    return {row.team_id: row for row in rows}


def fates(run_id: int, actor: Actor) -> dict[Fate, int]:
    """Return what has become of how many of a run's proposals for somebody's children."""
    counted = (
        select(MatchProposal.fate, func.count().label("many"))
        .select_from(MatchProposal)
        .where(MatchProposal.run_id == run_id, theirs(actor))
        .group_by(MatchProposal.fate)
    )
    return {row.fate: row.many for row in db.session.execute(counted)}


def busy_runs(actor: Actor) -> Sequence[AnyRow]:
    """Return the runs that go on over somebody's children, in which area and of which level."""
    return db.session.execute(
        select(MatchRun.uid, MatchRun.area_id, MatchRun.city_id, MatchRun.level, MatchRun.state)
        .where(visible(actor), MatchRun.state.in_((State.WAITING, State.RUNNING)))
        .order_by(MatchRun.id)
    ).all()


def child_uid(child_id: int) -> str:
    """Return the public name of a proposal's child, which the caller has found before."""
    return db.session.scalars(select(Child.uid).where(Child.id == child_id)).one()


def team_uid(team_id: int) -> str | None:
    """Return the public name of a team that stands."""
    stands = select(Team.uid).where(Team.id == team_id, Team.dissolved_at.is_(None))
    return db.session.scalar(stands)


def startable(actor: Actor) -> list[int]:
    """Return the areas somebody may start and stop runs of."""
    return [
        reach.area_id
        for role, level in ((Role.COORDINATOR, Level.COUNTY), (Role.CITY_COORDINATOR, Level.CITY))
        for reach in actor.reaches(role)
        if reach.level is level
    ]


def free(areas: Collection[int], busy: Collection[AnyRow]) -> bool:
    """Whether any of the areas could be matched while these runs go on."""
    taken = [row.area_id for row in busy] + [row.city_id for row in busy]
    whole = [row.area_id for row in busy if row.level is Level.CITY]
    left = select(Area.id).where(
        Area.id.in_(areas), Area.id.not_in(taken), Area.parent_id.not_in(whole)
    )
    return not busy or db.session.scalar(left.limit(1)) is not None
