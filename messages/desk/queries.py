"""Who will hear of what, and who has: of subjects that whoever asks answers for."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, false, or_, select

from accounts.models import Person
from accounts.rules import Actor, Role
from core import clock
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.paging import Page, page_of
from messages.models import WAITS_HERE, InboxItem, Message, Subject
from messages.rules import FAILED

Reach: TypeAlias = Mapping[str, Callable[[Actor], AnySelect]]
"""By the kind of a subject: which of them somebody answers for, as a query of their names."""
PLANNERS = (Role.COORDINATOR,)
AHEAD = timedelta(days=14)


def _within(reach: Reach, person: Actor) -> ColumnElement[bool]:
    """Return the condition that a subject is one this person answers for."""
    return or_(
        false(),
        *(
            and_(Subject.kind == kind, Subject.ref.in_(those_of(person)))
            for kind, those_of in reach.items()
        ),
    )


def planned(person: Actor, reach: Reach, *, after: str | None) -> Page[AnyRow]:
    """Return a page of who will be reminded of what in the next 14 days, the earliest first."""
    listed = (
        select(
            Message.kind,
            Message.params,
            Message.weight,
            Message.due_at,
            Person.name,
            Subject.kind.label("about"),
            Subject.ref,
        )
        .join(Subject, Subject.id == Message.subject_id)
        .join(Person, Person.id == Message.person_id)
        .where(
            WAITS_HERE,
            Message.next_at <= clock.now() + AHEAD,
            Message.subject_version == Subject.version,
            or_(Subject.open.is_(True), Message.after_close.is_(True)),
            _within(reach, person),
        )
    )
    return page_of(listed, [Message.next_at, Message.id], after=after)


def subject_id(kind: str, ref: str, person: Actor, reach: Reach) -> int:
    """Return the subject of that name. Raises NotYours, be it missing or another's."""
    found = db.session.scalar(
        select(Subject.id).where(Subject.kind == kind, Subject.ref == ref, _within(reach, person))
    )
    if found is None:
        raise NotYours
    return found


def told(about: int, *, after: str | None) -> Page[AnyRow]:
    """Return a page of what was said about a subject: to whom, how, and what became of it."""
    listed = (
        select(
            Message.kind,
            Message.channel,
            Message.state,
            Message.due_at,
            Message.sent_at,
            Message.error,
            Person.name,
            InboxItem.read_at,
        )
        .outerjoin(Person, Person.id == Message.person_id)
        .outerjoin(InboxItem, InboxItem.message_id == Message.id)
        .where(Message.subject_id == about)
    )
    return page_of(listed, [Message.due_at, Message.id], after=after)


def failed(about: int) -> int:
    """Return how many messages about a subject failed and can still be sent."""
    return len(db.session.scalars(failures(about, clock.now())).all())


def failures(about: int, now: datetime) -> Any:
    """Return the query of them: what may have arrived is not among them."""
    return select(Message.id).where(
        Message.subject_id == about, Message.state.in_(FAILED), Message.expire_at > now
    )
