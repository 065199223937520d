"""What a page shows of the channels: never what is sealed, only whether it is there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.crypto import Unreadable
from core.db import db
from messages.channels.models import ChannelSetting
from messages.channels.needs import NEEDS
from messages.channels.services import opened
from messages.rules import Channel, Outcome


@dataclass(frozen=True, slots=True)
class Shown:
    """A vendor's channel as an administrator sees it."""

    channel: Channel
    enabled: bool
    known: frozenset[str]
    """The fields that are filled in."""
    unreadable: bool
    receipts: bool
    """Whether there is an address for receipts."""
    set_at: datetime | None
    tested_at: datetime | None
    tested: Outcome | None
    tested_code: str

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in NEEDS[self.channel] if name not in self.known)


def channels() -> list[Shown]:
    """Return every vendor's channel, set up or not."""
    rows = {row.channel: row for row in db.session.scalars(select(ChannelSetting))}
    return [_shown(channel, rows.get(channel)) for channel in NEEDS]


def channel(which: Channel) -> Shown:
    row = db.session.scalar(select(ChannelSetting).where(ChannelSetting.channel == which))
    return _shown(which, row)


def _shown(which: Channel, row: ChannelSetting | None) -> Shown:
    if row is None:
        return Shown(which, False, frozenset(), False, False, None, None, None, "")  # noqa: FBT003 - nothing yet
    try:
        known, unreadable = frozenset(opened(row)), False
    except Unreadable:
        known, unreadable = frozenset(), True
    return Shown(
        which,
        row.enabled,
        known,
        unreadable,
        row.receipt_hash is not None,
        row.set_at,
        row.tested_at,
        row.tested,
        row.tested_code,
    )
