"""When people have no time, for themselves and for whoever plans a visit with them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from accounts.rules import Actor
from core import clock
from core.db import AnyRow, db
from core.paging import Page, page_of
from visits.busy.models import BusyImport, BusyTime
from visits.planning.rules import Busy


def busy_of(person_ids: Iterable[int], since: datetime, until: datetime) -> tuple[Busy, ...]:
    """Return when some people have no time between two moments, by their own calendars.

    Ranges only: nobody learns what for, whoever plans learns no more than that it does not fit.
    """
    rows = db.session.execute(
        select(BusyTime.person_id, BusyTime.starts_at, BusyTime.ends_at)
        .where(
            BusyTime.person_id.in_(list(person_ids)),
            BusyTime.starts_at < until,
            BusyTime.ends_at > since,
        )
        .order_by(BusyTime.starts_at, BusyTime.id)
    )
    return tuple(Busy(*row) for row in rows)


def import_of(actor: Actor) -> BusyImport | None:
    """Return what somebody brought last."""
    return db.session.scalar(select(BusyImport).where(BusyImport.person_id == actor.id))


def own(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return one's own ranges still to come."""
    query = select(BusyTime.starts_at.label("starts"), BusyTime.ends_at.label("ends")).where(
        BusyTime.person_id == actor.id, BusyTime.ends_at > clock.now()
    )
    return page_of(query, [BusyTime.starts_at, BusyTime.id], after=after)
