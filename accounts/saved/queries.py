"""Reading somebody's own filters."""

from collections.abc import Sequence

from sqlalchemy import select

from accounts.rules import Actor
from accounts.saved.models import SavedFilter
from core.db import AnyRow, db


def saved(place: str, actor: Actor) -> Sequence[AnyRow]:
    """Return (uid, name, args) of what somebody keeps for a list, by name."""
    return db.session.execute(
        select(SavedFilter.uid, SavedFilter.name, SavedFilter.args)
        .where(SavedFilter.person_id == actor.id, SavedFilter.place == place)
        .order_by(SavedFilter.name)
    ).all()
