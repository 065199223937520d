"""Days, terms and examinations for those who keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, false, or_, select

from accounts.rules import Actor, Role
from core import clock
from core.db import AnyRow, db
from core.paging import Page, newest_first
from core.scopes import scope
from places.days.models import CalendarDay, SchoolTime
from places.days.rules import AHEAD
from places.models import Area, Organisation
from places.queries import reached, shown
from places.rules import Level, OrgKind

KEEPERS = (Role.COORDINATOR, Role.CITY_COORDINATOR)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose school time somebody may keep: a county's schools', or a university's."""

    name: str
    area_id: int
    org_id: int | None = None


@scope(SchoolTime)
def at_my_place(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that school time lies at a place somebody keeps it for."""
    reaches = actor.reaches(*KEEPERS)
    return or_(false(), *(reached(SchoolTime.area_id, reach) for reach in reaches))


def whose(actor: Actor) -> dict[str, Whose]:
    """Return the counties and universities whose times somebody keeps, by what a form sends."""
    reaches = actor.reaches(*KEEPERS)
    counties = db.session.scalars(
        select(Area)
        .where(
            Area.level == Level.COUNTY, or_(false(), *(reached(Area.id, one) for one in reaches))
        )
        .order_by(Area.nbs_code)
    )
    schools = db.session.scalars(
        select(Organisation)
        .where(
            Organisation.kind == OrgKind.UNIVERSITY,
            or_(false(), *(reached(Organisation.area_id, one) for one in reaches)),
        )
        .order_by(Organisation.name)
    )
    areas = {str(one.id): Whose(shown(one.name, one.name_en), one.id) for one in counties}
    return areas | {
        f"org-{one.id}": Whose(shown(one.name, one.name_en), one.area_id, one.id) for one in schools
    }


def days_of(year: int) -> Sequence[CalendarDay]:
    """Return the special days of a year, those that were taken away too."""
    return db.session.scalars(
        select(CalendarDay)
        .where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(CalendarDay.day)
    ).all()


def days_in_doubt() -> Sequence[CalendarDay]:
    """Return the days ahead that are only expected."""
    today = clock.today()
    return db.session.scalars(
        select(CalendarDay)
        .where(
            CalendarDay.day.between(today, today + AHEAD),
            CalendarDay.confirmed.is_(False),
            CalendarDay.removed_at.is_(None),
        )
        .order_by(CalendarDay.day)
    ).all()


def listing(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return terms and examinations with whose they are, the latest on top."""
    since = clock.today() - timedelta(days=400)
    query = (
        select(
            SchoolTime,
            Area.name.label("area"),
            Area.name_en.label("area_en"),
            Organisation.name.label("org"),
            Organisation.name_en.label("org_en"),
        )
        .join(Area, Area.id == SchoolTime.area_id)
        .outerjoin(Organisation, Organisation.id == SchoolTime.org_id)
        .where(at_my_place(actor), SchoolTime.last_day >= since)
    )
    return newest_first(query, [SchoolTime.first_day, SchoolTime.id], after=after)
