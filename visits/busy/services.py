"""Keeping when somebody has no time: brought as a calendar, replaced as a whole, deleted."""

from sqlalchemy import delete

from accounts.rules import Actor
from core import clock, limits
from core.db import transaction
from core.limits import Limit
from visits.busy.models import BusyImport, BusyTime
from visits.busy.reading.services import Found, read
from visits.busy.rules import AHEAD

BRINGING = Limit("busy_times", 20, 3600)
"""Reading a large file takes a second: so many an hour for one person."""


def may_bring(person_id: int) -> None:
    """Count a calendar that is brought, before it is read. Raises TooMany."""
    limits.spend(BRINGING.of(str(person_id)))


def looked_at(content: bytes) -> Found:
    """Return what a calendar says of the coming weeks. Raises BadCalendar."""
    now = clock.now()
    return read(content, now, now + AHEAD)


def replace(found: Found, *, by: Actor) -> None:
    """Keep these ranges in place of what was kept."""
    now = clock.now()
    with transaction() as session:
        _drop(by)
        session.add(
            BusyImport(
                person_id=by.id, loaded_at=now, until_at=now + AHEAD, left_out=found.left_out
            )
        )
        session.add_all(
            BusyTime(person_id=by.id, starts_at=start, ends_at=end) for start, end in found.ranges
        )


def drop(*, by: Actor) -> None:
    """Delete all that is kept."""
    _drop(by)


def _drop(by: Actor) -> None:
    with transaction() as session:
        for kept in (BusyTime, BusyImport):
            session.execute(delete(kept).where(kept.person_id == by.id))
