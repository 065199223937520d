"""Proposals of a team that can no longer come are withdrawn; nothing else ends by itself."""

from sqlalchemy import ColumnElement, select

from accounts.rules import SITE, Actor
from core.db import transaction
from pairings.models import Pairing
from pairings.reviews.queries import short_of_people
from pairings.rules import DECIDING
from pairings.services import withdraw

AT_ONCE = 200


def withdraw_of_team(team_id: int, by: Actor) -> int:
    """Withdraw what is proposed with a team, in the caller's transaction; return how many."""
    return _withdraw(Pairing.team_id == team_id, by)


def sweep() -> int:
    """Withdraw proposals of teams that have become too small; return how many."""
    return _withdraw(short_of_people(), SITE)


def _withdraw(which: ColumnElement[bool], by: Actor) -> int:
    with transaction() as session:
        open_ = session.scalars(
            select(Pairing)
            .where(Pairing.stage.in_(DECIDING), which)
            .order_by(Pairing.id)
            .limit(AT_ONCE)
            .with_for_update(of=Pairing)
        ).all()
        return sum(withdraw(pairing, by=by) for pairing in open_)
