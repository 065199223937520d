"""Who has a visit to a child in hand right now: what opens the child's sealed fields around it."""

from datetime import datetime

from sqlalchemy import or_, select

from accounts.rules import Actor, Role
from core.db import db
from pairings.models import Pairing
from places.queries import within
from visits.models import Party, Visit
from visits.rules import RELEASED_AFTER, RELEASED_BEFORE, PartyRole, State

CONFIRMED = (
    State.CONFIRMED,
    State.IN_PROGRESS,
    State.COMPLETED,
    State.RECORDED,
    State.APPROVED,
)
"""What a visit is from the moment the escort has said yes; a mere plan opens nothing."""


def assigned(child_id: int, actor: Actor, now: datetime) -> bool:
    """Whether somebody escorts or coordinates a visit to the child that is in its time window.

    From 48 h before an approved visit until 24 h after it (domain.md §3).
    """
    escorts = select(Party.id).where(
        Party.visit_id == Visit.id, Party.person_id == actor.id, Party.role == PartyRole.ESCORT
    )
    coordinates = within(Visit, actor.reaches(Role.COORDINATOR))
    near = (
        select(Visit.id)
        .join(Pairing, Pairing.id == Visit.pairing_id)
        .where(
            Pairing.child_id == child_id,
            Visit.state.in_(CONFIRMED),
            Visit.starts_at <= now + RELEASED_BEFORE,
            Visit.ends_at >= now - RELEASED_AFTER,
            or_(escorts.exists(), coordinates),
        )
    )
    return db.session.scalar(near.limit(1)) is not None


def exists(uid: str) -> bool:
    """Whether there is such a visit anywhere: only for keeping denials, never for an answer."""
    return db.session.scalar(select(Visit.id).where(Visit.uid == uid)) is not None
