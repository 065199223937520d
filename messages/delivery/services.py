"""Sending what is due: claim a batch, declare the intent for a few, send, keep what became of it.

Nothing is sent inside a transaction. Between intent and result a process may die: such a message
is *unknown* and is never sent again by itself. Any number of processes may do this at once
(reminders.md §4, measured there).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, zip_longest

from sqlalchemy import insert, update
from sqlalchemy.exc import OperationalError

from core import clock
from core.db import transaction
from core.parameters import values_on
from core.writers import WriterBusy
from messages.channels.rules import Sent, Way
from messages.contacts.queries import route as own_ways
from messages.contacts.services import have_arrived
from messages.delivery.breakers.services import TROUBLE, states
from messages.delivery.holds.services import holds
from messages.delivery.intents.services import Pass, drop_the_rest, intend, ready, still_stands
from messages.delivery.leases.services import claim, due_lanes, give_back
from messages.delivery.quotas.services import Limits
from messages.delivery.results.services import OUT_OF_TIME, keep
from messages.delivery.rules import (
    Group,
    Invite,
    Pace,
    Ready,
    Render,
    Results,
    Route,
    chunks,
    nobody,
    reaching,
)
from messages.delivery.sorting.services import put_aside, sort
from messages.models import InboxItem, Message
from messages.rules import Channel, Outcome, State
from messages.services import A_DAY, GAP_MINUTES, HOLD_ABOVE

PASS_SECONDS = 15.0
"""After this a pass begins nothing new; with one last try it stays well within the lease."""


PACE = Pace()
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between tries to keep what became of messages: as long as a database takes to restart."""


@dataclass(slots=True)
class Flight:
    """A chunk that is on its way out, or has arrived."""

    group: Sequence[Ready] = ()
    done: dict[int, Sent] = field(default_factory=dict)
    carriers: Sequence[Future[None]] = ()

    def land(self) -> Results:
        """Wait until all of it is out, and return what became of it; asked again, nothing."""
        for carrier in self.carriers:
            carrier.result()
        group, self.group = self.group, ()
        return [(one, self.done[turn]) for turn, one in enumerate(group)]


@dataclass(slots=True)
class Out:
    """The ways out for one pass, and the threads that send by several connections."""

    ways: Mapping[Channel, Way]
    stack: ExitStack
    ends: float
    pool: ThreadPoolExecutor | None = None
    reached: set[tuple[int, Channel]] = field(default_factory=set)
    """People and ways that took the last message; where receipts come, those tell better."""

    def begin(self, group: list[Ready]) -> Flight:
        """Begin to send a chunk of one channel, several at once where its way can."""
        if not group:
            return Flight(group)
        connections = self.ways[group[0].group.channel].capabilities.connections
        left, done = enumerate(group), dict[int, Sent]()
        if connections < 2:
            self._carry_on(left, done)
            return Flight(group, done)
        if self.pool is None:
            self.pool = self.stack.enter_context(ThreadPoolExecutor(connections))
        many = min(connections, len(group))
        carriers = [self.pool.submit(self._carry_on, left, done) for _turn in range(many)]
        return Flight(group, done, carriers)

    def note(self, results: Results) -> None:
        """Remember who was reached."""
        for one, sent in results:
            person_id, channel = one.group.rows[0].person_id, one.group.channel
            if person_id is None or self.ways[channel].capabilities.has_receipts:
                continue
            if sent.outcome is Outcome.ACCEPTED:
                self.reached.add((person_id, channel))
            elif sent.nobody_there:
                self.reached.discard((person_id, channel))

    def _carry_on(self, left: Iterator[tuple[int, Ready]], done: dict[int, Sent]) -> None:
        """Carry what the other threads have left: handing over each by itself costs too much."""
        for turn, one in left:
            done[turn] = self._carry(one)

    def _carry(self, one: Ready) -> Sent:
        if one.outgoing is None:
            return Sent(Outcome.REJECTED, one.error)
        if time.monotonic() > self.ends:
            return Sent(Outcome.RETRY, OUT_OF_TIME)
        return self.ways[one.group.channel].send(one.outgoing)


