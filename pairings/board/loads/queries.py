"""How many children volunteers have, in whatever teams, and what that leaves to a team."""

from datetime import date

from sqlalchemy import ColumnElement, Integer, Select, Subquery, bindparam, case, func, select

from core.db import AnySelect
from pairings.models import Pairing
from pairings.rules import LIVE
from volunteers.evidence.queries import cleared
from volunteers.models import Volunteer
from volunteers.rules import Status
from volunteers.teams.models import Team, TeamMember


def load_of(among: Select[int]) -> Subquery:
    """Return how many children each of these volunteers accompanies or is proposed for."""
    return (
        select(TeamMember.volunteer_id, func.count().label("many"))
        .join(Pairing, Pairing.team_id == TeamMember.team_id)
        .where(
            TeamMember.left_on.is_(None),
            Pairing.stage.in_(LIVE),
            TeamMember.volunteer_id.in_(among),
        )
        .group_by(TeamMember.volunteer_id)
        .subquery("load")
    )


def standing(which: ColumnElement[bool], on: date) -> AnySelect:
    """Return (cleared, room) of each team that stands, grouped by team: more columns may be added.

    `cleared` is how many of its people may meet children on that day, `room` how many children
    whoever has the least time for it can still take. Executed with `most_children`.
    """
    here = (Team.dissolved_at.is_(None), TeamMember.left_on.is_(None), which)
    among = select(TeamMember.volunteer_id).join(Team, Team.id == TeamMember.team_id).where(*here)
    held, load = cleared(among, on), load_of(among)
    most = bindparam("most_children", type_=Integer)
    room = case((Volunteer.capacity < most, Volunteer.capacity), else_=most)
    active = case((Volunteer.status == Status.ACTIVE, held.c.volunteer_id))
    return (
        select(
            func.count(active).label("cleared"),
            func.min(room - func.coalesce(load.c.many, 0)).label("room"),
        )
        .select_from(Team)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .outerjoin(held, held.c.volunteer_id == Volunteer.id)
        .outerjoin(load, load.c.volunteer_id == Volunteer.id)
        .where(*here)
        .group_by(Team.id)
    )
