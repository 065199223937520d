"""What has been written of a visit, and who writes it."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from accounts.models import Person
from core import clock
from core.db import AnyRow, db
from visits.models import Visit
from visits.queries import Seen
from visits.records.models import VisitRecord
from visits.records.rules import Account
from visits.rules import OPEN, NeedChange, PartyRole, State

LEADER_FIRST = timedelta(hours=24)


def writes(seen: Seen) -> bool:
    """Whether whoever looks writes the record: the leader; if absent or late, any member there.

    What is written a coordinator corrects too; somebody else then says yes to it.
    """
    me, visit = seen.me, seen.visit
    if seen.coordinates and visit.state is State.RECORDED:
        return True
    if me is None or me.role is not PartyRole.MEMBER or me.checked_in_at is None:
        return False
    leader_there = any(one.leads and one.checked_in_at for one in seen.members)
    return me.leads or not leader_there or clock.now() > visit.ends_at + LEADER_FIRST


def may_record(seen: Seen) -> bool:
    """Whether whoever looks can write, or correct, the record now."""
    open_for_words = seen.visit.state in {State.COMPLETED, State.RECORDED}
    return open_for_words and not seen.visit.forgotten and writes(seen)


def may_read(seen: Seen, *, paired: bool) -> bool:
    """Whether whoever looks may read what is written: while they accompany the child, or write."""
    written = seen.visit.state not in {*OPEN, State.CANCELLED}
    return written and (paired or may_record(seen))


def records(visit: Visit) -> Sequence[AnyRow]:
    """Return every record of a visit with who wrote it, the newest first."""
    return db.session.execute(
        select(VisitRecord, Person.name)
        .join(Person, Person.id == VisitRecord.recorded_by_id)
        .where(VisitRecord.visit_id == visit.id)
        .order_by(VisitRecord.number.desc())
    ).all()


def numbered(visit: Visit, number: int) -> Account | None:
    """Return what the record with that number tells."""
    row = db.session.scalar(
        select(VisitRecord).where(VisitRecord.visit_id == visit.id, VisitRecord.number == number)
    )
    return told(row) if row else None


def told(row: VisitRecord) -> Account:
    return Account(
        child_present=row.child_present,
        mood=row.mood,
        did=row.did,
        need_change=row.need_change or NeedChange.NONE,
        need_changes=row.need_changes,
        parcel=row.parcel,
        parcels=row.parcels,
        concern=row.concern,
    )


def newest(visit: Visit) -> VisitRecord | None:
    return db.session.scalar(
        select(VisitRecord)
        .where(VisitRecord.visit_id == visit.id)
        .order_by(VisitRecord.number.desc())
        .limit(1)
    )
