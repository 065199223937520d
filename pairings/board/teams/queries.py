"""The board from the other side: teams with places left, and the children best for each."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, or_, select

from accounts.models import Person
from accounts.rules import Actor
from children.consents.queries import complete
from children.models import Child
from core import clock
from core.db import AnyRow, db
from core.paging import Page, page_of
from core.scopes import find, visible
from pairings.board.crowd.rules import Codes
from pairings.board.loads.queries import load_of, standing
from pairings.board.options.rules import short
from pairings.board.queries import standing_run, those_who_wait, waiting_for_pairing
from pairings.board.teams.rules import Fit, fits
from pairings.board.worlds.queries import Seen
from pairings.matching.model import Code
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.runs.models import MatchProposal, MatchRefusal
from pairings.runs.rules import Fate
from volunteers.models import Volunteer
from volunteers.teams.models import Team, TeamMember

SIZE = 30


def teams(actor: Actor, most_children: int, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the teams of a coordinator's counties that have a place left."""
    here = (TeamMember.left_on.is_(None), visible(actor, Team), Team.dissolved_at.is_(None))
    among = select(TeamMember.volunteer_id).join(Team, Team.id == TeamMember.team_id).where(*here)
    load = load_of(among)
    most = case((Volunteer.capacity < most_children, Volunteer.capacity), else_=most_children)
    room = func.min(most - func.coalesce(load.c.many, 0))
    listed = (
        select(
            Team.uid,
            Team.name,
            func.aggregate_strings(Person.name, "\n").label("people"),
            room.label("room"),
            _proposed_children(actor).label("children"),
        )
        .join(TeamMember, TeamMember.team_id == Team.id)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .join(Person, Person.id == Volunteer.person_id)
        .outerjoin(load, load.c.volunteer_id == Volunteer.id)
        .where(*here)
        .group_by(Team.id)
        .having(room > 0)
    )
    return page_of(listed, [Team.id], after=after, size=SIZE)


def _proposed_children(actor: Actor) -> ColumnElement[str]:
    """Return the aliases of whom the newest run proposes for a team."""
    return (
        select(func.aggregate_strings(Child.alias, "\n"))
        .join(MatchProposal, MatchProposal.child_id == Child.id)
        .where(
            waiting_for_pairing(actor),
            MatchProposal.team_id == Team.id,
            MatchProposal.fate == Fate.OPEN,
            MatchProposal.run_id == standing_run(),
        )
        .correlate(Team)
        .scalar_subquery()
    )


def lacks(team: Team, most_children: int) -> Codes:
    """Return what has come to stand against a team for every child, whatever a run has known."""
    row = db.session.execute(
        standing(Team.id == team.id, clock.today()), {"most_children": most_children}
    ).one_or_none()
    return short(row.cleared, row.room) if row is not None else (Code.CLEARANCE,)


@dataclass(frozen=True, slots=True)
class Match:
    """A waiting child as one team sees it, with its row of the board."""

    child: AnyRow
    fit: Fit


def children_for(team: Team, actor: Actor, seen: Seen) -> list[Match]:
    """Return the children of a coordinator that a team may go to now, the best for it first."""
    today = clock.today()
    rows = db.session.execute(
        those_who_wait(actor)
        .add_columns(Child.id, MatchProposal.team_id.label("given"))
        .where(complete(today), ~_ruled_out(team.id))
    ).all()
    by_id = {row.id: row for row in rows}
    known = {one.id: one for one in seen.world.teams}
    if team.id not in known:
        return []
    given = {row.id: row.given for row in rows if row.given is not None}
    children = [seen.children[row.id] for row in rows if row.id in seen.children]
    found = fits(known[team.id], children, seen.world, given)
    return [Match(by_id[one.child_id], one) for one in found]


def _ruled_out(team_id: int) -> ColumnElement[bool]:
    """Return the condition that somebody has said no to the team for a child, after the run too."""
    no = select(MatchRefusal.id).where(
        MatchRefusal.child_id == Child.id, MatchRefusal.team_id == team_id
    )
    declined = select(Pairing.id).where(
        Pairing.child_id == Child.id, Pairing.team_id == team_id, Pairing.stage == Stage.DECLINED
    )
    return or_(no.correlate(Child).exists(), declined.correlate(Child).exists())


def team(uid: str, actor: Actor) -> Team:
    """Return a team of a coordinator's counties. Raises NotYours."""
    return find(Team, uid, actor)
