"""Who sends what: rows are lent to one process for a while, and taken back when it has gone.

Rows that another process holds are stepped over, never waited for: a plain UPDATE deadlocks with
the dying connection of a killed process (reminders.md §4.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, TextClause, and_, exists, false, or_, select, update
from sqlalchemy.orm import Session, aliased

from core import clock, ids
from core.db import AnySelect, db, transaction
from messages.delivery.holds.services import in_doubt
from messages.delivery.rules import Due, Pace
from messages.models import LEASED, WAITS_HERE, WAITS_OUTSIDE, Message
from messages.rules import (
    LOOK_AFTER,
    OPEN,
    TOLD,
    Channel,
    HoldReason,
    State,
    Weight,
    later_than,
    replaced_kinds,
)

LEASE = Pace().lease
BATCH = Pace().batch


@dataclass(frozen=True, slots=True)
class Claimed:
    """What this process may send for as long as its lease runs; the token proves it."""

    token: str = ""
    inapp: tuple[int, ...] = ()
    external: tuple[Due, ...] = ()

    def __len__(self) -> int:
        return len(self.inapp) + len(self.external)


def due_lanes(now: datetime) -> tuple[bool, bool]:
    """Return whether anything is due for the site's inbox, and whether outside of it."""
    lanes = (exists(_due(lane, now)) for lane in (WAITS_HERE, WAITS_OUTSIDE))
    found = db.session.execute(select(*lanes)).one()
    return bool(found[0]), bool(found[1])


def claim(
    now: datetime,
    *,
    limit: int = BATCH,
    lease: timedelta = LEASE,
    lanes: tuple[bool, bool] = (True, True),
    held: HoldReason | None = None,
) -> Claimed:
    """Take what is due and nobody else has, the oldest first.

    Each lane has its own limit: a mail server that is slow never holds up the site's inbox. While
    messages are `held`, only what is urgent leaves the site, and in a doubtful time reaches it.
    `lanes`: whether anything is due in each.
    """
    here, outside = lanes
    token = ids.token()
    with transaction() as session:
        inbox, leaving = _due(WAITS_HERE, now), _due(WAITS_OUTSIDE, now)
        if held:
            leaving = leaving.where(Message.weight == Weight.URGENT)
        if held is HoldReason.CLOCK:
            inbox = inbox.where(Message.weight == Weight.URGENT)
        inapp = _lend(session, inbox.limit(limit), token, lease) if here else []
        external = _lend(session, leaving.limit(limit), token, lease) if outside else []
        dropped = _drop(session, [*inapp, *external], now)
    return Claimed(
        token,
        tuple(row.id for row in inapp if row.id not in dropped),
        tuple(row for row in external if row.id not in dropped),
    )


def give_back(row_ids: Sequence[int], token: str, *, until: datetime | None = None) -> None:
    """Let others send these, from a moment on: nothing has left yet."""
    waiting = _WAITING | ({"next_at": until} if until else {})
    with transaction() as session:
        session.execute(
            update(Message)
            .where(
                Message.id.in_(row_ids),
                Message.claim_token == token,
                Message.state == State.CLAIMED,
            )
            .values(**waiting)
        )


def sweep(*, expires: bool = True) -> int:
    """Take back claims whose process has gone, and mark as unknown what it was sending.

    With `expires` what has come too late is given up: not while the clock is in doubt.

    Returns how many became unknown.
    """
    now = clock.now()
    with transaction() as session:
        if expires and not in_doubt():
            _expire(session, now)
        session.execute(
            update(Message).where(Message.id.in_(_lapsed(State.CLAIMED, now))).values(**_WAITING)
        )
    with transaction() as session:
        unknown = session.scalars(
            update(Message)
            .where(Message.id.in_(_lapsed(State.SENDING, now)))
            .values(state=State.UNKNOWN, error="interrupted", next_at=now + LOOK_AFTER)
            .returning(Message.id)
        ).all()
    return len(unknown)


_WAITING: dict[str, Any] = {"state": State.PENDING, "claim_token": None, "lease_until": None}
_DUE = (
    Message.id, Message.uid, Message.dedup_key, Message.person_id, Message.kind, Message.language,
    Message.params, Message.address, Message.weight, Message.given_up, Message.attempts,
    Message.next_at, Message.expire_at,
)  # fmt: skip


def _due(lane: TextClause, now: datetime) -> AnySelect:
    return (
        select(Message.id).where(lane, Message.next_at <= now).order_by(Message.next_at, Message.id)
    )


def _lend(session: Session, due: AnySelect, token: str, lease: timedelta) -> list[Due]:
    """Mark the rows as lent.

    They are picked in a part of their own (WITH): as a plain sub-query PostgreSQL may pick anew
    for every row it looks at, and lend more than the limit.
    """
    picked = due.with_for_update(skip_locked=True).cte("picked")
    rows = session.execute(
        update(Message)
        .where(Message.id.in_(select(picked.c.id)))
        .values(state=State.CLAIMED, claim_token=token, lease_until=clock.now() + lease)
        .returning(*_DUE)
    ).all()
    return sorted((Due(*row) for row in rows), key=lambda row: (row.next_at, row.id))


def _drop(session: Session, rows: Sequence[Due], now: datetime) -> set[int]:
    """Settle what is lent and too late, or whose later reminder is due as well; return it."""
    late = [row.id for row in rows if row.expire_at <= now]
    old = [row.id for row in rows if row.kind in replaced_kinds() and row.expire_at > now]
    found: set[int] = set(late)
    for row_ids, state, condition in (
        (late, State.EXPIRED, None),
        (old, State.SUPERSEDED, _has_a_later_one(now)),
    ):
        if row_ids:
            settled = update(Message).where(Message.id.in_(row_ids))
            if condition is not None:
                settled = settled.where(condition)
            done = settled.values(state=state, lease_until=None).returning(Message.id)
            found |= set(session.scalars(done))
    return found


def _has_a_later_one(now: datetime) -> ColumnElement[bool]:
    """Return the condition that the next reminder of the same thing to the same person is due."""
    later = aliased(Message)
    ladder = or_(
        false(),
        *(
            and_(Message.kind == kind, later.kind.in_(later_than(kind)))
            for kind in sorted(replaced_kinds())
        ),
    )
    return exists().where(
        later.subject_id == Message.subject_id,
        later.subject_version == Message.subject_version,
        later.person_id == Message.person_id,
        (later.channel == Channel.INAPP) == (Message.channel == Channel.INAPP),
        later.next_at <= now,
        later.state.in_(OPEN | TOLD),
        ladder,
    )


def _lapsed(state: State, now: datetime) -> Sequence[int]:
    rows = select(Message.id).where(LEASED, Message.state == state, Message.lease_until < now)
    return _free(rows)


def _expire(session: Session, now: datetime) -> None:
    for lane in (WAITS_HERE, WAITS_OUTSIDE):
        late = select(Message.id).where(lane, Message.next_at <= now, Message.expire_at <= now)
        session.execute(
            update(Message).where(Message.id.in_(_free(late))).values(state=State.EXPIRED)
        )


def _free(rows: AnySelect) -> Sequence[int]:
    """Lock the rows that nobody holds, and return them."""
    return db.session.scalars(rows.order_by(Message.id).with_for_update(skip_locked=True)).all()
