"""Planning messages, and taking them back, in the transaction of what they are about.

The ledger row is the message; `messages.delivery` sends it afterwards (reminders.md §4.3).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from accounts.models import Person
from accounts.rules import Actor
from core import audit, clock, crypto, ids
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.zone import CHINA
from messages.models import InboxItem, Message, Subject
from messages.rules import OPEN, TOLD, UNSETTLED, Channel, State, outside_quiet_hours


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to say to a person, or to an address that is nobody's yet.

    `kind` names the text (templates/messages/<kind>.txt); `params` fill it and never hold a
    child's data. `key` makes it unique: the same notice planned twice is one. `subject` is what
    it is about; when that changes, a notice that has not gone out is taken back. `after_close`:
    it is sent although its subject has closed. `urgent`: it does not wait for the morning.
    """

    kind: str
    key: str
    params: dict[str, Any]
    due_at: datetime
    expire_at: datetime
    person_id: int | None = None
    address: str | None = None
    language: str = "zh_Hans"
    subject: tuple[str, str] | None = None
    after_close: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class _Contact:
    email: str | None
    language: str


def place_of(uid: str) -> str:
    """Return the place that a message's address is sealed for."""
    return f"messages.address/{uid}"


def open_subject(kind: str, ref: str) -> None:
    """Make an object known that messages will be about."""
    with transaction():
        insert_once(Subject, kind=kind, ref=ref, version=1, open=True)


def plan(notices: Sequence[Notice]) -> int:
    """Add ledger rows and return how many are new: planning again adds nothing.

    A person gets one row for the site's inbox and, with an address, one for e-mail. What is
    already too late is left out; what is due already goes out at once.
    """
    now = clock.now()
    with transaction():
        subjects = _subjects({notice.subject for notice in notices if notice.subject})
        contacts = _contacts({notice.person_id for notice in notices if notice.person_id})
        rows = [
            row
            for notice in notices
            if notice.expire_at > now
            for row in _rows(notice, subjects, contacts, now)
        ]
        return sum(insert_once(Message, **row) is not None for row in rows)


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
            plan(correction)


def close(kind: str, ref: str, correction: Sequence[Notice] = ()) -> None:
    """Take back what was planned about an object that is over or off, and correct what was told."""
    with transaction():
        if _raise_version(kind, ref, stays_open=False):
            plan(correction)


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
            .values(state=State.PENDING, next_at=now, attempts=0, error=None)
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


def _subjects(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return id and version of the objects, by kind and reference."""
    refs = {ref for _kind, ref in wanted}
    if not refs:
        return {}
    with transaction() as session:
        rows = session.execute(
            select(Subject.kind, Subject.ref, Subject.id, Subject.version).where(
                Subject.ref.in_(refs)
            )
        )
        return {(row.kind, row.ref): (row.id, row.version) for row in rows}


def _contacts(person_ids: Collection[int]) -> dict[int, _Contact]:
    if not person_ids:
        return {}
    with transaction() as session:
        rows = session.execute(
            select(Person.id, Person.email, Person.language).where(
                Person.id.in_(person_ids), Person.disabled_at.is_(None)
            )
        )
        return {row.id: _Contact(row.email, row.language) for row in rows}


def _rows(
    notice: Notice,
    subjects: dict[tuple[str, str], tuple[int, int]],
    contacts: dict[int, _Contact],
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the ledger rows of a notice: one a lane."""
    subject_id, version = subjects[notice.subject] if notice.subject else (None, None)
    common = {
        "subject_id": subject_id,
        "subject_version": version,
        "after_close": notice.after_close,
        "kind": notice.kind,
        "params": notice.params,
        "expire_at": notice.expire_at,
    }
    if notice.person_id is None:
        return [common | _by_mail(notice, now) | _to_address(notice)]
    contact = contacts.get(notice.person_id)
    if contact is None:
        return []
    common |= {"person_id": notice.person_id, "language": contact.language}
    lanes = [_in_app(notice, now)]
    if contact.email:
        lanes.append(_by_mail(notice, now))
    return [common | lane for lane in lanes]


def _in_app(notice: Notice, now: datetime) -> dict[str, Any]:
    due = max(notice.due_at, now)
    return {
        "channel": Channel.INAPP,
        "dedup_key": f"{notice.key}/inapp",
        "due_at": notice.due_at,
        "next_at": due,
    }


def _by_mail(notice: Notice, now: datetime) -> dict[str, Any]:
    """Return the lane of e-mail, out of the night where there is still a day to use.

    Planned so late that the evening before has gone, it keeps its time: never before it is due.
    """
    due = max(notice.due_at, now)
    moved = due if notice.urgent else outside_quiet_hours(due, notice.expire_at)
    return {
        "channel": Channel.EMAIL,
        "dedup_key": f"{notice.key}/external",
        "due_at": notice.due_at,
        "next_at": moved if moved >= now else due,
    }


def _to_address(notice: Notice) -> dict[str, Any]:
    uid = ids.uid()
    sealed = crypto.sealer().seal(notice.address or "", place_of(uid))
    return {"uid": uid, "address": sealed, "language": notice.language}
