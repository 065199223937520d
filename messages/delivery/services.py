"""Sending what is due: claim a batch, declare the intent for a few, send, keep what became of it.

Nothing is sent inside a transaction. Between intent and result a process may die: such a message
is *unknown* and is never sent again by itself. Any number of processes may do this at once
(reminders.md §4, measured there).
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from accounts.models import Person
from core import clock, crypto, ids
from core.db import AnyRow, db, insert_once, transaction
from messages.models import DeliveryAttempt, InboxItem, Message, Subject
from messages.rules import Channel, Outcome, State, next_try
from messages.services import place_of

LEASE = timedelta(seconds=60)
BATCH, CHUNK = 200, 8


@dataclass(frozen=True, slots=True)
class Text:
    """What a message says in its reader's language."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way out: `key` is the same however often it is tried."""

    key: str
    address: str
    text: Text


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one try. UNKNOWN: the request had left and no answer came."""

    outcome: Outcome
    code: str = ""


class Carrier(Protocol):
    """A way out of the site."""

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand the message over, within a third of the lease."""
        ...


Render = Callable[[str, str, dict[str, Any]], Text]
"""Kind, language and params to the text; raises ValueError when the text cannot be made."""


@dataclass(frozen=True, slots=True)
class _Ready:
    id: int
    attempts: int
    outgoing: Outgoing | None
    error: str = ""


def deliver(carrier: Carrier, render: Render) -> int:
    """Send what is due now and return how many rows were taken up."""
    token, now = ids.token(), clock.now()
    claimed = _claim(token, now)
    inapp = [row_id for row_id, channel in claimed if channel is Channel.INAPP]
    external = [row_id for row_id, channel in claimed if channel is Channel.EMAIL]
    if inapp:
        _put_into_inboxes(inapp, token)
    results: list[tuple[_Ready, Sent]] = []
    for start in range(0, len(external), CHUNK):
        ready = _intend(external[start : start + CHUNK], token, results, render)
        results = [(one, _carry(one, carrier)) for one in ready]
    if results:
        with transaction() as session:
            _keep(session, results, token)
    return len(claimed)


def sweep() -> int:
    """Take back claims whose process has gone, and mark as unknown what it was sending.

    Returns how many became unknown.
    """
    now = clock.now()
    with transaction() as session:
        _expire(session, now)
        session.execute(
            update(Message)
            .where(Message.id.in_(_lapsed(State.CLAIMED, now)))
            .values(state=State.PENDING, claim_token=None, lease_until=None)
        )
    with transaction() as session:
        unknown = session.scalars(
            update(Message)
            .where(Message.id.in_(_lapsed(State.SENDING, now)))
            .values(state=State.UNKNOWN, error="interrupted")
            .returning(Message.id)
        ).all()
    return len(unknown)


def _lapsed(state: State, now: datetime) -> Sequence[int]:
    rows = select(Message.id).where(Message.state == state, Message.lease_until < now)
    return db.session.scalars(rows.order_by(Message.id).with_for_update(skip_locked=True)).all()


def _expire(session: Session, now: datetime) -> None:
    session.execute(
        update(Message)
        .where(Message.state == State.PENDING, Message.next_at <= now, Message.expire_at <= now)
        .values(state=State.EXPIRED)
    )


def _claim(token: str, now: datetime) -> Sequence[tuple[int, Channel]]:
    """Take a batch nobody else has. SQLite leaves SKIP LOCKED out: it has one writer at a time."""
    waiting = (
        select(Message.id)
        .where(Message.state == State.PENDING, Message.next_at <= now)
        .order_by(Message.next_at, Message.id)
    )
    if db.session.scalar(waiting.limit(1)) is None:
        return []
    batch = waiting.limit(BATCH).with_for_update(skip_locked=True)
    with transaction() as session:
        _expire(session, now)
        rows = session.execute(
            update(Message)
            .where(Message.id.in_(batch))
            .values(state=State.CLAIMED, claim_token=token, lease_until=now + LEASE)
            .returning(Message.id, Message.channel, Message.next_at)
        ).all()
    return [(row.id, row.channel) for row in sorted(rows, key=lambda row: (row.next_at, row.id))]


def _still_stands() -> Any:
    """Return the condition that what a message is about has not changed or gone."""
    same = exists().where(
        Subject.id == Message.subject_id,
        Subject.version == Message.subject_version,
        or_(Subject.open.is_(True), Message.after_close.is_(True)),
    )
    return or_(Message.subject_id.is_(None), same)


_NEEDED = (
    Message.id,
    Message.uid,
    Message.kind,
    Message.language,
    Message.params,
    Message.address,
    Message.person_id,
    Message.attempts,
)


