"""Long work that a process takes for itself: claimed for a minute, prolonged by each of its steps.

Whoever dies is followed by another. The claim is what every step's UPDATE asks for, so that two
never write for the same run. A run is a row with `id`, `state`, `claimed_at` and `touched_at`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import or_, select, update

from core import clock
from core.db import Base, db, transaction

LEASE = timedelta(minutes=1)
State = TypeVar("State", bound=StrEnum)


@dataclass(slots=True)
class Claim(Generic[State]):
    """The step of a run that this process has taken."""

    run_id: int
    state: State
    at: datetime


def claim(model: type[Base], busy: Collection[State], **values: Any) -> Claim[State] | None:
    """Take the oldest run in one of the busy states that nobody has, and set values in it."""
    run: Any = model
    now = clock.now()
    free = or_(run.claimed_at.is_(None), run.claimed_at <= now - LEASE)
    waits = run.state.in_(busy) & free
    due = db.session.scalar(select(run.id).where(waits).order_by(run.id).limit(1))
    if due is None:
        return None
    with transaction() as session:
        state = session.scalar(
            update(run)
            .where(run.id == due, waits)
            .values({"claimed_at": now} | values)
            .returning(run.state)
        )
    return Claim(due, state, now) if state else None


def prolong(model: type[Base], ours: Claim[State], **values: Any) -> bool:
    """Prolong a claim with what a step changes; whether the run was still ours."""
    run: Any = model
    now = clock.now()
    with transaction() as session:
        kept = session.scalar(
            update(run)
            .where(run.id == ours.run_id, run.state == ours.state, run.claimed_at == ours.at)
            .values({"claimed_at": now, "touched_at": now} | values)
            .returning(run.id)
        )
    ours.at = now
    return kept is not None
