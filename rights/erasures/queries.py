"""Reading erasures: those that wait for a second person, and what is left of the others."""

from typing import Protocol

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import aliased

from accounts.models import Person
from accounts.rules import Actor, Role
from core.db import AnyRow, db
from core.paging import Page, newest_first
from core.scopes import find, scope
from places.queries import within
from rights.erasures.models import Erasure

READERS = (Role.DPO, Role.COORDINATOR)


class HasPlace(Protocol):
    """Whatever lies at a place."""

    county_id: int
    township_id: int | None
    village_id: int | None


def is_open() -> ColumnElement[bool]:
    """Return the condition that an erasure still waits."""
    return Erasure.carried_out_at.is_(None) & Erasure.called_off_at.is_(None)


@scope(Erasure)
def visible(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that an erasure is one this person answers for in these roles."""
    wanted = roles or READERS
    everywhere = any(g.role is Role.DPO and g.area_id is None for g in actor.grants)
    if Role.DPO in wanted and everywhere:
        return true()
    return within(Erasure, actor.reaches(*wanted))


def erasure(uid: str, actor: Actor, *roles: Role) -> Erasure:
    """Return an erasure. Raises NotYours."""
    return find(Erasure, uid, actor, *roles)


def is_theirs(found: Erasure, actor: Actor, role: Role) -> bool:
    """Whether somebody answers for an erasure in that one of their roles."""
    asked = select(Erasure.id).where(Erasure.id == found.id, visible(actor, role))
    return db.session.scalar(asked) is not None


def exists(uid: str) -> bool:
    """Whether there is such an erasure anywhere: only for keeping denials, never for an answer."""
    return db.session.scalar(select(Erasure.id).where(Erasure.uid == uid)) is not None


def of_request(request_id: int) -> Erasure | None:
    """Return the erasure that a request has led to, called off ones left out."""
    return db.session.scalar(
        select(Erasure).where(Erasure.request_id == request_id, Erasure.called_off_at.is_(None))
    )


def listing(actor: Actor, *, waiting: bool, after: str | None) -> Page[AnyRow]:
    """Return a page of (erasure, who asked, who carried out), the newest first."""
    asking, acting = aliased(Person), aliased(Person)
    asked = (
        select(Erasure, asking.name.label("asked_by"), acting.name.label("done_by"))
        .join(asking, asking.id == Erasure.asked_by_id)
        .outerjoin(acting, acting.id == Erasure.carried_out_by_id)
        .where(visible(actor), is_open() if waiting else ~is_open())
    )
    return newest_first(asked, [Erasure.id], after=after)


def for_another(actor: Actor, today: object) -> int:
    """Return how many erasures wait for this person, who did not ask for them."""
    free = or_(Erasure.hold_reason == "", Erasure.held_until < today)
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Erasure)
            .where(visible(actor), is_open(), Erasure.asked_by_id != actor.id, free)
        )
        or 0
    )
