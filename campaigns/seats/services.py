"""Taking seats and giving them back: one guarded UPDATE each, in the caller's transaction."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Executable, Integer, Table, bindparam, update
from sqlalchemy.orm import Session

from campaigns.seats.models import Pool

POOL, SEATS = bindparam("pool", type_=Integer), bindparam("seats", type_=Integer)


def taking(pool: type[Pool], *further: ColumnElement[bool], **counted: Any) -> Executable:
    """Return the statement that takes SEATS of a POOL if so many are left: made once, used often.

    Its WHERE is what keeps a pool from being oversold. `further` are conditions of the pool's own,
    `counted` what else is counted with the seats.
    """
    return (
        update(cast("Table", pool.__table__))  # type: ignore[attr-defined]  # every pool is a table
        .where(pool.id == POOL, pool.taken + SEATS <= pool.capacity, *further)
        .values(taken=pool.taken + SEATS, **counted)
        .returning(pool.id)
    )


def take(session: Session, taking: Executable, row_id: int, seats: int, **counted: object) -> bool:
    """Take seats by such a statement; return whether they were left."""
    given = {"pool": row_id, "seats": seats} | counted
    return session.connection().scalar(taking, given) is not None


def give_back(session: Session, pool: type[Pool], freed: Mapping[int, Mapping[str, int]]) -> None:
    """Give seats back: by row, how much each counter goes down. Rows are locked in their order."""
    for row_id, counters in sorted(freed.items()):
        session.execute(
            update(pool)
            .where(pool.id == row_id)
            .values({name: getattr(pool, name) - many for name, many in counters.items()})
            .execution_options(synchronize_session=False)
        )


@cache
def _numbering(pool: type[Pool]) -> Executable:
    return (
        update(cast("Table", pool.__table__))  # type: ignore[attr-defined]
        .where(pool.id == POOL)
        .values(queued=pool.queued + 1)
        .returning(pool.queued)
    )


def next_number(session: Session, pool: type[Pool], row_id: int) -> int:
    """Return the next place in the queue: numbers have no gap, and none is given twice."""
    statement = _numbering(pool)  # type: ignore[arg-type]  # a class is hashable
    return int(session.connection().execute(statement, {"pool": row_id}).scalar_one())