def deliver(
    ways: Mapping[Channel, Way],
    render: Render,
    *,
    pace: Pace = PACE,
    route: Route = own_ways,
    invite: Invite = nobody,
    leaves: bool = True,
) -> int:
    """Send what is due now and return how many rows were taken up.

    A pass that has used up its time gives back what it has not begun, so that a mail server that
    hangs delays mails only. `invite` tells which messages bring an invitation. With `leaves`
    False nothing leaves the site: its clock is in doubt.
    """
    now = clock.now()
    ends = time.monotonic() + min(PASS_SECONDS, pace.lease.total_seconds() / 4)
    here, outside = due_lanes(now)
    outside = outside and leaves
    if not (here or outside):
        return 0
    values = values_on(clock.today())
    held = holds(now, above=values[HOLD_ABOVE])
    claimed = claim(now, limit=pace.batch, lease=pace.lease, lanes=(here, outside), held=held)
    if claimed.inapp:
        _put_into_inboxes(claimed.inapp, claimed.token)
    if claimed.external:
        limits = Limits(values[A_DAY], timedelta(minutes=values[GAP_MINUTES]))
        known = reaching(((row.person_id, row.is_safety) for row in claimed.external), route)
        invitations = invite(claimed.external)
        found = sort(
            claimed.external, known, ways, render=render, now=now, alone=invitations.keys()
        )
        work = Pass(claimed.token, pace, limits, states(), invitations)
        put_aside(found, claimed.token)
        with ExitStack() as stack:
            _send_all(found.groups, work, render, Out(ways, stack, ends))
    return len(claimed)


def _send_all(groups: Mapping[Channel, list[Group]], work: Pass, render: Render, out: Out) -> None:
    """Send chunk by chunk, the channels in turn; a result is kept with the next intent.

    What several connections carry is under way while the next chunk is declared.
    """
    results, flight = Results(), Flight()
    try:
        for chunk in _in_turn(groups, work, out):
            if _is_put_off(chunk, work, out.ends):
                continue
            declared, results = intend(chunk, results, work), Results()
            texts = [ready(group, render, work.invitations) for group in declared]
            results = _landed(flight, work, out)
            flight = out.begin(texts)
            if not flight.carriers:
                results += _landed(flight, work, out)
    finally:
        _keep_now([*results, *_landed(flight, work, out)], work)
    have_arrived(out.reached)


def _landed(flight: Flight, work: Pass, out: Out) -> Results:
    """Return what became of a chunk; trouble is kept at once, so that the breaker knows of it."""
    results = flight.land()
    out.note(results)
    if any(sent.outcome in TROUBLE for _one, sent in results):
        _keep_now(results, work)
        return []
    return results


def _in_turn(groups: Mapping[Channel, list[Group]], work: Pass, out: Out) -> Iterator[list[Group]]:
    """Yield the chunks; a way that has just rested begins with one message."""
    queues = []
    for channel, waiting in groups.items():
        can = out.ways[channel].capabilities
        size = work.pace.chunk or can.chunk
        size = max(1, size // 2) if can.connections > 1 else size
        first = 1 if work.breakers.is_tried(channel) else 0
        queues.append([*chunks(waiting[:first], 1), *chunks(waiting[first:], size)])
    yield from (chunk for chunk in chain.from_iterable(zip_longest(*queues)) if chunk)


def _is_put_off(chunk: Sequence[Group], work: Pass, ends: float) -> bool:
    """Whether the chunk is given back: the pass is over, or its way rests."""
    until = work.breakers.rests_until(chunk[0].channel, clock.now())
    if until is None and time.monotonic() <= ends:
        return False
    give_back([row.id for group in chunk for row in group.rows], work.token, until=until)
    return True


def _keep_now(results: Results, work: Pass) -> None:
    """Keep results at once; a database that is just starting again is waited for.

    What became of these messages is known nowhere else: lost, they would be unknown for ever.
    """
    if not results:
        return
    for pause in PAUSES:
        try:
            with transaction() as session:
                keep(session, results, work.token, work.breakers)
        except (OperationalError, WriterBusy):
            time.sleep(pause)
        else:
            return
    with transaction() as session:
        keep(session, results, work.token, work.breakers)


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
                still_stands(),
            )
            .values(state=State.SENT, sent_at=now, attempts=Message.attempts + 1, lease_until=None)
            .returning(Message.id, Message.person_id, Message.kind, Message.params)
        ).all()
        drop_the_rest(session, row_ids, token)
        items = [
            {
                "person_id": row.person_id,
                "message_id": row.id,
                "kind": row.kind,
                "params": row.params,
                "created_at": now,
            }
            for row in rows
        ]
        if items:
            session.execute(insert(InboxItem), items)
