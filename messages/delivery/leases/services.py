"""Who sends what: rows are lent to one process for a while, and taken back when it has gone.

Rows that another process holds are stepped over, never waited for: a plain UPDATE deadlocks with
the dying connection of a killed process (reminders.md §4.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock, ids
from core.db import AnySelect, db, transaction
from messages.models import Message
from messages.rules import Channel, State

LEASE = timedelta(seconds=60)
BATCH = 200
"""Rows of a channel lent at once."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What this process may send for as long as its lease runs; the token proves it."""

    token: str = ""
    inapp: tuple[int, ...] = ()
    external: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.inapp) + len(self.external)


def claim(now: datetime, *, limit: int = BATCH, lease: timedelta = LEASE) -> Claimed:
    """Take what is due and nobody else has, the oldest first.

    Each channel has its own limit: a mail server that is slow never holds up the site's inbox.
    """
    if db.session.scalar(_due(now).limit(1)) is None:
        return Claimed()
    token = ids.token()
    with transaction() as session:
        _expire(session, now)
        inapp, external = (
            _lend(session, _due(now).where(Message.channel == channel).limit(limit), token, lease)
            for channel in (Channel.INAPP, Channel.EMAIL)
        )
    return Claimed(token, inapp, external)


def give_back(row_ids: Sequence[int], token: str) -> None:
    """Let others send these: nothing has left yet."""
    with transaction() as session:
        session.execute(
            update(Message)
            .where(
                Message.id.in_(row_ids),
                Message.claim_token == token,
                Message.state == State.CLAIMED,
            )
            .values(**_WAITING)
        )


def sweep() -> int:
    """Take back claims whose process has gone, and mark as unknown what it was sending.

    Returns how many became unknown.
    """
    now = clock.now()
    with transaction() as session:
        _expire(session, now)
        session.execute(
            update(Message).where(Message.id.in_(_lapsed(State.CLAIMED, now))).values(**_WAITING)
        )
    with transaction() as session:
        unknown = session.scalars(
            update(Message)
            .where(Message.id.in_(_lapsed(State.SENDING, now)))
            .values(state=State.UNKNOWN, error="interrupted")
            .returning(Message.id)
        ).all()
    return len(unknown)


_WAITING: dict[str, Any] = {"state": State.PENDING, "claim_token": None, "lease_until": None}


def _due(now: datetime) -> AnySelect:
    return (
        select(Message.id)
        .where(Message.state == State.PENDING, Message.next_at <= now)
        .order_by(Message.next_at, Message.id)
    )


def _lend(session: Session, due: AnySelect, token: str, lease: timedelta) -> tuple[int, ...]:
    """Mark the rows as lent.

    They are picked in a part of their own (WITH): as a plain sub-query PostgreSQL may pick anew
    for every row it looks at, and lend more than the limit.
    """
    picked = due.with_for_update(skip_locked=True).cte("picked")
    rows = session.execute(
        update(Message)
        .where(Message.id.in_(select(picked.c.id)))
        .values(state=State.CLAIMED, claim_token=token, lease_until=clock.now() + lease)
        .returning(Message.id, Message.next_at)
    ).all()
    return tuple(row.id for row in sorted(rows, key=lambda row: (row.next_at, row.id)))


def _lapsed(state: State, now: datetime) -> Sequence[int]:
    rows = select(Message.id).where(Message.state == state, Message.lease_until < now)
    return _free(rows)


def _expire(session: Session, now: datetime) -> None:
    late = select(Message.id).where(
        Message.state == State.PENDING, Message.next_at <= now, Message.expire_at <= now
    )
    session.execute(update(Message).where(Message.id.in_(_free(late))).values(state=State.EXPIRED))


def _free(rows: AnySelect) -> Sequence[int]:
    """Lock the rows that nobody holds, and return them."""
    return db.session.scalars(rows.order_by(Message.id).with_for_update(skip_locked=True)).all()
