"""Taking seats and giving them back: one guarded UPDATE each, in the caller's transaction."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from campaigns.seats.models import Pool


def take(
    session: Session,
    pool: type[Pool],
    row_id: int,
    seats: int,
    *further: ColumnElement[bool],
    **counted: Any,
) -> bool:
    """Take seats if so many are left; return whether they were.

    The WHERE of this UPDATE is what keeps a pool from being oversold. `further` are conditions of
    the pool's own, `counted` what else is counted with the seats.
    """
    done = session.scalar(
        update(pool)
        .where(pool.id == row_id, pool.taken + seats <= pool.capacity, *further)
        .values(taken=pool.taken + seats, **counted)
        .returning(pool.id)
        .execution_options(synchronize_session=False)
    )
    return done is not None


def give_back(session: Session, pool: type[Pool], freed: Mapping[int, Mapping[str, int]]) -> None:
    """Give seats back: by row, how much each counter goes down. Rows are locked in their order."""
    for row_id, counters in sorted(freed.items()):
        session.execute(
            update(pool)
            .where(pool.id == row_id)
            .values({name: getattr(pool, name) - many for name, many in counters.items()})
            .execution_options(synchronize_session=False)
        )


def next_number(session: Session, pool: type[Pool], row_id: int) -> int:
    """Return the next place in the queue: numbers have no gap, and none is given twice."""
    return session.scalars(
        update(pool)
        .where(pool.id == row_id)
        .values(queued=pool.queued + 1)
        .returning(pool.queued)
        .execution_options(synchronize_session=False)
    ).one()
