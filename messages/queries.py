"""Reading the inbox, and the ledger without what its messages say."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import func, or_, select

from core import clock
from core.db import AnyRow, db
from core.paging import Page, newest_first
from messages.models import IS_UNSETTLED, LEASED, WAITS_HERE, WAITS_OUTSIDE, InboxItem, Message
from messages.rules import OPEN, TOLD, UNSETTLED, Channel, State

UNSETTLED_ONLY = "unsettled"
MOST = 1000
"""So many of a state are counted; of more it is said that there are at least so many."""


def unread(person_id: int) -> int:
    """Return how many messages somebody has not read."""
    return (
        db.session.scalar(
            select(func.count(InboxItem.id)).where(
                InboxItem.person_id == person_id, InboxItem.read_at.is_(None)
            )
        )
        or 0
    )


def inbox(person_id: int, *, after: str | None) -> Page[AnyRow]:
    """Return a page of somebody's messages, the newest first."""
    listed = select(
        InboxItem.kind, InboxItem.params, InboxItem.created_at, InboxItem.read_at
    ).where(InboxItem.person_id == person_id)
    return newest_first(listed, [InboxItem.id], after=after, size=20)


def counts() -> dict[State, int]:
    """Return how many messages are in each state that is not the last, counting up to `MOST`.

    How many were sent since the beginning helps nobody, and costs a look at every row.
    """
    asked = [
        (State.PENDING, WAITS_HERE, Message.next_at),
        (State.PENDING, WAITS_OUTSIDE, Message.next_at),
        (State.CLAIMED, LEASED, Message.lease_until),
        (State.SENDING, LEASED, Message.lease_until),
        (State.UNKNOWN, IS_UNSETTLED, Message.due_at),
        (State.DEAD, IS_UNSETTLED, Message.due_at),
    ]
    few = (
        select(Message.id).where(part, Message.state == state).order_by(order).limit(MOST)
        for state, part, order in asked
    )
    row = db.session.execute(
        select(*(select(func.count()).select_from(one.subquery()).scalar_subquery() for one in few))
    ).one()
    found: dict[State, int] = {}
    for (state, _part, _order), many in zip(asked, row, strict=True):
        found[state] = min(found.get(state, 0) + many, MOST)
    return found


def troubled(state: str, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the messages in a state, or of the failed and unknown ones ("unsettled").

    Of no state: late ones too.
    """
    listed = select(
        Message.uid,
        Message.kind,
        Message.channel,
        Message.state,
        Message.due_at,
        Message.expire_at,
        Message.attempts,
        Message.error,
    )
    if state in set(State):
        listed = listed.where(Message.state == State(state))
    elif state == UNSETTLED_ONLY:
        listed = listed.where(IS_UNSETTLED)
    else:
        late = Message.state.in_(OPEN) & (Message.next_at < clock.now())
        listed = listed.where(or_(Message.state.in_(UNSETTLED), late))
    return newest_first(listed, [Message.due_at, Message.id], after=after)


def mailed(keys: Iterable[str]) -> set[str]:
    """Return which messages, by their keys, somebody may have got by mail."""
    rows = select(Message.dedup_key).where(
        Message.dedup_key.in_(list(keys)),
        Message.state.in_(TOLD),
        Message.channel == Channel.EMAIL,
    )
    return set(db.session.scalars(rows))


def unsettled() -> int:
    """Return how many messages a person has to look at."""
    return db.session.scalar(select(func.count(Message.id)).where(IS_UNSETTLED)) or 0


def oldest_overdue() -> float:
    """Return for how many seconds the oldest message that is due has been waiting, 0 for none."""
    now = clock.now()
    lanes = (
        select(Message.next_at)
        .where(lane, Message.next_at <= now)
        .order_by(Message.next_at)
        .limit(1)
        .scalar_subquery()
        for lane in (WAITS_HERE, WAITS_OUTSIDE)
    )
    found = [at for at in db.session.execute(select(*lanes)).one() if at is not None]
    return (now - min(found)).total_seconds() if found else 0.0


def ledger() -> Iterator[AnyRow]:
    """Yield id, key, state, channel, due and sent of every message, a thousand at a time."""
    last = 0
    while rows := _thousand_after(last):
        yield from rows
        last = rows[-1].id


def _thousand_after(last: int) -> Sequence[AnyRow]:
    return db.session.execute(
        select(
            Message.id,
            Message.dedup_key,
            Message.state,
            Message.channel,
            Message.due_at,
            Message.sent_at,
        )
        .where(Message.id > last)
        .order_by(Message.id)
        .limit(1000)
    ).all()
