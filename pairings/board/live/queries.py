"""Pairings that have been decided on, those that may go wrong first: what pairings know of it."""

from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, select

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
    signs = _signs(here, clock.today())
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
        .where(here)
    )
    return page_of(listed, [rank, -Pairing.id], after=after, size=size)


def signs_of(row: AnyRow) -> list[Sign]:
    """Return what may go wrong with the pairing of a row, the most pressing first."""
    found = row._mapping  # noqa: SLF001 - the documented way by name
    return [sign for sign in Sign if found[sign]]


def _signs(here: ColumnElement[bool], today: date) -> dict[Sign, ColumnElement[bool]]:
    """Return the condition of each sign, in the order of the signs."""
    undecided = Pairing.stage.in_(UNDECIDED)
    begun = Pairing.stage.in_([Stage.ACTIVE, Stage.PAUSED])
    return {
        Sign.SHORT: and_(undecided, short_of_people()),
        Sign.CITY_KEY: and_(Child.risk == Risk.HIGH, Pairing.city_by_id.is_(None)),
        Sign.LAPSED: Pairing.team_id.in_(_with_somebody(here, today, until=None)),
        Sign.LAPSING: Pairing.team_id.in_(_with_somebody(here, today, until=today + SOON)),
        Sign.ENDS: and_(begun, Pairing.ends_on <= today + SOON),
        Sign.PAUSED: Pairing.stage == Stage.PAUSED,
        Sign.RENEWING: Pairing.stage == Stage.RENEWING,
        Sign.ENDING: Pairing.stage == Stage.ENDING,
    }


def _with_somebody(here: ColumnElement[bool], today: date, *, until: date | None) -> Select[int]:
    """Return the ids of the teams in which somebody is not cleared, or only until a day."""
    among = (
        select(TeamMember.volunteer_id)
        .join(Pairing, Pairing.team_id == TeamMember.team_id)
        .where(TeamMember.left_on.is_(None), here)
    )
    held = cleared(among, today)
    lacks = held.c.volunteer_id.is_(None) if until is None else held.c.until <= until
    return (
        select(TeamMember.team_id)
        .join(Pairing, Pairing.team_id == TeamMember.team_id)
        .outerjoin(held, held.c.volunteer_id == TeamMember.volunteer_id)
        .where(TeamMember.left_on.is_(None), here, lacks)
    )
