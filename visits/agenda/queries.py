"""Lists of visits, and how many each holds."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select

from accounts.rules import Actor
from core import clock
from core.db import AnyRow, db
from core.paging import Page, newest_first, page_of
from core.parameters import values_on
from core.zone import CHINA
from visits.agenda.days.queries import turned_bad
from visits.agenda.risks.queries import uncleared
from visits.agenda.rules import Late, Tab, Waits, lateness
from visits.models import Party, Visit
from visits.queries import rows, visible
from visits.rules import AHEAD, OPEN, PartyRole, State

SOON = timedelta(hours=72)


def listing(
    actor: Actor, tab: Tab, *, day: date | None = None, after: str | None = None
) -> Page[AnyRow]:
    """Return a page of the visits of a tab: what comes next first, what is over newest first."""
    listed = rows(actor).where(in_tab(tab, actor))
    if day:
        listed = listed.where(*_during(day, day))
    if tab is Tab.PAST:
        return newest_first(listed, [Visit.starts_at, Visit.id], after=after)
    return page_of(listed, [Visit.starts_at, Visit.id], after=after)


def counts(actor: Actor, *tabs: Tab, today: bool = False) -> list[int]:
    """Return how many visits each of the tabs holds, and last how many are still open today."""
    conditions = [in_tab(tab, actor) for tab in tabs]
    if today:
        start, end = _during(clock.today(), clock.today())
        conditions.append(in_tab(Tab.UPCOMING, actor) & start & end)
    columns = [func.count().filter(condition) for condition in conditions]
    return list(db.session.execute(select(*columns).where(visible(actor))).one())


def upcoming(actor: Actor) -> AnyRow | None:
    """Return the next visit somebody takes part in and has not left."""
    mine = select(Party.visit_id).where(Party.person_id == actor.id, Party.checked_out_at.is_(None))
    return db.session.execute(
        select(Visit.uid, Visit.starts_at, Visit.ends_at)
        .where(visible(actor), Visit.state.in_(OPEN), Visit.id.in_(mine))
        .order_by(Visit.starts_at)
        .limit(1)
    ).first()


def in_tab(tab: Tab, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a visit belongs to a tab."""
    if tab is Tab.OVERDUE:
        return overdue()
    if tab is Tab.DAY:
        return turned_bad(actor)
    if tab is Tab.CLEARANCE:
        return uncleared(actor)
    now = clock.now()
    planned = Visit.state == State.PLANNED
    escorted = select(Party.visit_id).where(
        Party.person_id == actor.id, Party.role == PartyRole.ESCORT
    )
    return {
        Tab.UPCOMING: Visit.state.in_(OPEN),
        Tab.RECORD: Visit.state == State.COMPLETED,
        Tab.APPROVE: Visit.state == State.RECORDED,
        Tab.PAST: Visit.state.not_in([*OPEN, State.COMPLETED, State.RECORDED]),
        Tab.CONFIRM: planned & (Visit.ends_at > now) & Visit.id.in_(escorted),
        Tab.UNCONFIRMED: planned & (Visit.starts_at > now) & (Visit.starts_at <= now + SOON),
    }[tab]


def overdue() -> ColumnElement[bool]:
    """Return the condition that others look after a visit: nobody has come, or long not gone."""
    return or_(late(Late.NOT_COME), late(Late.ESCALATED))


def waits() -> Waits:
    """Return how long people are waited for today."""
    values = values_on(clock.today())
    return Waits(
        *(
            timedelta(minutes=int(values[f"visits.{name}"]))
            for name in ("check_in_late", "check_out_ask", "check_out_late")
        )
    )


def late(how: Late) -> ColumnElement[bool]:
    """Return the condition that a visit has been late for so long, as `lateness` says it.

    Gone is nobody who has come and not checked out, be it alone or on a visit called off since.
    """
    now, since = clock.now(), waits()
    if how is Late.NOT_COME:
        return Visit.state.in_(AHEAD) & (Visit.starts_at <= now - since.come)
    patience = since.escalate if how is Late.ESCALATED else since.go
    here = select(Party.id).where(
        Party.visit_id == Visit.id,
        Party.checked_in_at.is_not(None),
        Party.checked_out_at.is_(None),
    )
    may_be_there = Visit.state.in_({State.CONFIRMED, State.IN_PROGRESS, State.CANCELLED})
    return may_be_there & (Visit.ends_at <= now - patience) & here.correlate(Visit).exists()


def how_late(visit: Visit) -> Late | None:
    """Return how a visit is late now."""
    now = clock.now()
    if visit.starts_at > now:
        return None
    return lateness(visit.state, visit.starts_at, visit.ends_at, now, waits=waits())


def late_now(listed: Sequence[AnyRow]) -> dict[Late, set[str]]:
    """Return which of the listed visits are late now, by how late, as their uids."""
    now, since = clock.now(), waits()
    found: dict[Late, set[str]] = {}
    for row in listed:
        how = lateness(row.state, row.starts, row.ends, now, waits=since)
        if how:
            found.setdefault(how, set()).add(row.uid)
    return found


def _during(first: date, last: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    start, end = (datetime.combine(day, time(), CHINA) for day in (first, last))
    return Visit.starts_at >= start, Visit.starts_at < end + timedelta(days=1)
