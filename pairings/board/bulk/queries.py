"""What the newest run proposes for a coordinator's children, and what of it still holds."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select

from accounts.rules import Actor, Role
from children.consents.queries import complete
from children.models import Child
from children.rules import NeedState
from core import clock
from core.db import AnyRow, AnySelect, db
from core.paging import Key, Page, page_of
from pairings.board.loads.queries import load_of
from pairings.board.queries import standing_run, unproposed, urgency
from pairings.runs.models import MatchProposal
from pairings.runs.queries import theirs
from pairings.runs.rules import Fate
from places.models import Area
from places.queries import in_language
from volunteers.models import Volunteer
from volunteers.teams.models import Team, TeamMember

AT_ONCE = 100
"""How many are accepted in one go."""


def _open(actor: Actor) -> AnySelect:
    return (
        select(
            MatchProposal.uid,
            MatchProposal.score,
            MatchProposal.team_id,
            MatchProposal.was_team_id,
            MatchProposal.county_id,
            Child.uid.label("child_uid"),
            Child.alias,
            Child.age_band,
            Child.girl,
            Child.risk,
            Child.open_since,
            Team.name.label("team"),
            in_language(Area.name, Area.name_en).label("township"),
        )
        .join(Child, Child.id == MatchProposal.child_id)
        .join(Team, Team.id == MatchProposal.team_id)
        .outerjoin(Area, Area.id == Child.township_id)
        .where(
            theirs(actor, Role.COORDINATOR),
            MatchProposal.run_id == standing_run(),
            MatchProposal.fate == Fate.OPEN,
        )
    )


def proposals(actor: Actor, overdue_days: int, *, after: str | None) -> Page[AnyRow]:
    """Return a page of what is still open, the most urgent child first."""
    keys: list[Key] = [-urgency(clock.today(), overdue_days), Child.open_since, Child.id]
    return page_of(_open(actor), keys, after=after)


def picked(actor: Actor, overdue_days: int, uids: Collection[str]) -> Sequence[AnyRow]:
    """Return those of the named proposals that are still open, with whether each still holds.

    `waits`, `agreed` and `stands` are what may have changed since the run; whoever accepts is told
    the rest by the rules themselves.
    """
    return _held(actor, overdue_days, MatchProposal.uid.in_(uids))


def all_open(actor: Actor, overdue_days: int) -> Sequence[AnyRow]:
    """Return the first of all that are open, with whether each still holds."""
    return _held(actor, overdue_days, MatchProposal.id.is_not(None))


def _held(actor: Actor, overdue_days: int, which: ColumnElement[bool]) -> Sequence[AnyRow]:
    today = clock.today()
    return db.session.execute(
        _open(actor)
        .add_columns(
            and_(Child.state == NeedState.OPEN, unproposed()).label("waits"),
            complete(today).label("agreed"),
            Team.dissolved_at.is_(None).label("stands"),
            urgency(today, overdue_days).label("tier"),
        )
        .where(which)
        .order_by(-urgency(today, overdue_days), Child.open_since, Child.id)
        .limit(AT_ONCE)
    ).all()


@dataclass(frozen=True, slots=True)
class Places:
    """Who is in which team, and how many children each of them can still take."""

    people: dict[int, list[int]]
    left: dict[int, int]


def places(teams: Collection[int], most_children: int) -> Places:
    """Return what is left to the people of some teams, in whatever teams they have children."""
    here = (TeamMember.left_on.is_(None), TeamMember.team_id.in_(teams))
    load = load_of(select(TeamMember.volunteer_id).where(*here))
    rows = db.session.execute(
        select(TeamMember.team_id, Volunteer.id, Volunteer.capacity, load.c.many)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .outerjoin(load, load.c.volunteer_id == Volunteer.id)
        .where(*here)
    ).all()
    people: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        people[row.team_id].append(row.id)
    return Places(
        people, {row.id: min(row.capacity, most_children) - (row.many or 0) for row in rows}
    )
