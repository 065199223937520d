"""Holding back what would leave all at once: after an outage somebody looks first.

The site's own inbox goes on, and so does what is urgent.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from accounts.rules import Actor
from core import audit, clock
from core.db import db, insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.logs import log
from messages.models import WAITS_OUTSIDE, Hold, Message
from messages.rules import OVERDUE, HoldReason, Weight


def holds(now: datetime, *, above: int) -> HoldReason | None:
    """Return why ordinary messages wait for a coordinator now; too long a queue begins a hold.

    A released one begins again only after the queue has been worked off. Where the demonstration's
    clock was moved, what is overdue is so on purpose.
    """
    found = standing()
    if found is None and clock.shift():
        return None
    if found is not None and found.released_at is None:
        return HoldReason(found.reason)
    behind = overdue(now, above + 1)
    if found is None:
        if behind <= above:
            return None
        begin(HoldReason.BACKLOG, behind)
        return HoldReason.BACKLOG
    if behind <= above:
        with transaction() as session:
            _end(session, found.id)
    return None


def standing() -> Any:
    """Return the hold that stands or whose queue is being worked off, or None."""
    return db.session.execute(
        select(Hold.id, Hold.reason, Hold.began_at, Hold.overdue, Hold.released_at).where(
            Hold.standing.is_(True)
        )
    ).one_or_none()


def in_doubt() -> bool:
    """Whether the clock has leapt by days, and nobody has said yet that it is right."""
    found = standing()
    return bool(found and found.reason is HoldReason.CLOCK and found.released_at is None)


def overdue(now: datetime, most: int) -> int:
    """Return how many ordinary messages are overdue, counting no further than so many."""
    late = (
        select(Message.id)
        .where(
            WAITS_OUTSIDE,
            Message.next_at <= now - OVERDUE,
            Message.expire_at > now,
            Message.weight != Weight.URGENT,
        )
        .limit(most)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(late)) or 0


def begin(reason: HoldReason, behind: int) -> None:
    """Let everything ordinary wait for a coordinator.

    A clock in doubt takes over a hold that stands for another reason, released or not.
    """
    with transaction() as session:
        began = insert_once(
            Hold, standing=True, reason=reason, began_at=clock.now(), overdue=behind
        )
        if began is None and reason is HoldReason.CLOCK:
            session.execute(
                update(Hold)
                .where(Hold.standing.is_(True))
                .values(reason=reason, began_at=clock.now(), released_at=None, released_by=None)
            )
    if began:
        log.warning("messages held", reason=reason.value, overdue=behind)


def release(*, by: Actor) -> None:
    """Let what is held go out: somebody has looked at it. Raises RuleBroken."""
    with transaction() as session:
        released = session.scalar(
            update(Hold)
            .where(Hold.standing.is_(True), Hold.released_at.is_(None))
            .values(released_at=clock.now(), released_by=by.id)
            .returning(Hold.id)
        )
        if released is None:
            raise RuleBroken(_("已经有人放行了，不用再点"))
        audit.record("release", "message_hold", str(released), by=by.id)


def _end(session: Session, hold_id: int) -> None:
    session.execute(
        update(Hold).where(Hold.id == hold_id, Hold.standing.is_(True)).values(standing=None)
    )
