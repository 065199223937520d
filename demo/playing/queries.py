"""What has happened in a demonstration, in numbers only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.audit import AuditRow
from core.db import AnyRow, db
from messages.models import Message
from messages.rules import Channel, State
from visits.models import Visit


@dataclass(frozen=True, slots=True)
class Happened:
    """Numbers of a stretch of time: messages by kind, visits by state, deeds by what they were."""

    messages: Sequence[AnyRow]
    visits: Sequence[AnyRow]
    deeds: Sequence[AnyRow]
    unsent: int
    """Messages that were due in it and reached nobody: too late, failed or unknown."""


FAILED = (State.EXPIRED, State.DEAD, State.UNKNOWN, State.BOUNCED)


def happened(since: datetime, until: datetime) -> Happened:
    """Return what happened between two moments."""
    sent = (
        select(Message.kind, func.count().label("count"))
        .where(Message.sent_at.between(since, until), Message.channel == Channel.INAPP)
        .group_by(Message.kind)
        .order_by(func.count().desc(), Message.kind)
    )
    visits = (
        select(Visit.state, func.count().label("count"))
        .where(Visit.starts_at.between(since, until))
        .group_by(Visit.state)
        .order_by(func.count().desc())
    )
    deeds = (
        select(AuditRow.action, func.count().label("count"))
        .where(AuditRow.at.between(since, until), AuditRow.kind.in_(("pairing", "visit")))
        .group_by(AuditRow.action)
        .order_by(func.count().desc(), AuditRow.action)
    )
    unsent = select(func.count(Message.id)).where(
        Message.due_at.between(since, until), Message.state.in_(FAILED)
    )
    return Happened(
        messages=db.session.execute(sent).all(),
        visits=db.session.execute(visits).all(),
        deeds=db.session.execute(deeds).all(),
        unsent=db.session.scalar(unsent) or 0,
    )
