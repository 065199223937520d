"""Messages nobody can tell of: providers that can are asked; what is pressing goes another way."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import aliased

from core import clock, crypto
from core.db import AnyRow, AnySelect, db, insert_once, transaction
from core.zone import CHINA
from messages.channels.rules import Crash, Found, Way
from messages.contacts.queries import route
from messages.delivery.rules import AGAIN, Known, reaching
from messages.models import IS_UNKNOWN, Message
from messages.rules import (
    LOOK_AFTER,
    MOST_LOOKS,
    SECOND_WAY,
    Channel,
    State,
    Weight,
    concerns_safety,
    given_up_with,
    is_given_up,
)
from messages.services import place_of

AT_ONCE, MOST_PAGES = 50, 100
"""Rows looked at together, and how often a pass turns the page."""
REPEATED = (
    "kind", "person_id", "language", "params", "subject_id", "subject_version", "after_close",
    "expire_at", "weight",
)  # fmt: skip


def look(ways: Mapping[Channel, Way]) -> int:
    """Ask for what has been unknown for some minutes, each at most three times; return how many."""
    asked = [channel for channel, way in ways.items() if way.capabilities.crash is Crash.LOOKUP]
    rows = db.session.execute(
        select(
            Message.id, Message.uid, Message.carried_by, Message.channel, Message.address,
            Message.person_id, Message.looks, Message.due_at, Message.lease_until, Message.next_at,
        )
        .where(
            IS_UNKNOWN,
            Message.next_at <= clock.now(),
            Message.looks < MOST_LOOKS,
            Message.channel.in_(asked),
        )
        .order_by(Message.next_at)
        .limit(AT_ONCE)
    ).all()  # fmt: skip
    db.session.remove()  # nothing is held open while a provider is asked
    for row in rows:
        _settle(row, _found(row, ways[row.channel]))
    return len(rows)


def _found(row: AnyRow, way: Way) -> Found:
    """Ask by the key it went out with, on the day it did."""
    people = [row.person_id] if row.person_id else []
    addresses = dict(route(people, safety=True).get(row.person_id, ()))
    try:
        sealed = row.address and crypto.sealer().open(row.address, place_of(row.uid))
    except crypto.Unreadable:
        return Found.CANNOT_TELL
    db.session.remove()
    address = sealed or addresses.get(row.channel)
    if not address:
        return Found.CANNOT_TELL
    found = {way.lookup(row.carried_by or row.uid, address, day) for day in _days(row)}
    if Found.SENT in found:
        return Found.SENT
    return Found.NOT_SENT if found == {Found.NOT_SENT} else Found.CANNOT_TELL


def _days(row: AnyRow) -> set[date]:
    """Return on which days it may have left: its lease ran out soon after, past midnight even."""
    left = row.lease_until or row.next_at
    return {moment.astimezone(CHINA).date() for moment in (left - LOOK_AFTER, left)}


def _settle(row: AnyRow, found: Found) -> None:
    """Write down the answer: it is out, it may go again, or nobody can tell yet."""
    now = clock.now()
    values: dict[str, Any] = {"looks": row.looks + 1, "next_at": now + LOOK_AFTER}
    if found is Found.SENT:
        values |= {"state": State.SENT, "sent_at": now, "error": None}
    elif found is Found.NOT_SENT:
        values |= {"state": State.PENDING, "next_at": now, "claim_token": None}
    with transaction() as session:
        session.execute(
            update(Message)
            .where(Message.id == row.id, Message.state == State.UNKNOWN, Message.looks == row.looks)
            .values(**values)
        )


def repeat_elsewhere(ways: Mapping[Channel, Way]) -> int:
    """Say by the next way, once, what is pressing and may not have arrived; return how many."""
    said, after = 0, 0
    for _page in range(MOST_PAGES):
        with transaction() as session:
            rows = session.scalars(_unrepeated(after)).all()
            known = reaching(((row.person_id, _is_safety(row)) for row in rows), route)
            said += sum(_repeat(row) for row in rows if _has_a_way(row, known, ways))
            after = rows[-1].id if rows else after
        if len(rows) < AT_ONCE:
            break
    return said


def _unrepeated(after: int) -> AnySelect:
    """Return the next page: whoever has no second way stays in the list, and holds up nobody."""
    return (
        select(Message)
        .where(
            IS_UNKNOWN,
            Message.id > after,
            Message.expire_at > clock.now(),
            _pressing(),
            ~_repeated(),
        )
        .order_by(Message.id)
        .limit(AT_ONCE)
    )


def _pressing() -> ColumnElement[bool]:
    return or_(Message.kind.in_(SECOND_WAY), Message.weight == Weight.URGENT)


def _repeated() -> ColumnElement[bool]:
    again = aliased(Message)
    said = exists().where(again.dedup_key == Message.dedup_key + AGAIN)
    return or_(Message.dedup_key.endswith(AGAIN, autoescape=True), said)


def _is_safety(row: Message) -> bool:
    return concerns_safety(row.kind, row.weight)


def _has_a_way(row: Message, known: Known, ways: Mapping[Channel, Way]) -> bool:
    tried = given_up_with(row.given_up, row.channel)
    reach = known.get((row.person_id or 0, _is_safety(row)), ())
    return any(channel in ways and not is_given_up(tried, channel) for channel, _address in reach)


def _repeat(row: Message) -> bool:
    now = clock.now()
    return (
        insert_once(
            Message,
            **{name: getattr(row, name) for name in REPEATED},
            dedup_key=row.dedup_key + AGAIN,
            channel=row.channel,
            given_up=given_up_with(row.given_up, row.channel),
            due_at=now,
            next_at=now,
        )
        is not None
    )
