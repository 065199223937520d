"""Reading breach records."""

from collections.abc import Sequence

from sqlalchemy import func, select

from accounts.models import Person
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, newest_first
from rights.breaches.models import Breach, BreachStep
from rights.breaches.rules import State


def listing(*, after: str | None) -> Page[AnyRow]:
    """Return a page of breaches, the newest first."""
    return newest_first(select(Breach), [Breach.id], after=after)


def breach(uid: str) -> Breach:
    """Return a breach. Raises NotYours."""
    found = db.session.scalar(select(Breach).where(Breach.uid == uid))
    if found is None:
        raise NotYours
    return found


def steps_of(breach_id: int) -> Sequence[AnyRow]:
    """Return (step, who took it) of a breach, in order."""
    return db.session.execute(
        select(BreachStep, Person.name)
        .join(Person, Person.id == BreachStep.by_id)
        .where(BreachStep.breach_id == breach_id)
        .order_by(BreachStep.id)
    ).all()


def open_ones() -> int:
    """Return how many breaches are not closed."""
    asked = select(func.count()).select_from(Breach).where(Breach.state != State.CLOSED)
    return db.session.scalar(asked) or 0
