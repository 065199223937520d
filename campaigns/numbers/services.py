"""Counting what a campaign reaches, and holding the counters to what the sign-ups say."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from campaigns.models import Campaign
from campaigns.numbers.models import DayCount
from campaigns.numbers.queries import joined_by_day
from campaigns.rules import Measure
from core.db import transaction
from places.queries import area_names


@dataclass(frozen=True, slots=True)
class Drift:
    """A counter that said something else than the rows it counts."""

    campaign: str
    county: str
    day: date
    counted: int
    found: int


def count(campaign_id: int, county_id: int, measure: Measure, day: date, *, by: int = 1) -> None:
    """Add to a campaign's counter of a county and day, in the caller's transaction."""
    with transaction() as session:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        row = insert(DayCount).values(
            campaign_id=campaign_id, county_id=county_id, measure=measure, day=day, count=by
        )
        session.execute(
            row.on_conflict_do_update(
                index_elements=["campaign_id", "measure", "county_id", "day"],
                set_={"count": DayCount.count + by},
            )
        )


def recount(*, mend: bool = True) -> list[Drift]:
    """Compare the counted volunteers with the confirmed sign-ups; mend what differs.

    Pairings, visits and hours are counted by the rooms above, which know their rows.
    """
    with transaction() as session:
        found, counted = joined_by_day(), _counted(session)
        wrong = sorted(key for key in found | counted if found.get(key, 0) != counted.get(key, 0))
        if mend:
            for key in wrong:
                _set(session, key, found.get(key, 0))
        slugs = {row.id: row.slug for row in session.execute(select(Campaign.id, Campaign.slug))}
        names = area_names(county_id for _campaign, county_id, _day in wrong)
    return [
        Drift(slugs[key[0]], names[key[1]], key[2], counted.get(key, 0), found.get(key, 0))
        for key in wrong
    ]


def _counted(session: Session) -> dict[tuple[int, int, date], int]:
    rows = session.execute(
        select(DayCount.campaign_id, DayCount.county_id, DayCount.day, DayCount.count).where(
            DayCount.measure == Measure.VOLUNTEERS
        )
    )
    return {(row.campaign_id, row.county_id, row.day): row[3] for row in rows}


def _set(session: Session, key: tuple[int, int, date], value: int) -> None:
    campaign_id, county_id, day = key
    session.execute(
        delete(DayCount).where(
            DayCount.campaign_id == campaign_id,
            DayCount.county_id == county_id,
            DayCount.day == day,
            DayCount.measure == Measure.VOLUNTEERS,
        )
    )
    if value:
        count(campaign_id, county_id, Measure.VOLUNTEERS, day, by=value)
