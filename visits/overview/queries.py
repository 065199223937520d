"""How each county stands, in numbers only: what the city may see of children."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, func, select

from accounts.rules import Actor, Role
from children.queries import waiting_by_county
from core import clock
from core.db import db
from pairings.models import Pairing
from pairings.rules import LIVE
from places.models import Area
from places.queries import shown
from places.rules import Level
from visits.models import Visit
from visits.rules import State
from volunteers.models import Volunteer
from volunteers.rules import Status

LATELY = timedelta(days=30)
RECORD_WITHIN = timedelta(hours=48)
DONE = (State.COMPLETED, State.RECORDED, State.APPROVED)


@dataclass(frozen=True, slots=True)
class CountyLine:
    """One county: people who may go, children who wait, pairings, visits of the last 30 days."""

    name: str
    applicants: int
    volunteers: int
    waiting: int
    pairings: int
    visits: int
    records_overdue: int


def counties(by: Actor) -> Sequence[CountyLine]:
    """Return the counties of the cities somebody answers for, in the order of their codes."""
    cities = [reach.area_id for reach in by.reaches(Role.CITY_COORDINATOR)]
    areas = db.session.execute(
        select(Area.id, Area.name, Area.name_en)
        .where(Area.level == Level.COUNTY, Area.parent_id.in_(cities))
        .order_by(Area.nbs_code)
    ).all()
    people, waiting, paired, visits = _people(), waiting_by_county(), _paired(), _visits()
    return [
        CountyLine(
            shown(area.name, area.name_en),
            people.get((area.id, Status.APPLIED), 0),
            people.get((area.id, Status.ACTIVE), 0),
            waiting.get(area.id, 0),
            paired.get(area.id, 0),
            *visits.get(area.id, (0, 0)),
        )
        for area in areas
    ]


def _people() -> dict[tuple[int, Status], int]:
    rows = db.session.execute(
        select(Volunteer.county_id, Volunteer.status, func.count())
        .where(Volunteer.status.in_((Status.APPLIED, Status.ACTIVE)))
        .group_by(Volunteer.county_id, Volunteer.status)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _paired() -> dict[int, int]:
    rows = db.session.execute(
        select(Pairing.county_id, func.count())
        .where(Pairing.stage.in_(LIVE))
        .group_by(Pairing.county_id)
    )
    return {row[0]: row[1] for row in rows}


def _visits() -> dict[int, tuple[int, int]]:
    """Return visits of the last 30 days, and those whose record is late, by county."""
    now = clock.now()
    done = func.sum(case((Visit.state.in_(DONE), 1), else_=0))
    late = (Visit.state == State.COMPLETED) & (Visit.ends_at < now - RECORD_WITHIN)
    rows = db.session.execute(
        select(Visit.county_id, done, func.sum(case((late, 1), else_=0)))
        .where(Visit.starts_at.between(now - LATELY, now))
        .group_by(Visit.county_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}
