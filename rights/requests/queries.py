"""Reading rights requests: by what one answers for; the DPO of the city sees every county."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from accounts.models import Person
from accounts.queries import names
from accounts.rules import Actor, Role
from children.models import Child
from core.db import AnyRow, db
from core.paging import Page, page_of
from core.scopes import find, scope
from places.queries import within
from rights.requests.models import RightsRequest
from rights.requests.rules import OPEN, State
from volunteers.models import Volunteer

READERS = (Role.DPO, Role.COORDINATOR, Role.CHILD_DIRECTOR)
CHILD_READERS = (Role.COORDINATOR, Role.CHILD_DIRECTOR)
"""Who may know which child a request is about; the DPO works by its number (domain.md §1b)."""


@scope(RightsRequest)
def visible(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a request is one this person answers for in these roles.

    A DPO who is named for no place answers for all of them. A child director sees what concerns
    children of the village, never a volunteer's request.
    """
    wanted = roles or READERS
    if Role.DPO in wanted and any(
        grant.role is Role.DPO and grant.area_id is None for grant in actor.grants
    ):
        return true()
    rest = set(wanted) - {Role.CHILD_DIRECTOR}
    found = within(RightsRequest, actor.reaches(*rest))
    if Role.CHILD_DIRECTOR in wanted:
        village = within(RightsRequest, actor.reaches(Role.CHILD_DIRECTOR))
        found = or_(found, and_(village, RightsRequest.child_id.is_not(None)))
    return found


def request_of(uid: str, actor: Actor, *roles: Role) -> RightsRequest:
    """Return a request. Raises NotYours."""
    return find(RightsRequest, uid, actor, *roles)


def exists(uid: str) -> bool:
    """Whether there is such a request anywhere: only for keeping denials, never for an answer."""
    return db.session.scalar(select(RightsRequest.id).where(RightsRequest.uid == uid)) is not None


def is_open() -> ColumnElement[bool]:
    return RightsRequest.state.in_(list(OPEN))


def is_late(today: date) -> ColumnElement[bool]:
    """Return the condition that a request is over one of its terms."""
    return or_(
        and_(is_open(), RightsRequest.finish_by < today),
        and_(RightsRequest.state == State.RECEIVED, RightsRequest.confirm_by < today),
    )


def listing(actor: Actor, *, closed: bool, after: str | None) -> Page[AnyRow]:
    """Return a page of requests, the one that is due first on top."""
    asked = select(RightsRequest).where(visible(actor), ~is_open() if closed else is_open())
    return page_of(asked, [RightsRequest.finish_by, RightsRequest.id], after=after)


def waiting(actor: Actor, today: date) -> tuple[int, int]:
    """Return how many requests are open, and how many of them are late."""
    row = db.session.execute(
        select(func.count(), func.count().filter(is_late(today)))
        .select_from(RightsRequest)
        .where(visible(actor, Role.DPO, Role.COORDINATOR), is_open())
    ).one()
    return row[0], row[1]


def of_person(person_id: int | None) -> Sequence[RightsRequest]:
    """Return what somebody has asked for about their own data, the newest first."""
    return db.session.scalars(
        select(RightsRequest)
        .join(Volunteer, Volunteer.id == RightsRequest.volunteer_id)
        .where(Volunteer.person_id == person_id)
        .order_by(RightsRequest.id.desc())
        .limit(20)
    ).all()


def people_of(request: RightsRequest) -> dict[int | None, str]:
    """Return the names of whoever had to do with a request, by id."""
    return names([request.entered_by_id, request.confirmed_by_id, request.closed_by_id])


def child_of(request: RightsRequest, actor: Actor) -> Child | None:
    """Return the child a request is about, for those who answer for children there."""
    mine = within(Child, actor.reaches(*CHILD_READERS))
    return db.session.scalar(select(Child).where(Child.id == request.child_id, mine))


def volunteer_named(request: RightsRequest) -> AnyRow | None:
    """Return (uid, number, name) of the volunteer a request is about."""
    return db.session.execute(
        select(Volunteer.uid, Volunteer.number, Person.name)
        .join(Person, Person.id == Volunteer.person_id)
        .where(Volunteer.id == request.volunteer_id)
    ).first()
