"""Reading requests: one's own, and those that are one's to decide on."""

from sqlalchemy import ColumnElement, false, func, or_, select

from accounts.approvals.models import Approval
from accounts.approvals.rules import EVERYWHERE, Matter, Step, declared, matter_of
from accounts.models import Person
from accounts.rules import Actor
from core import clock
from core.db import AnyRow, db
from core.paging import Page, newest_first
from core.scopes import find, scope
from places.queries import reached


def still_open() -> ColumnElement[bool]:
    """Return the condition that a request can still be decided on."""
    return (Approval.state == Step.ASKED) & (Approval.expires_at > clock.now())


@scope(Approval)
def visible(person: Actor) -> ColumnElement[bool]:
    """Return the condition that a request is this person's own, or theirs to decide on."""
    return or_(Approval.asked_by_id == person.id, decides(person))


def decides(person: Actor) -> ColumnElement[bool]:
    """Return the condition that a request is this person's to decide on: never their own."""
    conditions = [_decides(person, matter) for matter in declared()]
    return or_(false(), *conditions) & (Approval.asked_by_id != person.id)


def _decides(person: Actor, matter: Matter) -> ColumnElement[bool]:
    own_kind = Approval.kind == matter.kind
    held = [role for role in matter.approvers if person.has(role)]
    if not held:
        return false()
    if EVERYWHERE.intersection(held):
        return own_kind
    theirs = [reached(Approval.area_id, reach) for reach in person.reaches(*held)]
    return own_kind & or_(Approval.area_id.is_(None), *theirs)


def waiting(person: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the requests that wait for this person's decision."""
    return _page(decides(person) & still_open(), after)


def asked_by(person: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return a page of what this person has asked for."""
    return _page(Approval.asked_by_id == person.id, after)


def settled(person: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the requests of this person's matters that nobody has to decide on."""
    return _page(decides(person) & ~still_open(), after)


def _page(condition: ColumnElement[bool], after: str | None) -> Page[AnyRow]:
    listed = (
        select(Approval, Person.name)
        .join(Person, Person.id == Approval.asked_by_id)
        .where(condition)
    )
    return newest_first(listed, [Approval.id], after=after)


def count_waiting(person: Actor) -> int:
    """Return how many requests wait for this person's decision; most decide on none."""
    if not any(person.has(*matter.approvers) for matter in declared()):
        return 0
    counted = select(func.count(Approval.id)).where(decides(person), still_open())
    return db.session.scalar(counted) or 0


def approval(uid: str, person: Actor) -> Approval:
    """Return a request that is this person's own, or theirs to decide on. Raises NotYours."""
    return find(Approval, uid, person)


def open_requests(kind: str, subjects: str) -> list[Approval]:
    """Return the open requests of a kind whose subject begins with a text, the newest first."""
    found = db.session.scalars(
        select(Approval)
        .where(
            Approval.kind == kind,
            Approval.subject.startswith(subjects, autoescape=True),
            still_open(),
        )
        .order_by(Approval.id.desc())
        .limit(20)
    )
    return list(found)


def facts(found: Approval) -> list[tuple[str, str]]:
    """Return what a request is about, in words."""
    return list(matter_of(found.kind).facts(found.payload))
