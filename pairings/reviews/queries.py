"""Pairings whose team can no longer come: somebody has to decide what becomes of each child.

Read from who belongs to the team now, not from a list that is kept: whatever made the team too
small, a dissolved team, a suspension, a check that has run out, the pairing is here in that moment
and stays here until somebody has decided. Paused and ending ones have been decided on.
"""

from sqlalchemy import ColumnElement, func, select

from accounts.rules import Actor, Role
from core.db import db
from pairings.models import Pairing
from pairings.rules import DECIDING, LIVE, Stage
from places.queries import within
from volunteers.models import Volunteer
from volunteers.rules import Status
from volunteers.teams.models import TeamMember
from volunteers.teams.rules import FEWEST

UNDECIDED = LIVE - DECIDING - {Stage.PAUSED, Stage.ENDING}
DECIDERS = (Role.COORDINATOR, Role.SAFEGUARDING_LEAD)


def short_of_people() -> ColumnElement[bool]:
    """Return the condition that fewer than two active adults belong to a pairing's team now."""
    active = (
        select(func.count())
        .select_from(TeamMember)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .where(
            TeamMember.team_id == Pairing.team_id,
            TeamMember.left_on.is_(None),
            Volunteer.status == Status.ACTIVE,
        )
        .correlate(Pairing)
        .scalar_subquery()
    )
    return active < FEWEST


def to_review(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a pairing waits for this person: the child's county decides."""
    here = within(Pairing, actor.reaches(*DECIDERS))
    return here & Pairing.stage.in_(UNDECIDED) & short_of_people()


def number(actor: Actor) -> int:
    """Return how many pairings wait for this person to decide what becomes of the child."""
    counted = select(func.count()).select_from(Pairing).where(to_review(actor))
    return db.session.scalar(counted) or 0


def waits(pairing: Pairing, actor: Actor) -> bool:
    """Whether this very pairing waits for this person."""
    asked = select(Pairing.id).where(Pairing.id == pairing.id, to_review(actor))
    return db.session.scalar(asked) is not None
