"""Adding rows to the ledger, many at once, in the transaction of what they are about."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select

from accounts.models import Person
from core import clock, crypto
from core.db import transaction
from messages.contacts.models import ContactPoint
from messages.models import Subject
from messages.planning.bulk.services import Row, add, as_json, moments, uids
from messages.rules import Weight, moved_out_of_the_night


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
        writer = _Writer(subjects, contacts, now, weight, moments(session))
        names = uids(2 * len(notices))
        made = (writer(notice, names) for notice in notices if notice.expire_at > now)
        rows = [row for row in made if row is not None]
        return sum(add(session, few) for few in _few_at_once(rows, 2500))


def _subjects(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return id and version of the objects, by kind and reference."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    refs: dict[str, list[str]] = {}
    for kind, ref in sorted(wanted):
        refs.setdefault(kind, []).append(ref)
    for kind, of_kind in refs.items():
        for few in _few_at_once(of_kind):
            found |= _versions(kind, few)
    return found


def _versions(kind: str, refs: Sequence[str]) -> dict[tuple[str, str], tuple[int, int]]:
    with transaction() as session:
        rows = session.connection().execute(
            select(Subject.ref, Subject.id, Subject.version).where(
                Subject.kind == kind, Subject.ref.in_(refs)
            )
        )
        return {(kind, ref): (subject_id, version) for ref, subject_id, version in rows}


_REACHED = or_(
    Person.email.is_not(None),
    exists().where(ContactPoint.person_id == Person.id, ContactPoint.verified_at.is_not(None)),
)


def _contacts(person_ids: Collection[int]) -> dict[int, _Contact]:
    found: dict[int, _Contact] = {}
    for few in _few_at_once(sorted(person_ids)):
        with transaction() as session:
            rows = session.connection().execute(
                select(Person.id, _REACHED, Person.language).where(
                    Person.id.in_(few), Person.disabled_at.is_(None)
                )
            )
            found |= {row[0]: _Contact(row[1], row[2]) for row in rows}
    return found


def _few_at_once(values: Sequence[Any], most: int = 1000) -> Iterator[Sequence[Any]]:
    """Cut a list so that a statement can hold each part."""
    for start in range(0, len(values), most):
        yield values[start : start + most]


@dataclass(slots=True)
class _Writer:
    """Makes the rows of notices: what many of them share is written out once."""

    subjects: dict[tuple[str, str], tuple[int, int]]
    contacts: dict[int, _Contact]
    now: datetime
    weight: Weight
    written: Callable[[datetime], str]
    params: tuple[dict[str, Any] | None, str] = (None, "")
    moved: dict[tuple[str, datetime, datetime], datetime] = field(default_factory=dict)

    def __call__(self, notice: Notice, names: Iterator[str]) -> Row | None:
        """Return what the ledger keeps of a notice, with a name for each lane it takes."""
        if notice.person_id is None:
            return self._row(notice, notice.language, (None, next(names)))
        contact = self.contacts.get(notice.person_id)
        if contact is None:
            return None
        outside = next(names) if contact.reached else None
        return self._row(notice, contact.language, (next(names), outside))

    def _by_day(self, notice: Notice, due: datetime) -> datetime:
        """Return when it leaves the site: there are nights."""
        if notice.urgent:
            return due
        key = (notice.kind, due, notice.expire_at)
        if key not in self.moved:
            self.moved[key] = moved_out_of_the_night(*key, self.now)
        return self.moved[key]

    def _row(self, notice: Notice, language: str, lanes: tuple[str | None, str | None]) -> Row:
        if self.params[0] is not notice.params:
            self.params = (notice.params, as_json(notice.params))
        written, (here, outside) = self.written, lanes
        due = max(notice.due_at, self.now)
        subject_id, version = self.subjects[notice.subject] if notice.subject else (None, None)
        address = None
        if notice.person_id is None and outside:
            address = crypto.sealer().seal(notice.address or "", place_of(outside))
        return (
            notice.key, here, written(due), outside, written(self._by_day(notice, due)),
            subject_id, version, notice.after_close, notice.kind, notice.person_id, address,
            (Weight.URGENT if notice.urgent else self.weight).value, language, self.params[1],
            written(notice.due_at), written(notice.expire_at), written(self.now),
        )  # fmt: skip
