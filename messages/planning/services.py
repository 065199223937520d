"""Adding rows to the ledger, many at once, in the transaction of what they are about."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Executable, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from accounts.models import Person
from core import clock, crypto, ids
from core.db import transaction
from messages.models import Message, Subject
from messages.rules import Channel, State, Weight, moved_out_of_the_night


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to say to a person, or to an address that is nobody's yet.

    `kind` names the text (templates/messages/<kind>.txt); `params` fill it and never hold a
    child's data. `key` makes it unique: the same notice planned twice is one. `subject` is what
    it is about; when that changes, a notice that has not gone out is taken back. `after_close`:
    it is sent although its subject has closed. `urgent`: it does not wait for the morning, and no
    limit holds it back.
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
    reached: bool
    language: str


def place_of(uid: str) -> str:
    """Return the place that a message's address is sealed for."""
    return f"messages.address/{uid}"


def add_rows(notices: Sequence[Notice], *, weight: Weight) -> int:
    """Add ledger rows and return how many are new: planning again adds nothing.

    A person gets one row for the site's inbox and, where there is a way to them, one that leaves
    the site. What is already too late is left out; what is due already goes out at once.
    """
    now = clock.now()
    with transaction() as session:
        subjects = _subjects({notice.subject for notice in notices if notice.subject})
        contacts = _contacts({notice.person_id for notice in notices if notice.person_id})
        rows = [
            row
            for notice in notices
            if notice.expire_at > now
            for row in _rows(notice, subjects, contacts, now=now, weight=weight)
        ]
        if not rows:
            return 0
        connection = session.connection()
        return connection.execute(_added(connection.dialect.name), rows).rowcount


@cache
def _added(dialect: str) -> Executable:
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    table = cast("Table", Message.__table__)
    added: Executable = insert(table).on_conflict_do_nothing()
    return added


def _subjects(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return id and version of the objects, by kind and reference."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for refs in _few_at_once(sorted({ref for _kind, ref in wanted})):
        with transaction() as session:
            rows = session.execute(
                select(Subject.kind, Subject.ref, Subject.id, Subject.version).where(
                    Subject.ref.in_(refs)
                )
            )
            found |= {(row.kind, row.ref): (row.id, row.version) for row in rows}
    return found


def _contacts(person_ids: Collection[int]) -> dict[int, _Contact]:
    found: dict[int, _Contact] = {}
    for few in _few_at_once(sorted(person_ids)):
        with transaction() as session:
            rows = session.execute(
                select(Person.id, Person.email, Person.language).where(
                    Person.id.in_(few), Person.disabled_at.is_(None)
                )
            )
            found |= {row.id: _Contact(row.email is not None, row.language) for row in rows}
    return found


def _few_at_once(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut a list so that a statement can hold each part."""
    for start in range(0, len(values), 1000):
        yield values[start : start + 1000]


def _rows(
    notice: Notice,
    subjects: dict[tuple[str, str], tuple[int, int]],
    contacts: dict[int, _Contact],
    *,
    now: datetime,
    weight: Weight,
) -> Iterator[dict[str, Any]]:
    """Yield the ledger rows of a notice: one a lane."""
    subject_id, version = subjects[notice.subject] if notice.subject else (None, None)
    contact = contacts.get(notice.person_id) if notice.person_id is not None else None
    if contact is None and notice.person_id is not None:
        return
    due = max(notice.due_at, now)
    common = {
        "subject_id": subject_id,
        "subject_version": version,
        "after_close": notice.after_close,
        "kind": notice.kind,
        "person_id": notice.person_id,
        "address": None,
        "language": contact.language if contact else notice.language,
        "params": notice.params,
        "weight": Weight.URGENT if notice.urgent else weight,
        "due_at": notice.due_at,
        "expire_at": notice.expire_at,
        "state": State.PENDING,
        "created_at": now,
    }
    if contact is not None:
        here = {"channel": Channel.INAPP, "dedup_key": f"{notice.key}/inapp", "next_at": due}
        yield common | here | {"uid": ids.uid()}
    if contact is None or contact.reached:
        yield common | _outside(notice, due, now)


def _outside(notice: Notice, due: datetime, now: datetime) -> dict[str, Any]:
    """Return what is different in the lane out of the site: there are nights, and addresses."""
    uid = ids.uid()
    lane: dict[str, Any] = {
        "uid": uid,
        "channel": Channel.EMAIL,
        "dedup_key": f"{notice.key}/external",
        "next_at": due
        if notice.urgent
        else moved_out_of_the_night(notice.kind, due, notice.expire_at, now),
    }
    if notice.person_id is None:
        lane["address"] = crypto.sealer().seal(notice.address or "", place_of(uid))
    return lane
