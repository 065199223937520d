"""What is left of messages whose words nobody needs any more: that they were sent."""

from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, delete, select, update

from core.db import transaction
from messages.models import InboxItem, Message, Quota, Subject
from messages.rules import OPEN, UNSETTLED, State


def has_words() -> ColumnElement[bool]:
    """Return the condition that a message is over and still holds what it said."""
    over = Message.state.not_in([*OPEN, *UNSETTLED])
    return over & (cast(Message.params, String) != "{}")


def forget(person_id: int) -> None:
    """Empty everything that was said to somebody, in the caller's transaction.

    What has not left yet never will.
    """
    with transaction() as session:
        session.execute(
            update(Message)
            .where(Message.person_id == person_id, Message.state.in_([State.PENDING, *UNSETTLED]))
            .values(state=State.CANCELLED)
        )
        session.execute(delete(Quota).where(Quota.person_id == person_id))
    _empty(Message.person_id == person_id, InboxItem.person_id == person_id)


def forget_about(kind: str, ref: str) -> None:
    """Empty everything that was said about an object, in the caller's transaction.

    What has not left yet never will.
    """
    named = select(Subject.id).where(Subject.kind == kind, Subject.ref == ref)
    about = Message.subject_id.in_(named)
    with transaction() as session:
        session.execute(
            update(Message)
            .where(about, Message.state.in_([State.PENDING, *UNSETTLED]))
            .values(state=State.CANCELLED)
        )
    _empty(about, InboxItem.message_id.in_(select(Message.id).where(about)))


def forget_before(moment: datetime) -> int:
    """Empty what was written before a moment and is over; return how many messages that were."""
    return _empty(Message.created_at < moment, InboxItem.created_at < moment)


def _empty(sent: ColumnElement[bool], found: ColumnElement[bool]) -> int:
    with transaction() as session:
        session.execute(delete(InboxItem).where(found))
        emptied = session.scalars(
            update(Message)
            .where(sent, has_words())
            .values(params={}, address=None)
            .returning(Message.id)
        ).all()
    return len(emptied)
