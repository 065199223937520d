"""How people are reached outside the site."""

from collections.abc import Collection

from sqlalchemy import select

from accounts.models import Person
from core.db import db
from messages.delivery.rules import Ways
from messages.rules import Channel


def route(person_ids: Collection[int]) -> dict[int, Ways]:
    """Return the ways to each of the people, the first one to be tried first.

    Nobody whose account is shut is in it.
    """
    if not person_ids:
        return {}
    rows = db.session.execute(
        select(Person.id, Person.email).where(
            Person.id.in_(person_ids), Person.disabled_at.is_(None), Person.email.is_not(None)
        )
    )
    return {row.id: ((Channel.EMAIL, row.email),) for row in rows}
