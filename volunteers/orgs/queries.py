"""Reading the organisations of a county and where they stand."""

from sqlalchemy import ColumnElement, case, func, select

from accounts.rules import Actor, Role
from core.db import AnyRow, db
from core.paging import Page, newest_first
from core.scopes import find, scope
from places.models import Area
from places.queries import in_language
from volunteers.orgs.models import Standing
from volunteers.orgs.rules import OPEN, State
from volunteers.queries import in_counties


@scope(Standing)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an organisation is one of the coordinator's counties."""
    return in_counties(Standing.county_id, actor.reaches(Role.COORDINATOR))


def standing(uid: str, actor: Actor) -> Standing:
    """Return where an organisation stands. Raises NotYours."""
    return find(Standing, uid, actor)


TABS = {
    "open": OPEN,
    "active": (State.ACTIVE,),
    "ended": (State.SUSPENDED, State.DECLINED, State.LEFT),
}


def counts(actor: Actor) -> dict[str, int]:
    """Return how many are in each list, in one query."""
    row = db.session.execute(
        select(
            *(func.count(case((Standing.state.in_(states), 1))) for states in TABS.values())
        ).where(visible(actor))
    ).one()
    return dict(zip(TABS, row, strict=True))


def listing(actor: Actor, *, tab: str, after: str | None) -> Page[AnyRow]:
    """Return the organisations of a list, the newest application first."""
    query = (
        select(
            Standing.uid,
            Standing.name,
            Standing.kind,
            Standing.state,
            Standing.applied_at,
            Standing.agreement_until,
            in_language(Area.name, Area.name_en).label("county"),
        )
        .join(Area, Area.id == Standing.county_id)
        .where(visible(actor))
    )
    if tab in TABS:
        query = query.where(Standing.state.in_(TABS[tab]))
    return newest_first(query, [Standing.applied_at, Standing.id], after=after)
