"""Reading alerts: each to those who answer for the place, and never to whom it is about."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, false, func, or_, select, true
from sqlalchemy.orm import aliased

from accounts.models import Person, RoleGrant
from accounts.queries import holds_now
from accounts.rules import Actor, Role
from core.db import AnyRow, db
from core.paging import Page, newest_first
from core.scopes import find, scope
from messages.alerts.models import Alert
from messages.alerts.rules import WAITING
from places.models import Area
from places.queries import reached
from places.rules import Level

HANDLERS = (Role.SAFEGUARDING_LEAD, Role.DPO, Role.CITY_COORDINATOR)


@scope(Alert)
def answered_for(person: Actor) -> ColumnElement[bool]:
    """Return the condition that an alert is this person's to look at."""
    if person.has(Role.DPO):
        theirs: ColumnElement[bool] = true()
    else:
        reaches = person.reaches(Role.SAFEGUARDING_LEAD, Role.CITY_COORDINATOR)
        of_places = [reached(Alert.area_id, reach) for reach in reaches]
        if any(reach.level is Level.CITY for reach in reaches):
            of_places.append(Alert.area_id.is_(None))
        theirs = or_(false(), *of_places)
    return theirs & Alert.about_id.is_distinct_from(person.id)


def listing(person: Actor, *, waiting: bool, after: str | None) -> Page[AnyRow]:
    """Return a page of alerts, the newest first: those that wait, or those that are settled."""
    listed = select(Alert, Area.name, Area.name_en).outerjoin(Area, Area.id == Alert.area_id)
    state = Alert.state.in_(WAITING) if waiting else Alert.state.not_in(WAITING)
    return newest_first(listed.where(answered_for(person), state), [Alert.id], after=after)


def waiting(person: Actor) -> int:
    """Return how many alerts wait for somebody, whoever looks among them."""
    counted = select(func.count(Alert.id)).where(answered_for(person), Alert.state.in_(WAITING))
    return db.session.scalar(counted) or 0


def alert(uid: str, person: Actor) -> Alert:
    """Return an alert that is this person's to look at. Raises NotYours."""
    return find(Alert, uid, person)


def area_of_alert(area_id: int | None) -> int | None:
    """Return the county that an area is or lies in; a city stays a city."""
    found = db.session.get(Area, area_id) if area_id else None
    while found is not None and found.level in {Level.TOWNSHIP, Level.VILLAGE}:
        found = db.session.get(Area, found.parent_id) if found.parent_id else None
    return found.id if found else None


def handlers(area_id: int | None, *, besides: Iterable[int | None] = ()) -> list[int]:
    """Return the ids of whoever has to look at an alert of a county, a city or the whole site."""
    county, city = aliased(Area), aliased(Area)
    at = [
        select(county.id).where(county.id == area_id),
        select(county.parent_id).where(county.id == area_id, county.level == Level.COUNTY),
    ]
    everywhere = RoleGrant.area_id.in_(select(city.id).where(city.level == Level.CITY))
    reached = or_(*(RoleGrant.area_id.in_(one) for one in at)) if area_id else everywhere
    rows = db.session.scalars(
        select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role.in_(HANDLERS),
            or_(RoleGrant.role == Role.DPO, reached),
            holds_now(),
            Person.disabled_at.is_(None),
        )
        .distinct()
        .order_by(Person.id)
    )
    left_out = set(besides)
    return [person_id for person_id in rows if person_id not in left_out]