def _intend(
    row_ids: Sequence[int], token: str, results: list[tuple[_Ready, Sent]], render: Render
) -> list[_Ready]:
    """Keep the results of the chunk before, and declare that these will be sent now."""
    now = clock.now()
    with transaction() as session:
        _keep(session, results, token)
        rows = session.execute(
            update(Message)
            .where(
                Message.id.in_(row_ids),
                Message.claim_token == token,
                Message.state == State.CLAIMED,
                Message.expire_at > now,
                _still_stands(),
            )
            .values(
                state=State.SENDING, attempts=Message.attempts + 1, lease_until=clock.now() + LEASE
            )
            .returning(*_NEEDED)
        ).all()
        _drop_the_rest(session, row_ids, token)
        emails = _emails(session, {row.person_id for row in rows if row.person_id})
    return [_ready(row, emails, render) for row in rows]


def _emails(session: Session, person_ids: set[int]) -> dict[int, str | None]:
    rows = session.execute(
        select(Person.id, Person.email).where(
            Person.id.in_(person_ids), Person.disabled_at.is_(None)
        )
    )
    return {row.id: row.email for row in rows}


def _drop_the_rest(session: Session, row_ids: Sequence[int], token: str) -> None:
    """What was claimed and may not be sent: its subject has changed, or it is too late."""
    session.execute(
        update(Message)
        .where(
            Message.id.in_(row_ids), Message.claim_token == token, Message.state == State.CLAIMED
        )
        .values(state=State.CANCELLED, error="too late or changed", lease_until=None)
    )


def _ready(row: AnyRow, emails: dict[int, str | None], render: Render) -> _Ready:
    if row.address:
        address: str | None = crypto.sealer().open(row.address, place_of(row.uid))
    else:
        address = emails.get(row.person_id or 0)
    if not address:
        return _Ready(row.id, row.attempts, None, "no address")
    try:
        text = render(row.kind, row.language, row.params)
    except ValueError as error:
        return _Ready(row.id, row.attempts, None, f"text: {error}"[:200])
    return _Ready(row.id, row.attempts, Outgoing(row.uid, address, text))


def _carry(ready: _Ready, carrier: Carrier) -> Sent:
    if ready.outgoing is None:
        return Sent(Outcome.REJECTED, ready.error)
    return carrier.send(ready.outgoing)


def _keep(session: Session, results: list[tuple[_Ready, Sent]], token: str) -> None:
    """Write what became of each try, and the try itself."""
    now = clock.now()
    for ready, sent in results:
        values = _after(ready, sent, now)
        session.execute(
            update(Message)
            .where(
                Message.id == ready.id,
                Message.claim_token == token,
                Message.state.in_({State.SENDING, State.UNKNOWN}),
            )
            .values(**values)
        )
        session.add(
            DeliveryAttempt(
                message_id=ready.id,
                number=ready.attempts,
                finished_at=now,
                outcome=sent.outcome,
                code=sent.code[:200],
            )
        )


def _after(ready: _Ready, sent: Sent, now: datetime) -> dict[str, Any]:
    if sent.outcome is Outcome.ACCEPTED:
        return {"state": State.SENT, "sent_at": now, "error": None, "lease_until": None}
    failed = {"error": sent.code[:200], "lease_until": None}
    if sent.outcome is Outcome.UNKNOWN:
        return failed | {"state": State.UNKNOWN}
    again = None
    if sent.outcome is Outcome.RETRY:
        again = next_try(ready.attempts, now, random.uniform(-1, 1))  # noqa: S311 - spreads tries
    if again is None:
        return failed | {"state": State.DEAD}
    return failed | {"state": State.PENDING, "next_at": again, "claim_token": None}


def _put_into_inboxes(row_ids: Sequence[int], token: str) -> None:
    """In-site messages are exactly once: the item and the mark are one transaction."""
    now = clock.now()
    with transaction() as session:
        rows = session.execute(
            update(Message)
            .where(
                Message.id.in_(row_ids),
                Message.claim_token == token,
                Message.state == State.CLAIMED,
                Message.expire_at > now,
                _still_stands(),
            )
            .values(state=State.SENT, sent_at=now, attempts=Message.attempts + 1, lease_until=None)
            .returning(Message.id, Message.person_id, Message.kind, Message.params)
        ).all()
        _drop_the_rest(session, row_ids, token)
        for row in rows:
            insert_once(
                InboxItem,
                person_id=row.person_id,
                message_id=row.id,
                kind=row.kind,
                params=row.params,
                created_at=now,
            )
