"""What a provider tells afterwards: the message arrived, or came back."""

from sqlalchemy import func, or_, update

from core import clock
from core.db import transaction
from messages.contacts import services as contacts
from messages.models import Message
from messages.rules import State

BEFORE = {
    State.DELIVERED: (State.SENDING, State.SENT, State.UNKNOWN),
    State.BOUNCED: (State.SENDING, State.SENT, State.UNKNOWN, State.DELIVERED),
}
"""From which states a receipt leads on; told twice, or in the wrong order, it changes nothing."""


def receipt(key: str, state: State) -> bool:
    """Note what became of the message with our key, or the provider's, and of those it carried.

    Returns whether that was news. `state` is DELIVERED or BOUNCED. One that arrived has been sent,
    whatever was known of it before; ways from which messages come back are given up.
    """
    with transaction() as session:
        told = session.execute(
            update(Message)
            .where(
                or_(Message.uid == key, Message.carried_by == key, Message.provider_id == key),
                Message.state.in_(BEFORE[state]),
            )
            .values(
                state=state,
                lease_until=None,
                sent_at=func.coalesce(Message.sent_at, clock.now()),
                error="bounced" if state is State.BOUNCED else None,
            )
            .returning(Message.person_id, Message.channel)
            .execution_options(synchronize_session=False)
        ).all()
        tell = contacts.came_back if state is State.BOUNCED else contacts.arrived
        for person_id, channel in sorted({(row[0], row[1]) for row in told if row[0]}):
            tell(person_id, channel)
    return bool(told)
