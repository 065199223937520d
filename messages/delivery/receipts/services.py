"""What a provider tells afterwards: the message arrived, or came back."""

from sqlalchemy import or_, update

from core.db import transaction
from messages.models import Message
from messages.rules import State

BEFORE = {
    State.DELIVERED: (State.SENDING, State.SENT, State.UNKNOWN),
    State.BOUNCED: (State.SENDING, State.SENT, State.UNKNOWN, State.DELIVERED),
}
"""From which states a receipt leads on; told twice, or in the wrong order, it changes nothing."""


def receipt(key: str, state: State) -> bool:
    """Note what became of the message with our key and of those it carried.

    Returns whether that was news. `state` is DELIVERED or BOUNCED.
    """
    with transaction() as session:
        told = session.scalars(
            update(Message)
            .where(
                or_(Message.uid == key, Message.carried_by == key),
                Message.state.in_(BEFORE[state]),
            )
            .values(
                state=state, lease_until=None, error="bounced" if state is State.BOUNCED else None
            )
            .returning(Message.id)
        ).all()
    return bool(told)
