"""Ways out that do not work rest for a while, so that nobody waits for them again and again."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.db import db, insert_once
from core.logs import log
from messages.models import ChannelState
from messages.rules import BROKEN_AFTER, Channel, Outcome, open_for

TROUBLE = frozenset({Outcome.RETRY, Outcome.UNKNOWN})


@dataclass(slots=True)
class Breakers:
    """What one pass knows of the ways: failures in a row, and until when each rests."""

    failures: dict[Channel, int] = field(default_factory=dict)
    resting: dict[Channel, datetime] = field(default_factory=dict)

    def rests_until(self, channel: Channel, now: datetime) -> datetime | None:
        """Return until when nothing goes out by it, None when it works."""
        until = self.resting.get(channel)
        return until if until and until > now else None

    def is_tried(self, channel: Channel) -> bool:
        """Whether it has just rested, so that one message goes first."""
        return self.failures.get(channel, 0) >= BROKEN_AFTER


def states() -> Breakers:
    """Return how the ways are doing."""
    rows = db.session.execute(
        select(ChannelState.channel, ChannelState.failures, ChannelState.resting_until)
    ).all()
    return Breakers(
        {row.channel: row.failures for row in rows},
        {row.channel: row.resting_until for row in rows if row.resting_until},
    )


def note(
    session: Session, known: Breakers, channel: Channel, outcomes: Collection[Outcome]
) -> None:
    """Write down how a way did, in the caller's transaction; nothing while it just works."""
    if any(outcome not in TROUBLE for outcome in outcomes):
        if known.failures.pop(channel, 0):
            known.resting.pop(channel, None)
            _set(session, channel, failures=0, resting_until=None)
        return
    if outcomes:
        insert_once(ChannelState, channel=channel, failures=0)
        _set(session, channel, failures=ChannelState.failures + len(outcomes))
        known.failures[channel] = (
            session.scalar(select(ChannelState.failures).where(ChannelState.channel == channel))
            or 0
        )


def rest(session: Session, known: Breakers, channel: Channel, now: datetime) -> None:
    """Let a way rest that has failed too often in a row, in the caller's transaction."""
    failures = known.failures.get(channel, 0)
    pause = open_for(failures)
    if pause is None or known.rests_until(channel, now):
        return
    known.resting[channel] = now + pause
    _set(session, channel, resting_until=now + pause)
    log.warning("channel rests", channel=channel.value, failures=failures)


def _set(session: Session, channel: Channel, **values: object) -> None:
    session.execute(update(ChannelState).where(ChannelState.channel == channel).values(**values))
