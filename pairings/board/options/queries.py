"""Which teams could accompany a child, as they stand today, whatever a run has known of them."""

from collections.abc import Collection, Iterable
from datetime import date
from functools import cache, lru_cache

from sqlalchemy import ColumnElement, Integer, and_, bindparam, func, or_, select

from accounts.models import Person
from core import clock
from core.db import AnyRow, AnySelect, db
from pairings.board.loads.queries import standing
from pairings.board.options.rules import Today, Told, short
from pairings.candidates.earlier.queries import refused
from pairings.matching.model import Code
from pairings.runs.models import MatchPrice, MatchRefusal
from volunteers.models import Volunteer
from volunteers.teams.models import Team, TeamMember


def today(child_id: int, counties: Iterable[int], most_children: int) -> dict[int, Today]:
    """Return the teams of some counties as they stand now, for one child, in one query.

    What a run has judged may have changed since: people have gone, places are taken, somebody has
    said no. The rest is asked again when a proposal is made.
    """
    asked = {"child_id": child_id, "counties": sorted(counties), "most_children": most_children}
    rows = db.session.execute(_standing(clock.today()), asked)
    return {row.id: _today(row) for row in rows}


def _today(row: AnyRow) -> Today:
    many, room, _id, uid, name, county_id, no = row
    against = short(many, room)
    return Today(uid, name, county_id, (*against, Code.FORBIDDEN) if no else against)


def told(teams: Collection[int], run_id: int | None) -> dict[int, Told]:
    """Return who is in some teams, and what their places cost in a run, in one query."""
    rows = db.session.execute(_shown(), {"teams": list(teams), "run_id": run_id or 0})
    return {
        row.id: Told(tuple((row.people or "").split("\n")), row.price or 0, row.held)
        for row in rows
    }


@cache
def _shown() -> AnySelect:
    names = (
        select(func.aggregate_strings(Person.name, "\n"))
        .join(Volunteer, Volunteer.person_id == Person.id)
        .join(TeamMember, TeamMember.volunteer_id == Volunteer.id)
        .where(TeamMember.team_id == Team.id, TeamMember.left_on.is_(None))
        .correlate(Team)
        .scalar_subquery()
    )
    price = and_(MatchPrice.team_id == Team.id, MatchPrice.run_id == bindparam("run_id"))
    return (
        select(Team.id, names.label("people"), MatchPrice.price, MatchPrice.held)
        .outerjoin(MatchPrice, price)
        .where(Team.id.in_(bindparam("teams", expanding=True)))
    )


@lru_cache(maxsize=2)
def _standing(on: date) -> AnySelect:
    """Return the query of the teams that stand: who is cleared, what is left, who is ruled out.

    Made once a day, as the board's others: putting it together costs more than a part of asking.
    """
    here = Team.county_id.in_(bindparam("counties", expanding=True))
    return standing(here, on).add_columns(
        Team.id, Team.uid, Team.name, Team.county_id, _ruled_out().label("no")
    )


def _ruled_out() -> ColumnElement[bool]:
    """Return the condition that somebody has said no to a team for this child."""
    child_id = bindparam("child_id", type_=Integer)
    no = select(MatchRefusal.team_id).where(MatchRefusal.child_id == child_id)
    return or_(Team.id.in_(no), refused(child_id))
