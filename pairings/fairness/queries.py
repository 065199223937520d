"""Who waits how long, counted by the database: one county as it is, the city in numbers.

What comes back grows with days, not with children: those who began to wait on one day are one row.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from accounts.rules import Actor, Role
from children.models import Child
from children.rules import NeedState
from core import clock
from core.db import AnyRow, db
from core.fences import everything
from core.paging import Page, page_of
from core.zone import CHINA
from pairings.board.queries import unproposed, waiting_for_pairing
from pairings.fairness.rules import (
    RISKY,
    Band,
    Line,
    Month,
    band_of,
    last_months,
    line,
    month_from_outside,
    months,
    seen_from_outside,
)
from pairings.models import Pairing
from pairings.rules import LIVE, Stage
from places.models import Area
from places.queries import shown, within
from places.rules import Level

SIMULATED = Path(__file__).with_name("simulated.json")


def of_city(actor: Actor) -> bool:
    """Whether somebody answers for a whole city and sees numbers only."""
    return actor.has(Role.CITY_COORDINATOR)


def lines(actor: Actor, overdue_days: int) -> list[Line]:
    """Return a line for each county somebody answers for, in the order of their codes."""
    areas = _counties(actor)
    ids = [area.id for area in areas]
    outside = of_city(actor)
    waits = _waiting(ids, overdue_days, outside=outside)
    found = [line(shown(area.name, area.name_en), waits[area.id], area.live) for area in areas]
    return [seen_from_outside(one) for one in found] if outside else found


def _counties(actor: Actor) -> Sequence[AnyRow]:
    own = [reach.area_id for reach in actor.reaches(Role.COORDINATOR)]
    cities = [reach.area_id for reach in actor.reaches(Role.CITY_COORDINATOR)]
    theirs: ColumnElement[bool] = Area.id.in_(own)
    if of_city(actor):
        theirs = Area.parent_id.in_(cities)
    live = (
        select(func.count())
        .where(Pairing.county_id == Area.id, Pairing.stage.in_(LIVE))
        .correlate(Area)
        .scalar_subquery()
    )
    return db.session.execute(
        select(Area.id, Area.name, Area.name_en, live.label("live"))
        .where(Area.level == Level.COUNTY, theirs)
        .order_by(Area.nbs_code, Area.id)
    ).all()


def _fence(*, outside: bool) -> AbstractContextManager[None]:
    """Count past the fence for the city, which sees no child; never for anybody else."""
    return cast("AbstractContextManager[None]", everything()) if outside else nullcontext()


def _waiting(
    county_ids: Sequence[int], overdue_days: int, *, outside: bool
) -> dict[int, dict[Band, dict[int, int]]]:
    """Return by county and band how many have waited for so many days."""
    with _fence(outside=outside):
        rows = db.session.execute(
            select(Child.county_id, Child.risk, Child.open_since, func.count())
            .where(
                Child.county_id.in_(county_ids),
                Child.state == NeedState.OPEN,
                Child.open_since.is_not(None),
                unproposed(),
            )
            .group_by(Child.county_id, Child.risk, Child.open_since)
        ).all()
    today = clock.today()
    found: dict[int, dict[Band, dict[int, int]]] = defaultdict(dict)
    for county_id, risk, since, number in rows:
        days = max(0, (today - cast("date", since)).days)
        band = found[county_id].setdefault(
            band_of(days, risky=risk in RISKY, overdue=overdue_days), {}
        )
        band[days] = band.get(days, 0) + number
    return found


def until_proposed(actor: Actor) -> list[Month]:
    """Return how long those waited who were proposed a team, month by month."""
    outside, today = of_city(actor), clock.today()
    on = _day_in_china(Pairing.proposed_at)
    reaches = actor.reaches(Role.CITY_COORDINATOR if outside else Role.COORDINATOR)
    with _fence(outside=outside):
        rows = db.session.execute(
            select(on, Child.open_since, func.count())
            .join(Child, Child.id == Pairing.child_id)
            .where(
                within(Pairing, reaches),
                Pairing.stage != Stage.DECLINED,
                Pairing.proposed_at >= datetime.combine(last_months(today)[0], time.min, CHINA),
                Child.open_since.is_not(None),
            )
            .group_by(on, Child.open_since)
        ).all()
    found = months([(_day(row[0]), row[1], row[2]) for row in rows], today)
    return [month_from_outside(one) for one in found] if outside else found


def _day_in_china(moment: ColumnElement[datetime] | InstrumentedAttribute[datetime]) -> Any:
    """Return the statement for the day, where the county is, of a moment kept in UTC."""
    if db.session.get_bind().dialect.name == "sqlite":
        return func.date(moment, "+8 hours")
    return func.date(func.timezone("Asia/Shanghai", moment))


def _day(given: date | str) -> date:
    """SQLite says a day as text."""
    return date.fromisoformat(given) if isinstance(given, str) else given


def overdue(actor: Actor, overdue_days: int, *, after: str | None = None) -> Page[AnyRow]:
    """Return a page of the children of this coordinator who wait too long, the longest first."""
    last = clock.today() - timedelta(days=overdue_days)
    return page_of(
        select(Child.uid, Child.alias, Child.risk, Child.open_since, Area.name, Area.name_en)
        .outerjoin(Area, Area.id == Child.township_id)
        .where(waiting_for_pairing(actor), Child.open_since <= last),
        [Child.open_since, Child.id],
        after=after,
    )


@cache
def simulated() -> dict[str, Any]:
    """Return the report of `flask matching simulate` that is kept beside this file."""
    found: dict[str, Any] = json.loads(SIMULATED.read_bytes())
    return found
