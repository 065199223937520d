"""Keeping what became of each try, and the try itself."""

import random
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from core import clock
from messages.channels.rules import Sent
from messages.contacts.services import came_back
from messages.delivery.breakers.services import Breakers, note, rest
from messages.delivery.rules import Due, Ready, Results
from messages.models import DeliveryAttempt, Message
from messages.rules import LOOK_AFTER, Channel, Outcome, State, given_up_with, next_try

OUT_OF_TIME = "out of time"
"""What a pass says of what it did not begin: no way is to blame for that."""


def keep(session: Session, results: Results, token: str, breakers: Breakers) -> None:
    """Write what became of each try, in the caller's transaction."""
    if not results:
        return
    now = clock.now()
    plain = [
        row.id
        for ready, sent in results
        if sent.outcome is Outcome.ACCEPTED and not sent.provider_id
        for row in ready.group.rows
    ]
    if plain:
        values = {"ids": plain, "token": token, "now": now}
        session.connection().execute(_accepting(), values)
    for ready, sent in results:
        if sent.outcome is not Outcome.ACCEPTED or sent.provider_id:
            for row in ready.group.rows:
                _write(session, [row.id], token, _after(row, ready, sent, now))
    session.connection().execute(insert(DeliveryAttempt), _attempts(results, now))
    _judge(session, results, breakers, now)


@cache
def _accepting() -> Any:
    """Return the statement without its values: putting it together costs more than sending it."""
    return (
        update(Message)
        .where(
            Message.id.in_(bindparam("ids", expanding=True)),
            Message.claim_token == bindparam("token"),
            Message.state.in_((State.SENDING, State.UNKNOWN)),
        )
        .values(state=State.SENT, sent_at=bindparam("now"), error=None, lease_until=None)
    )


def _write(session: Session, row_ids: list[int], token: str, values: dict[str, Any]) -> None:
    session.execute(
        update(Message)
        .where(
            Message.id.in_(row_ids),
            Message.claim_token == token,
            Message.state.in_({State.SENDING, State.UNKNOWN}),
        )
        .values(**values)
    )


def _attempts(results: Results, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "message_id": row.id,
            "number": row.attempts + 1,
            "channel": ready.group.channel,
            "finished_at": now,
            "outcome": sent.outcome,
            "code": sent.code[:200],
        }
        for ready, sent in results
        for row in ready.group.rows
    ]


def _judge(session: Session, results: Results, breakers: Breakers, now: datetime) -> None:
    """Tell the breakers and people's ways how they did; a text that cannot be made is no news."""
    seen: dict[Channel, list[Outcome]] = {}
    for ready, sent in results:
        if ready.outgoing is not None and sent.code != OUT_OF_TIME:
            seen.setdefault(ready.group.channel, []).append(sent.outcome)
    for ready, sent in results:
        person_id = ready.group.rows[0].person_id
        if sent.nobody_there and person_id:
            came_back(person_id, ready.group.channel)
    for channel, outcomes in seen.items():
        note(session, breakers, channel, outcomes)
        rest(session, breakers, channel, now)


def _accepted(now: datetime) -> dict[str, Any]:
    return {"state": State.SENT, "sent_at": now, "error": None, "lease_until": None}


def _after(row: Due, ready: Ready, sent: Sent, now: datetime) -> dict[str, Any]:
    if sent.outcome is Outcome.ACCEPTED:
        return _accepted(now) | {"provider_id": sent.provider_id[:128]}
    failed = {"error": (sent.code or sent.outcome.value)[:200], "lease_until": None}
    if sent.outcome is Outcome.UNKNOWN:  # the lease tells on which day it left
        unknown = {"state": State.UNKNOWN, "error": failed["error"]}
        return unknown | {"next_at": now + LOOK_AFTER}
    again = None
    if sent.outcome is Outcome.RETRY:
        again = next_try(row.attempts + 1, now, random.uniform(-1, 1))  # noqa: S311 - spreads tries
    waiting = failed | {"state": State.PENDING, "claim_token": None}
    if again is not None and again < row.expire_at:
        return waiting | {"next_at": again}
    if ready.outgoing is not None and ready.group.ways_left and now < row.expire_at:
        given_up = given_up_with(row.given_up, ready.group.channel)
        return waiting | {"next_at": now, "given_up": given_up, "attempts": 0}
    return failed | {"state": State.DEAD}
