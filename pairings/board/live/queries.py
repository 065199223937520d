"""Pairings that have been decided on, those that may go wrong first: what pairings know of it."""

from datetime import date

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select

from accounts.rules import Actor, Role
from children.models import Child
from children.rules import Risk
from core import clock
from core.db import AnyRow
from core.paging import Page, page_of
from pairings.board.live.rules import SOON, Sign
from pairings.models import Pairing
from pairings.reviews.queries import UNDECIDED, short_of_people
from pairings.rules import DECIDING, LIVE, Stage
from places.queries import within
from volunteers.evidence.queries import cleared
from volunteers.teams.models import Team, TeamMember

CALM = len(Sign)
"""The rank of a pairing with nothing to say about."""


def live(actor: Actor, *, after: str | None, size: int) -> Page[AnyRow]:
    """Return a page of the pairings of a coordinator's county, the most pressing first."""
    here = and_(
        within(Pairing, actor.reaches(Role.COORDINATOR)), Pairing.stage.in_(LIVE - DECIDING)
    )
    team = _clearances(here, clock.today())
    signs = _signs(team, clock.today())
    rank = case(*((holds, place) for place, holds in enumerate(signs.values())), else_=CALM)
    listed = (
        select(
            Pairing.uid,
            Pairing.stage,
            Pairing.ends_on,
            Child.alias,
            Team.name.label("team"),
            *(holds.label(sign) for sign, holds in signs.items()),
        )
        .join(Child, Child.id == Pairing.child_id)
        .join(Team, Team.id == Pairing.team_id)
        .outerjoin(team, team.c.team_id == Pairing.team_id)
        .where(here)
    )
    return page_of(listed, [rank, -Pairing.id], after=after, size=size)


def signs_of(row: AnyRow) -> list[Sign]:
    """Return what may go wrong with the pairing of a row, the most pressing first."""
    found = row._mapping  # noqa: SLF001 - the documented way by name
    return [sign for sign in Sign if found[sign]]


def _signs(team: Subquery, today: date) -> dict[Sign, ColumnElement[bool]]:
    """Return the condition of each sign, in the order of the signs."""
    undecided = Pairing.stage.in_(UNDECIDED)
    begun = Pairing.stage.in_([Stage.ACTIVE, Stage.PAUSED])
    return {
        Sign.SHORT: and_(undecided, short_of_people()),
        Sign.CITY_KEY: and_(Child.risk == Risk.HIGH, Pairing.city_by_id.is_(None)),
        Sign.LAPSED: func.coalesce(team.c.lacks, 0) > 0,
        Sign.LAPSING: and_(team.c.until.is_not(None), team.c.until <= today + SOON),
        Sign.ENDS: and_(begun, Pairing.ends_on <= today + SOON),
        Sign.PAUSED: Pairing.stage == Stage.PAUSED,
        Sign.RENEWING: Pairing.stage == Stage.RENEWING,
        Sign.ENDING: Pairing.stage == Stage.ENDING,
    }


def _clearances(here: ColumnElement[bool], today: date) -> Subquery:
    """Return of each team how many of its people are not cleared, and until when all are."""
    teams = select(Pairing.team_id).where(here)
    now = (TeamMember.left_on.is_(None), TeamMember.team_id.in_(teams))
    held = cleared(select(TeamMember.volunteer_id).where(*now), today)
    return (
        select(
            TeamMember.team_id,
            (func.count(TeamMember.id) - func.count(held.c.volunteer_id)).label("lacks"),
            func.min(held.c.until).label("until"),
        )
        .outerjoin(held, held.c.volunteer_id == TeamMember.volunteer_id)
        .where(*now)
        .group_by(TeamMember.team_id)
        .subquery("clearances")
    )
