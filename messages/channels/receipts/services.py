"""Taking receipts that a vendor sends: who may send them, and all or none of them."""

from collections.abc import Callable, Sequence

from sqlalchemy import select

from core import ids
from core.db import db, transaction
from core.errors import NotYours
from messages.channels.models import ChannelSetting
from messages.channels.receipts.rules import Receipt
from messages.rules import Channel, State

Take = Callable[[str, State], bool]
"""A message's name and what became of it; whether it was news."""


def known(channel: Channel, secret: str) -> None:
    """Check the secret in a vendor's address. Raises NotYours."""
    found = db.session.scalar(
        select(ChannelSetting.id).where(
            ChannelSetting.channel == channel, ChannelSetting.receipt_hash == ids.digest(secret)
        )
    )
    if found is None:
        raise NotYours


def take(receipts: Sequence[Receipt], receipt: Take) -> int:
    """Take receipts, all or none; return how many were news."""
    with transaction():
        return sum(receipt(one.name, one.state) for one in receipts)
