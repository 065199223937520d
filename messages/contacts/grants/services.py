"""One-time subscriptions at WeChat: each grant is spent by one message, never by two."""

from sqlalchemy import case, select, update

from core.db import db, insert_once, transaction
from messages.contacts.models import WxGrant

MOST = 20
"""Grants that are kept of one reader."""


def add(person_id: int, reader: str, template: str) -> None:
    """Count one more message that a reader takes, in the caller's transaction."""
    with transaction() as session:
        insert_once(WxGrant, person_id=person_id, reader=reader, template=template, remaining=0)
        more = case((WxGrant.remaining < MOST, WxGrant.remaining + 1), else_=MOST)
        session.execute(
            update(WxGrant)
            .where(WxGrant.reader == reader, WxGrant.template == template)
            .values(person_id=person_id, remaining=more)
        )


def spend(reader: str, template: str) -> bool:
    """Use up one grant, and tell whether there was any: the WHERE is the lock."""
    with transaction() as session:
        left = session.scalar(
            update(WxGrant)
            .where(WxGrant.reader == reader, WxGrant.template == template, WxGrant.remaining > 0)
            .values(remaining=WxGrant.remaining - 1)
            .returning(WxGrant.remaining)
        )
        return left is not None


def give_back(reader: str, template: str) -> None:
    """Return a grant whose message certainly never left."""
    with transaction() as session:
        session.execute(
            update(WxGrant)
            .where(WxGrant.reader == reader, WxGrant.template == template)
            .values(remaining=WxGrant.remaining + 1)
        )


def left(person_id: int) -> int:
    """Return how many messages somebody still takes."""
    asked = select(WxGrant.remaining).where(WxGrant.person_id == person_id)
    return sum(db.session.scalars(asked))
