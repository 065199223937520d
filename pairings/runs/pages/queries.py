"""What the pages of runs show: sums for all, children only to those who coordinate their county."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from accounts.rules import Actor, Role
from children.models import Child
from core.db import AnyRow, db
from core.paging import Page, newest_first, page_of
from pairings.runs.models import MatchProposal, MatchRun, MatchWaiting
from pairings.runs.queries import of_counties, theirs, visible
from places.models import Area
from places.rules import Level
from volunteers.teams.models import Team

AT_ONCE = 25
MOST_ALARMS = 50
SHADES = 4


class Tab(StrEnum):
    MOVES = "moves"
    WAITING = "waiting"
    ALARMS = "alarms"
    MAP = "map"


def runs(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return the runs over somebody's children, the newest first."""
    listed = select(
        MatchRun.uid,
        MatchRun.state,
        MatchRun.made_at,
        MatchRun.area_id,
        MatchRun.week,
        MatchRun.counts,
    ).where(visible(actor))
    return newest_first(listed, [MatchRun.id], after=after, size=20)


def page_of_tab(run: MatchRun, tab: Tab, actor: Actor, *, after: str | None) -> Page[AnyRow] | None:
    """Return a page of what a tab lists; alarms and the map are no pages."""
    if tab is Tab.MOVES:
        return _moves(run, actor, after=after)
    return _waiting(run, actor, after=after) if tab is Tab.WAITING else None


def _moves(run: MatchRun, actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return what is proposed otherwise than the last time, with the team of then."""
    was = aliased(Team)
    listed = (
        select(
            MatchProposal.fate,
            MatchProposal.score,
            Child.uid.label("child_uid"),
            Child.alias,
            Team.name.label("team"),
            was.name.label("was"),
        )
        .join(Child, Child.id == MatchProposal.child_id)
        .join(Team, Team.id == MatchProposal.team_id)
        .outerjoin(was, was.id == MatchProposal.was_team_id)
        .where(
            MatchProposal.run_id == run.id,
            theirs(actor, Role.COORDINATOR),
            or_(
                MatchProposal.was_team_id.is_(None),
                MatchProposal.was_team_id != MatchProposal.team_id,
            ),
        )
    )
    return page_of(listed, [MatchProposal.id], after=after, size=AT_ONCE)


def _waiting(run: MatchRun, actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return the children that nobody was found for, in the order they were stored."""
    was = aliased(Team)
    listed = (
        select(MatchWaiting.why, Child.uid.label("child_uid"), Child.alias, was.name.label("was"))
        .join(Child, Child.id == MatchWaiting.child_id)
        .outerjoin(was, was.id == MatchWaiting.was_team_id)
        .where(
            MatchWaiting.run_id == run.id,
            of_counties(MatchWaiting, actor.reaches(Role.COORDINATOR)),
        )
    )
    return page_of(listed, [MatchWaiting.id], after=after, size=AT_ONCE)


def alarms(run: MatchRun, actor: Actor) -> list[tuple[str, str, Sequence[str]]]:
    """Return (alias, team, codes) of the pairs that stand although a rule is against them."""
    reaches = actor.reaches(Role.COORDINATOR)
    mine = [reach.area_id for reach in reaches if reach.level is Level.COUNTY]
    children = [one["child"] for one in run.alarms]
    teams = [one["team"] for one in run.alarms]
    asked = (
        select(Child.id, Child.alias)
        .where(Child.id.in_(children), Child.county_id.in_(mine))
        .order_by(Child.id)
        .limit(MOST_ALARMS)
    )
    aliases = {row.id: row.alias for row in db.session.execute(asked)}
    named = select(Team.id, Team.name).where(Team.id.in_(teams))
    names = {row.id: row.name for row in db.session.execute(named)}
    return [
        (aliases[one["child"]], names.get(one["team"], ""), one["against"])
        for one in run.alarms
        if one["child"] in aliases
    ]


def counties_of(run: MatchRun) -> Sequence[Area]:
    """Return the counties of the city that a run lies in."""
    return db.session.scalars(
        select(Area).where(Area.parent_id == run.city_id).order_by(Area.nbs_code)
    ).all()


def needs(run: MatchRun, names: Mapping[int | None, str]) -> list[tuple[str, int]]:
    """Return (county, how many more children one more usual team there would serve)."""
    return [(names.get(one["county"], ""), one["served"]) for one in run.needs]


def tiles(
    run: MatchRun, counties: Sequence[Area], names: Mapping[int | None, str]
) -> list[tuple[int, int, str, int, int]]:
    """Return (column, row, name, served, shade) of every county of the run that is on the map.

    The shade follows the order of worth, which counts urgency: the first ones are the darkest.
    """
    order = {one["county"]: place for place, one in enumerate(run.needs)}
    worth = {one["county"]: one for one in run.needs}
    return [
        (
            area.tile_column,
            area.tile_row,
            names.get(area.id, ""),
            worth[area.id]["served"],
            _shade(order[area.id], worth[area.id]["points"]),
        )
        for area in counties
        if area.id in worth and area.tile_column is not None and area.tile_row is not None
    ]


def _shade(place: int, points: int) -> int:
    return max(1, SHADES - place) if points > 0 else 0
