"""The list of volunteers: tabs with their counts, search, one page at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Subquery, and_, false, func, or_, select, true

from accounts.models import Person
from accounts.rules import Actor, Role
from core import clock
from core.db import AnyRow, AnySelect, db
from core.forms import narrow
from core.paging import Page, newest_first
from core.parameters import value_on
from places.models import Organisation
from volunteers.evidence.queries import cleared, undecided_hit
from volunteers.models import Volunteer
from volunteers.queries import called, visible
from volunteers.roster.rules import Tab
from volunteers.rules import Status

DESKS = (Role.COORDINATOR, Role.SAFEGUARDING_LEAD, Role.ORG_LEAD)
"""In whose name somebody with several roles looks, the first one held by default."""
SHORTEST_TAIL = 4
NUMBER = re.compile(r"tx\d{1,6}", re.IGNORECASE | re.ASCII)
BY_CLEARANCE = frozenset({Tab.READY, Tab.LACKING, Tab.EXPIRING})
BEGINNERS = (Status.APPLIED, Status.EXPIRED)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks, and in which of their roles."""

    actor: Actor
    role: Role
    soon: date
    """The last day that counts as near: what ends by then is to be renewed."""

    @property
    def scope(self) -> ColumnElement[bool]:
        return visible(self.actor, self.role)

    @property
    def sees_contact(self) -> bool:
        return self.role is Role.COORDINATOR

    @property
    def tabs(self) -> Sequence[Tab]:
        hidden = {
            Role.COORDINATOR: {Tab.LACKING, Tab.HITS},
            Role.SAFEGUARDING_LEAD: {Tab.LACKING, Tab.READY, Tab.EXPIRING},
            Role.ORG_LEAD: {Tab.READY, Tab.EXPIRING, Tab.HITS},
        }[self.role]
        return [tab for tab in Tab if tab not in hidden]


def desk_of(actor: Actor, asked: str = "") -> Desk:
    """Return the desk asked for, or the first one this person has."""
    held = [role for role in DESKS if actor.has(role)]
    role = next((role for role in held if role == asked), held[0])
    return Desk(actor, role, soon(clock.today()))


def counts(desk: Desk) -> dict[Tab, int]:
    """Return how many volunteers each of the desk's tabs lists, in one query."""
    held, conditions = _conditions(desk)
    counted = select(*(func.count().filter(conditions[tab]).label(tab) for tab in desk.tabs))
    counted = counted.select_from(Volunteer).where(desk.scope)
    if not BY_CLEARANCE.isdisjoint(desk.tabs):
        counted = counted.outerjoin(held, held.c.volunteer_id == Volunteer.id)
    row = db.session.execute(counted).one()
    return dict(zip(desk.tabs, row, strict=True))


def listing(desk: Desk, *, tab: Tab, q: str, after: str | None) -> Page[AnyRow]:
    """Return a page of volunteers, the newest first."""
    return newest_first(_listed(desk, tab, q), [Volunteer.id], after=after)


def everybody(desk: Desk, *, tab: Tab, q: str) -> Sequence[AnyRow]:
    """Return the whole list, with how to reach each, for an export: by number."""
    listed = _listed(desk, tab, q).add_columns(Volunteer.id, Person.phone, Person.email)
    return db.session.execute(listed.order_by(Volunteer.id)).all()


def _listed(desk: Desk, tab: Tab, q: str) -> AnySelect:
    held, conditions = _conditions(desk)
    listed = (
        select(
            Volunteer.uid,
            Person.name,
            Volunteer.number,
            Volunteer.status,
            Volunteer.sex,
            Volunteer.birth_year,
            func.coalesce(Organisation.name, Volunteer.org_text).label("org"),
        )
        .join(Person, Person.id == Volunteer.person_id)
        .outerjoin(Organisation, Organisation.id == Volunteer.org_id)
        .where(desk.scope, conditions[tab], _matches(q, desk))
    )
    if tab in BY_CLEARANCE:
        listed = listed.outerjoin(held, held.c.volunteer_id == Volunteer.id)
    return listed


def _conditions(desk: Desk) -> tuple[Subquery, dict[Tab, ColumnElement[bool]]]:
    """Return who is cleared today, to be joined, and what each tab asks of a volunteer."""
    today = clock.today()
    concerned = Volunteer.status.in_({*BEGINNERS, Status.ACTIVE})
    held = cleared(select(Volunteer.id).where(desk.scope, concerned), today)
    known = Volunteer.sex.is_not(None) & Volunteer.birth_year.is_not(None)
    complete = and_(held.c.volunteer_id.is_not(None), known, ~undecided_hit())
    conditions: dict[Tab, ColumnElement[bool]] = {
        Tab(status): Volunteer.status == status for status in Status
    }
    begins = Volunteer.status.in_(BEGINNERS)
    return held, conditions | {
        Tab.ALL: true(),
        Tab.READY: begins & complete,
        Tab.LACKING: begins & ~complete,
        Tab.EXPIRING: (Volunteer.status == Status.ACTIVE) & _ends(held, desk.soon),
        Tab.HITS: (Volunteer.status == Status.SUSPENDED) & undecided_hit(),
    }


def soon(today: date) -> date:
    return today + timedelta(days=value_on("volunteers.warning_days", today))


def _ends(held: Subquery, by: date) -> ColumnElement[bool]:
    return held.c.until.is_not(None) & (held.c.until <= by)


def _matches(q: str, desk: Desk) -> ColumnElement[bool]:
    """Return what a search text asks for: a number, the end of a phone number, a name."""
    text = narrow(q)
    if not text:
        return true()
    if NUMBER.fullmatch(text):
        return Volunteer.number.startswith(text.upper())
    if text.isdigit():
        number = Volunteer.number == f"TX{text}"
        if desk.sees_contact and len(text) >= SHORTEST_TAIL:
            return or_(number, Person.phone.endswith(text, autoescape=True))
        return number if len(text) > SHORTEST_TAIL else false()
    return called(text)
