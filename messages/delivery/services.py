"""Sending what is due: claim a batch, declare the intent for a few, send, keep what became of it.

Nothing is sent inside a transaction. Between intent and result a process may die: such a message
is *unknown* and is never sent again by itself. Any number of processes may do this at once
(reminders.md §4, measured there).
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, exists, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from accounts.models import Person
from core import clock, crypto
from core.db import AnyRow, insert_once, transaction
from messages.channels.rules import Carrier, Outgoing, Sent, Text
from messages.delivery.leases.services import LEASE, claim, give_back
from messages.models import DeliveryAttempt, InboxItem, Message, Subject
from messages.rules import Outcome, State, next_try
from messages.services import place_of

CHUNK = 8
"""Rows declared at once: as many can be unknown after a process was killed."""
PASS_SECONDS = 15.0
"""After this a pass begins nothing new; with one last try it stays well within the lease."""


Render = Callable[[str, str, dict[str, Any]], Text]
"""Kind, language and params to the text; raises ValueError when the text cannot be made."""


@dataclass(frozen=True, slots=True)
class _Ready:
    id: int
    attempts: int
    expire_at: datetime
    outgoing: Outgoing | None
    error: str = ""


def deliver(carrier: Carrier, render: Render) -> int:
    """Send what is due now and return how many rows were taken up.

    A pass that has used up its time gives back what it has not begun, so that a mail server that
    hangs delays mails only.
    """
    ends = time.monotonic() + PASS_SECONDS
    claimed = claim(clock.now())
    if claimed.inapp:
        _put_into_inboxes(claimed.inapp, claimed.token)
    results: list[tuple[_Ready, Sent]] = []
    for start in range(0, len(claimed.external), CHUNK):
        if time.monotonic() > ends:
            give_back(claimed.external[start:], claimed.token)
            break
        chunk = claimed.external[start : start + CHUNK]
        ready = _intend(chunk, claimed.token, results, render)
        results = [(one, _carry(one, carrier, ends)) for one in ready]
    if results:
        with transaction() as session:
            _keep(session, results, claimed.token)
    return len(claimed)


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
    Message.expire_at,
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
    """What was claimed and may not be sent: it is too late, or its subject has changed."""
    expired, cancelled = (
        type_coerce(state, Message.state.type) for state in (State.EXPIRED, State.CANCELLED)
    )
    session.execute(
        update(Message)
        .where(
            Message.id.in_(row_ids), Message.claim_token == token, Message.state == State.CLAIMED
        )
        .values(
            state=case((Message.expire_at <= clock.now(), expired), else_=cancelled),
            lease_until=None,
        )
    )


def _ready(row: AnyRow, emails: dict[int, str | None], render: Render) -> _Ready:
    """Return the row with its address and text, or with the reason why it has none."""
    try:
        text = render(row.kind, row.language, row.params)
        address = _address(row, emails)
    except ValueError as error:
        return _Ready(row.id, row.attempts, row.expire_at, None, f"text: {error}"[:200])
    except crypto.Unreadable:
        return _Ready(row.id, row.attempts, row.expire_at, None, "address unreadable")
    if not address:
        return _Ready(row.id, row.attempts, row.expire_at, None, "no address")
    return _Ready(row.id, row.attempts, row.expire_at, Outgoing(row.uid, address, text))


def _address(row: AnyRow, emails: dict[int, str | None]) -> str | None:
    if row.address:
        return crypto.sealer().open(row.address, place_of(row.uid))
    return emails.get(row.person_id or 0)


def _carry(ready: _Ready, carrier: Carrier, ends: float) -> Sent:
    if ready.outgoing is None:
        return Sent(Outcome.REJECTED, ready.error)
    if time.monotonic() > ends:
        return Sent(Outcome.RETRY, "out of time")
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
    if again is None or again >= ready.expire_at:
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
