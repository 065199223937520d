"""Reading hours: sums and one's own list."""

from collections.abc import Iterable

from sqlalchemy import func, select

from core.db import AnyRow, db
from core.paging import Page, newest_first
from volunteers.hours.models import HourEntry

SHORT = 10


def totals(volunteer_ids: Iterable[int]) -> dict[int, int]:
    """Return the minutes credited to each of the volunteers; nothing for those without any."""
    rows = db.session.execute(
        select(HourEntry.volunteer_id, func.sum(HourEntry.minutes))
        .where(HourEntry.volunteer_id.in_(list(volunteer_ids)))
        .group_by(HourEntry.volunteer_id)
    )
    return {volunteer_id: int(minutes) for volunteer_id, minutes in rows}


def total(volunteer_id: int) -> int:
    return totals([volunteer_id]).get(volunteer_id, 0)


def entries(volunteer_id: int, *, after: str | None = None) -> Page[AnyRow]:
    """Return a page of one volunteer's entries, the newest first."""
    listed = select(HourEntry.minutes, HourEntry.source).where(
        HourEntry.volunteer_id == volunteer_id
    )
    return newest_first(listed, [HourEntry.served_on, HourEntry.id], after=after, size=SHORT)
