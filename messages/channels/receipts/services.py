"""Taking a receipt: one guarded UPDATE, so that the same one again changes nothing."""

from collections.abc import Callable, Sequence

from sqlalchemy import func, select, update

from core import clock, ids
from core.db import db, transaction
from core.errors import NotYours
from messages.channels.models import ChannelSetting
from messages.channels.receipts.rules import Receipt
from messages.contacts import services as contacts
from messages.models import Message
from messages.rules import Channel, State

ON_THE_WAY = frozenset({State.SENDING, State.SENT, State.UNKNOWN})
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


def receipt(name: str, state: State) -> bool:
    """Note that a message arrived or came back, in the caller's transaction; whether it was news.

    One that arrived has been sent, whatever was known of it before.
    """
    with transaction() as session:
        told = session.execute(
            update(Message)
            .where(Message.uid == name, Message.state.in_(ON_THE_WAY))
            .values(
                state=state, sent_at=func.coalesce(Message.sent_at, clock.now()), lease_until=None
            )
            .returning(Message.person_id, Message.channel)
            .execution_options(synchronize_session=False)
        ).first()
        if told is None:
            return False
        if told.person_id is not None:
            tell = contacts.came_back if state is State.BOUNCED else contacts.arrived
            tell(told.person_id, told.channel)
        return True
