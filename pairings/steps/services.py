"""The one way along an edge of a pairing's life: the row moves, and who moved it is kept."""

from typing import Any

from sqlalchemy import update

from accounts.rules import Actor
from core import clock
from core.db import transaction
from pairings.models import Pairing
from pairings.rules import Stage, may_go
from pairings.steps.models import PairingStep


def begin(pairing_id: int, *, by: Actor, reason: str = "") -> None:
    """Keep the first step of a pairing, in the caller's transaction."""
    with transaction() as session:
        session.add(
            PairingStep(
                pairing_id=pairing_id,
                since=None,
                stage=Stage.PROPOSED,
                at=clock.now(),
                by_id=by.id,
                reason=reason,
            )
        )


def go(pairing: Pairing, to: Stage, *, by: Actor, reason: str = "", **values: Any) -> bool:
    """Send a pairing along an edge, in the caller's transaction; whether it still stood there.

    The WHERE is the lock; the database's own rules say what has to hold at the other end.
    """
    since = pairing.stage
    if not may_go(since, to):
        return False
    with transaction() as session:
        moved = session.scalar(
            update(Pairing)
            .where(Pairing.id == pairing.id, Pairing.stage == since)
            .values(stage=to, version=Pairing.version + 1, **values)
            .returning(Pairing.id)
        )
        if moved is None:
            return False
        session.add(
            PairingStep(
                pairing_id=pairing.id,
                since=since,
                stage=to,
                at=clock.now(),
                by_id=by.id,
                reason=reason[:300],
            )
        )
        session.flush()
        session.refresh(pairing)
    return True
