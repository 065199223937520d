"""The supervisors' week in numbers: what is ahead, what waits, and links; never a story."""

from datetime import datetime, time, timedelta

from sqlalchemy import func, select

from accounts.models import RoleGrant
from accounts.queries import actor_for, holds_now
from accounts.rules import Actor, Role
from core import clock
from core.db import db, transaction
from core.zone import CHINA
from messages.models import Message
from messages.services import Notice, plan
from places.queries import within
from visits.agenda.queries import counts
from visits.agenda.rules import Tab
from visits.lapses.ladder.queries import number
from visits.models import Visit
from visits.rules import AHEAD

KIND = "visit_digest"
AT_NINE = time(9)
WEEK, TOLD_FOR = timedelta(days=7), timedelta(days=3)


def tell() -> int:
    """Plan this week's numbers for every supervisor once; return how many messages are new."""
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    due = datetime.combine(monday, AT_NINE, CHINA)
    if not due <= clock.now() < due + TOLD_FOR:
        return 0
    with transaction() as session:
        told = select(Message.id).where(Message.kind == KIND, Message.due_at == due)
        if session.scalar(told.limit(1)) is not None:
            return 0
        people = session.scalars(
            select(RoleGrant.person_id)
            .where(RoleGrant.role == Role.CHILD_SUPERVISOR, holds_now())
            .distinct()
            .order_by(RoleGrant.person_id)
        ).all()
        return plan([_notice(one, due) for one in people])


def _notice(person_id: int, due: datetime) -> Notice:
    actor = actor_for(person_id)
    approve, unconfirmed = counts(actor, Tab.APPROVE, Tab.UNCONFIRMED)
    return Notice(
        kind=KIND,
        key=f"digest/{due:%G-%V}/{person_id}",
        params={
            "ahead": _ahead(actor, due),
            "approve": approve,
            "unconfirmed": unconfirmed,
            "lapsed": number(actor, checks=True),
        },
        due_at=due,
        expire_at=due + TOLD_FOR,
        person_id=person_id,
    )


def _ahead(actor: Actor, since: datetime) -> int:
    counted = select(func.count(Visit.id)).where(
        within(Visit, actor.reaches(Role.CHILD_SUPERVISOR)),
        Visit.state.in_(AHEAD),
        Visit.starts_at >= since,
        Visit.starts_at < since + WEEK,
    )
    return db.session.scalar(counted) or 0
