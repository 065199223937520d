"""Which teams could accompany a child: in the run's own numbers, or judged anew without a run."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select

from accounts.models import Person
from core import clock
from core.db import AnyRow, db
from pairings.board.loads.queries import load_of
from pairings.board.options.rules import Today
from pairings.board.queries import Waiting
from pairings.candidates.earlier.queries import refused
from pairings.matching.model import Code
from pairings.runs.models import MatchPrice, MatchRefusal
from volunteers.evidence.queries import cleared
from volunteers.models import Volunteer
from volunteers.rules import Status
from volunteers.teams.models import Team, TeamMember
from volunteers.teams.rules import FEWEST


def today(waiting: Waiting, counties: Iterable[int], most_children: int) -> dict[int, Today]:
    """Return the teams of some counties as they stand now, for one child, in one query.

    What a run has judged may have changed since: people have gone, places are taken, somebody has
    said no. The rest is asked again when a proposal is made.
    """
    run_id = waiting.run.id if waiting.run is not None else 0
    standing = _standing(counties, most_children)
    rows = db.session.execute(
        select(
            Team.id,
            Team.uid,
            Team.name,
            Team.county_id,
            standing.c.people,
            standing.c.cleared,
            standing.c.room,
            _ruled_out(waiting.child.id).label("no"),
            MatchPrice.price,
            MatchPrice.held,
        )
        .join(standing, standing.c.team_id == Team.id)
        .outerjoin(MatchPrice, and_(MatchPrice.team_id == Team.id, MatchPrice.run_id == run_id))
    )
    return {row.id: _today(row) for row in rows}


def _today(row: AnyRow) -> Today:
    said = {
        Code.CLEARANCE: row.cleared < FEWEST,
        Code.LOAD: row.room <= 0,
        Code.FORBIDDEN: bool(row.no),
    }
    return Today(
        team_id=row.id,
        uid=row.uid,
        name=row.name,
        people=row.people,
        county_id=row.county_id,
        against=tuple(code for code, holds in said.items() if holds),
        price=row.price or 0,
        held=row.held,
    )


def _standing(counties: Iterable[int], most_children: int) -> Subquery:
    """Return of each team that stands its people, how many are cleared, and the places left."""
    here = (
        Team.dissolved_at.is_(None),
        TeamMember.left_on.is_(None),
        Team.county_id.in_(list(counties)),
    )
    among = select(TeamMember.volunteer_id).join(Team, Team.id == TeamMember.team_id).where(*here)
    held, load = cleared(among, clock.today()), load_of(among)
    most = case((Volunteer.capacity < most_children, Volunteer.capacity), else_=most_children)
    active = case((Volunteer.status == Status.ACTIVE, held.c.volunteer_id))
    return (
        select(
            TeamMember.team_id,
            func.aggregate_strings(Person.name, "\n").label("people"),
            func.count(active).label("cleared"),
            func.min(most - func.coalesce(load.c.many, 0)).label("room"),
        )
        .join(Team, Team.id == TeamMember.team_id)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .join(Person, Person.id == Volunteer.person_id)
        .outerjoin(held, held.c.volunteer_id == Volunteer.id)
        .outerjoin(load, load.c.volunteer_id == Volunteer.id)
        .where(*here)
        .group_by(TeamMember.team_id)
        .subquery("standing")
    )


def _ruled_out(child_id: int) -> ColumnElement[bool]:
    """Return the condition that somebody has said no to a team for this child."""
    here = (
        select(MatchRefusal.id)
        .where(MatchRefusal.child_id == child_id, MatchRefusal.team_id == Team.id)
        .correlate(Team)
        .exists()
    )
    return or_(here, refused(child_id, None))
