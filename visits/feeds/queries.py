"""Visits as calendars read them: when, the county, a link; nothing of the child, no address.

The UID of a visit stays while SEQUENCE rises with its version, so a calendar takes the newest one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from icalendar import Calendar, Event, vText
from sqlalchemy import ColumnElement, func, or_, select

from accounts.models import Person
from accounts.queries import actor_for
from accounts.rules import Actor
from core import clock, ids
from core.audit import AuditRow
from core.db import AnyRow, AnySelect, db
from core.i18n import _
from core.scopes import scope
from places.queries import area_names
from visits.feeds.models import CalendarFeed, InvitationWish
from visits.feeds.rules import BACK, CANCELLED_STAY, FORTH, Reach
from visits.models import Party, Visit
from visits.queries import STAFF, VOLUNTEERS, visible
from visits.rules import State

READERS = (*STAFF, *VOLUNTEERS)
MOST = 1000
"""Visits in one calendar; of more, those that are longest over are left out."""
CHANGES = (
    "plan_visit", "move_visit", "confirm_visit", "cancel_visit", "member_left_visit", "no_show",
    "check_in", "check_out", "record_visit", "approve_record", "send_back_record",
)  # fmt: skip
"""Deeds that raise a visit's version: the last one dates it."""
ICAL = {
    State.PLANNED: "TENTATIVE",
    State.CANCELLED: "CANCELLED",
    State.NO_SHOW: "CANCELLED",
}


@dataclass(frozen=True, slots=True)
class Site:
    """What the addresses of visits are made of; `visit_url` ends in `-` for a visit's name."""

    host: str
    visit_url: str

    def url(self, uid: str) -> str:
        return self.visit_url.removesuffix("-") + uid


@scope(CalendarFeed)
def own(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a calendar is somebody's own: nobody sees another's."""
    return CalendarFeed.person_id == actor.id


def feeds_of(actor: Actor) -> Sequence[CalendarFeed]:
    """Return somebody's calendars that still open, the newest first."""
    return db.session.scalars(
        select(CalendarFeed)
        .where(own(actor), CalendarFeed.revoked_at.is_(None))
        .order_by(CalendarFeed.id.desc())
    ).all()


def wants_invitations(person_ids: Iterable[int]) -> set[int]:
    """Return which of these people asked for invitations by mail."""
    wishes = select(InvitationWish.person_id).where(InvitationWish.person_id.in_(list(person_ids)))
    return set(db.session.scalars(wishes))


def reader_of(token: str) -> tuple[CalendarFeed, Actor] | None:
    """Return the calendar of a secret address and whose it is, with the rights of this moment.

    None when there is none, when it was revoked, and when its person is shut out or holds no role
    any more that sees visits.
    """
    feed = db.session.scalar(
        select(CalendarFeed)
        .join(Person, Person.id == CalendarFeed.person_id)
        .where(
            CalendarFeed.token_hash == ids.digest(token),
            CalendarFeed.revoked_at.is_(None),
            Person.disabled_at.is_(None),
        )
    )
    if feed is None:
        return None
    reader = actor_for(feed.person_id)
    return (feed, reader) if reader.has(*READERS) else None


def versions(feed: CalendarFeed, reader: Actor) -> Sequence[AnyRow]:
    """Return (uid, version) of what a calendar holds: as long as it is the same, so is the file."""
    return db.session.execute(_held(feed, reader, Visit.uid, Visit.version)).all()


def held(feed: CalendarFeed, reader: Actor) -> Sequence[Visit]:
    """Return the visits that a calendar holds, what is furthest ahead first."""
    return [row[0] for row in db.session.execute(_held(feed, reader, Visit))]


def _held(feed: CalendarFeed, reader: Actor, *what: object) -> AnySelect:
    now = clock.now()
    asked: AnySelect = select(*what).where(  # type: ignore[call-overload]  # columns, or the model
        visible(reader), Visit.ends_at > now - BACK, Visit.starts_at < now + FORTH, _shown(now)
    )
    if feed.reach is Reach.MINE:
        mine = select(Party.visit_id).where(Party.person_id == reader.id)
        asked = asked.where(Visit.id.in_(mine))
    return asked.order_by(Visit.starts_at.desc(), Visit.id.desc()).limit(MOST)


def _shown(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a visit stands, or was called off lately."""
    return or_(Visit.state != State.CANCELLED, Visit.cancelled_at > now - CANCELLED_STAY)


def changed(visits: Sequence[Visit]) -> dict[str, datetime]:
    """Return when each visit was last changed, by its uid: what the audit says of it."""
    uids = [visit.uid for visit in visits]
    rows = db.session.execute(
        select(AuditRow.ref, func.max(AuditRow.at))
        .where(AuditRow.ref.in_(uids), AuditRow.kind == "visit", AuditRow.action.in_(CHANGES))
        .group_by(AuditRow.ref)
    )
    return {visit.uid: visit.planned_at for visit in visits} | {row[0]: row[1] for row in rows}


def ics(visits: Sequence[Visit], site: Site, *, name: str = "") -> bytes:
    """Return visits as the file that calendars read."""
    calendar = empty()
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval;value=duration", vText("PT1H"))
    for event in events(visits, site):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def empty() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Tongxing//visits//")
    calendar.add("version", "2.0")
    return calendar


def events(visits: Sequence[Visit], site: Site) -> list[Event]:
    """Return each visit as an event of a calendar, in UTC, so that no zone has to be explained."""
    dated, counties = changed(visits), area_names(visit.county_id for visit in visits)
    found = []
    for visit in visits:
        event = Event()
        event.add("uid", f"visit-{visit.uid}@{site.host}")
        event.add("sequence", visit.version)
        event.add("dtstamp", dated[visit.uid])
        event.add("last-modified", dated[visit.uid])
        event.add("dtstart", visit.starts_at)
        event.add("dtend", visit.ends_at)
        event.add("summary", _("童行走访"))
        event.add("location", vText(counties[visit.county_id]))
        event.add("url", site.url(visit.uid))
        event.add("status", ICAL.get(visit.state, "CONFIRMED"))
        found.append(event)
    return found
