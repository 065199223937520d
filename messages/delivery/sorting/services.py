"""By which way each row leaves: resolved when it is sent, not when it was planned."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import update

from core import crypto
from core.db import transaction
from messages.channels.rules import Way
from messages.delivery.rules import Due, Group, Known, Render, Ways, grouped
from messages.models import Message
from messages.rules import (
    Channel,
    State,
    Weight,
    is_given_up,
    is_quiet,
    moved_out_of_the_night,
)
from messages.services import place_of

MOST_TOGETHER = 8
NO_WAY = "no way"


@dataclass(slots=True)
class Sorted:
    """What was lent: what leaves, by its way, and what does not, with what becomes of it."""

    groups: dict[Channel, list[Group]] = field(default_factory=dict)
    aside: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def sort(
    rows: Sequence[Due],
    known: Known,
    ways: Mapping[Channel, Way],
    *,
    render: Render,
    now: datetime,
    alone: Collection[int] = (),
) -> Sorted:
    """Put together what leaves together, and find each its way.

    What would disturb somebody at night waits; who has no way is left with the site's inbox. Rows
    that go `alone` are never put together with others.
    """
    found = Sorted()
    awake = [row for row in rows if not _waits(row, now, found)]
    for together in grouped(awake, now, most=MOST_TOGETHER, alone=alone):
        for part in _that_render(together, render):
            _find_way(part, known, ways, found)
    return found


def put_aside(found: Sorted, token: str) -> None:
    """Write down what does not leave now."""
    if not found.aside:
        return
    with transaction() as session:
        for row_id, values in found.aside:
            session.execute(
                update(Message)
                .where(
                    Message.id == row_id,
                    Message.claim_token == token,
                    Message.state == State.CLAIMED,
                )
                .values(lease_until=None, **values)
            )


def _waits(row: Due, now: datetime, found: Sorted) -> bool:
    """Whether it is night now, and the morning is early enough."""
    if row.weight is Weight.URGENT or not is_quiet(now):
        return False
    later = moved_out_of_the_night(row.kind, now, row.expire_at, now)
    if later > now:
        waiting = {"state": State.PENDING, "claim_token": None, "next_at": later}
        found.aside.append((row.id, waiting))
    return later > now


def _that_render(rows: tuple[Due, ...], render: Render) -> Iterator[tuple[Due, ...]]:
    """Leave a row whose text cannot be made alone, so that it takes none with it."""
    if len(rows) == 1:
        yield rows
        return
    fine = []
    for row in rows:
        try:
            render(row.kind, row.language, row.params)
        except ValueError:
            yield (row,)
        else:
            fine.append(row)
    if fine:
        yield tuple(fine)


def _find_way(
    rows: tuple[Due, ...],
    known: Known,
    ways: Mapping[Channel, Way],
    found: Sorted,
) -> None:
    first = rows[0]
    try:
        reach = [
            (channel, address)
            for channel, address in _reach(first, known)
            if channel in ways and not is_given_up(first.given_up, channel)
        ]
    except crypto.Unreadable:
        found.aside.append((first.id, {"state": State.DEAD, "error": "address unreadable"}))
        return
    if reach:
        channel, address = reach[0]
        alone = ways[channel].capabilities.one_by_one
        found.groups.setdefault(channel, []).extend(
            Group(channel, address, part, len(reach) - 1)
            for part in ([(row,) for row in rows] if alone else [rows])
        )
        return
    lost = State.DEAD if first.given_up else State.SUPPRESSED
    found.aside.extend((row.id, {"state": lost, "error": NO_WAY}) for row in rows)


def _reach(row: Due, known: Known) -> Ways:
    if row.address:
        return ((Channel.EMAIL, crypto.sealer().open(row.address, place_of(row.uid))),)
    return known.get((row.person_id or 0, row.is_safety), ())
