"""Planning messages, and taking them back, in the transaction of what they are about.

The ledger row is the message; `messages.delivery` sends it afterwards (reminders.md §4.3).
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from accounts.rules import Actor
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter
from core.zone import CHINA
from messages.models import InboxItem, Message, Subject
from messages.planning.services import Notice, add_rows, place_of
from messages.rules import OPEN, TOLD, UNSETTLED, State, Weight

__all__ = [
    "A_DAY", "GAP_MINUTES", "HOLD_ABOVE", "PARAMETERS", "Notice", "change", "close", "mark_read",
    "open_subject", "place_of", "plan", "send_again", "tell_of_a_code",
]  # fmt: skip
A_DAY, GAP_MINUTES, HOLD_ABOVE = "messages.a_day", "messages.gap_minutes", "messages.hold_above"
PARAMETERS = (
    Parameter(
        A_DAY,
        4,
        _l("一天最多给一个人发几条站外消息（改期、取消和安全提醒不算）"),
        _l("条"),
        _l("本站设计：打扰少，才会看"),
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        GAP_MINUTES,
        10,
        _l("给同一个人的两条站外消息至少隔几分钟（改期、取消和安全提醒不算）"),
        _l("分钟"),
        _l("本站设计：打扰少，才会看"),
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        HOLD_ABOVE,
        500,
        _l("积压的站外消息超过几条，就先停下，等协调员看过再发"),
        _l("条"),
        _l("本站设计：停机以后不一下子发出几百条过时的提醒"),
        "D",
        Stricter.LOWER,
    ),
)


def open_subject(kind: str, ref: str) -> None:
    """Make an object known that messages will be about."""
    with transaction():
        insert_once(Subject, kind=kind, ref=ref, version=1, open=True)


def plan(notices: Sequence[Notice]) -> int:
    """Add ledger rows and return how many are new: planning again adds nothing.

    A person gets one row for the site's inbox and, with an address, one for e-mail. What is
    already too late is left out; what is due already goes out at once.
    """
    return add_rows(notices, weight=Weight.ORDINARY)


def change(
    kind: str, ref: str, notices: Sequence[Notice], correction: Sequence[Notice] = ()
) -> None:
    """Take back what was planned about an object that has changed, and plan anew.

    Where somebody may have been told already, the correction is planned too; reminders of the
    new version whose time has passed are then left out.
    """
    with transaction():
        told = _raise_version(kind, ref, stays_open=True)
        now = clock.now()
        plan([*(notice for notice in notices if not told or notice.due_at > now)])
        if told:
            add_rows(correction, weight=Weight.CORRECTION)


def close(kind: str, ref: str, correction: Sequence[Notice] = ()) -> None:
    """Take back what was planned about an object that is over or off, and correct what was told."""
    with transaction():
        if _raise_version(kind, ref, stays_open=False):
            add_rows(correction, weight=Weight.CORRECTION)


def tell_of_a_code(person_id: int) -> None:
    """Tell somebody, in the caller's transaction, that a code for their account was made."""
    now, kind = clock.now(), "sign_in_code_made"
    params = {"when": f"{now.astimezone(CHINA):%Y-%m-%d %H:%M}"}
    plan(
        [
            Notice(
                kind=kind,
                key=f"{kind}/{ids.uid()}",
                params=params,
                due_at=now,
                expire_at=now + timedelta(days=7),
                person_id=person_id,
                urgent=True,
            )
        ]
    )


def mark_read(item_id: int, *, by: Actor) -> None:
    """Note that somebody has read a message of theirs. Raises NotYours."""
    with transaction() as session:
        found = session.scalar(
            select(InboxItem).where(InboxItem.id == item_id, InboxItem.person_id == by.id)
        )
        if found is None:
            raise NotYours
        found.read_at = found.read_at or clock.now()


def send_again(uid: str, *, by: Actor) -> None:
    """Send a message whose fate is unknown, or that failed, once more: a person decides that."""
    now = clock.now()
    with transaction() as session:
        again = session.scalar(
            update(Message)
            .where(Message.uid == uid, Message.state.in_(UNSETTLED), Message.expire_at > now)
            .values(state=State.PENDING, next_at=now, attempts=0, given_up=0, looks=0, error=None)
            .returning(Message.id)
        )
        if again is None and session.scalar(select(Message.id).where(Message.uid == uid)) is None:
            raise NotYours
        if again is None:
            raise RuleBroken(_("这条消息已过时，或已经重发，不能再发"))
        audit.record("send_again", "message", uid, by=by.id)


def _raise_version(kind: str, ref: str, *, stays_open: bool) -> bool:
    """Raise an object's version, take back what waits, and tell whether anybody was told.

    The order matters: cancelling before reading misses nobody who is being told meanwhile.
    """
    with transaction() as session:
        subject_id = session.scalar(
            update(Subject)
            .where(Subject.kind == kind, Subject.ref == ref, Subject.open.is_(True))
            .values(version=Subject.version + 1, open=stays_open)
            .returning(Subject.id)
        )
        if subject_id is None:
            return False
        session.execute(
            update(Message)
            .where(Message.subject_id == subject_id, Message.state.in_(OPEN))
            .values(state=State.CANCELLED, claim_token=None, lease_until=None)
        )
        told = select(Message.id).where(Message.subject_id == subject_id, Message.state.in_(TOLD))
        return session.scalar(told.limit(1)) is not None
