"""Reading what a university's lead, or the county's coordinator, keeps about its students."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select

from accounts.models import Person
from accounts.rules import Actor, Role
from core import clock
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, newest_first, page_of
from core.scopes import scope
from places.models import Organisation
from places.rules import OrgKind
from volunteers.students.models import RosterEntry, StudentDomain, StudentStatus, Vouch
from volunteers.students.queries import holds

CLERKS = (Role.COORDINATOR, Role.CITY_COORDINATOR)
"""Who enters what a university's mail is: that of the county it lies in, or of the city."""
DESK = (Role.ORG_LEAD, *CLERKS)
MOST_LINKS = 20


def within(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a university is one's own, or of the area one coordinates."""
    asked = set(roles or DESK)
    led = actor.organisations(*asked & {Role.ORG_LEAD})
    areas = {reach.area_id for reach in actor.reaches(*asked & set(CLERKS))}
    return (Organisation.kind == OrgKind.UNIVERSITY) & or_(
        Organisation.id.in_(sorted(led)), Organisation.area_id.in_(sorted(areas))
    )


@scope(StudentStatus)
def visible(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a status was given at a university within reach."""
    return StudentStatus.org_id.in_(select(Organisation.id).where(within(actor, *roles)))


@scope(Vouch)
def visible_links(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a link is of a university within reach."""
    return Vouch.org_id.in_(select(Organisation.id).where(within(actor, *roles)))


def university(uid: str, actor: Actor, *roles: Role) -> Organisation:
    """Return a university within reach. Raises NotYours."""
    found = db.session.scalar(
        select(Organisation).where(Organisation.uid == uid, within(actor, *roles))
    )
    if found is None:
        raise NotYours
    return found


def listing(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return the universities within reach by name, each with how many students count today."""
    number = (
        select(func.count())
        .select_from(StudentStatus)
        .where(StudentStatus.org_id == Organisation.id, holds(clock.today()))
        .scalar_subquery()
    )
    listed = select(
        Organisation.uid, Organisation.name, Organisation.name_en, number.label("students")
    ).where(within(actor))
    return page_of(listed, [Organisation.name, Organisation.id], after=after)


def students(org_id: int, *, after: str | None) -> Page[AnyRow]:
    """Return who counts as a student there today, the newest first."""
    listed = (
        select(
            StudentStatus.uid,
            StudentStatus.how,
            StudentStatus.since,
            StudentStatus.until,
            Person.name,
        )
        .join(Person, Person.id == StudentStatus.person_id)
        .where(StudentStatus.org_id == org_id, holds(clock.today()))
    )
    return newest_first(listed, [StudentStatus.id], after=after)


def domains_of(org_id: int) -> Sequence[StudentDomain]:
    return db.session.scalars(
        select(StudentDomain).where(StudentDomain.org_id == org_id).order_by(StudentDomain.domain)
    ).all()


def rosters_of(org_id: int) -> Sequence[AnyRow]:
    """Return how many lines the lists hold that still count, by their last day."""
    return db.session.execute(
        select(RosterEntry.until, func.count().label("lines"))
        .where(RosterEntry.org_id == org_id, RosterEntry.until >= clock.today())
        .group_by(RosterEntry.until)
        .order_by(RosterEntry.until)
    ).all()


def links_of(org_id: int) -> Sequence[AnyRow]:
    """Return the links that still open something with who made them, the newest first."""
    return db.session.execute(
        select(Vouch, Person.name)
        .join(Person, Person.id == Vouch.made_by_id)
        .where(
            Vouch.org_id == org_id,
            Vouch.ended_at.is_(None),
            Vouch.expires_on >= clock.today(),
            Vouch.uses_left > 0,
        )
        .order_by(Vouch.id.desc())
        .limit(MOST_LINKS)
    ).all()
