"""Where a campaign takes place, county by county, and what each offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from campaigns.counties.rules import apart, minutes_between, nearest_first
from campaigns.models import Activity, Slot
from campaigns.queries import Edition
from campaigns.rules import TILE_MINUTES
from campaigns.signups.queries import Offer, offer_of
from core import clock
from core.db import db
from core.parameters import value_on
from places.models import Area
from places.queries import shown
from places.rules import Level


@dataclass(frozen=True, slots=True)
class County:
    """A county of a campaign with what it offers."""

    id: int
    code: str
    name: str
    tile: tuple[int, int] | None
    """Column and row on the schematic map."""
    offers: Sequence[Offer]


def counties(campaign: Edition) -> list[County]:
    """Return the counties a campaign reaches, in the order of their codes, with their slots."""
    rows = db.session.execute(
        select(
            Slot,
            Activity,
            Area.id.label("county_id"),
            Area.nbs_code,
            Area.name.label("area_name"),
            Area.name_en.label("area_name_en"),
            Area.tile_column,
            Area.tile_row,
        )
        .select_from(Area)
        .outerjoin(Slot, (Slot.county_id == Area.id) & (Slot.campaign_id == campaign.id))
        .outerjoin(Activity, Activity.id == Slot.activity_id)
        .where(
            Area.level == Level.COUNTY,
            or_(Area.id == campaign.area_id, Area.parent_id == campaign.area_id),
        )
        .order_by(Area.nbs_code, Slot.starts_on, Slot.from_minute, Slot.id)
    ).all()
    offers: dict[int, list[Offer]] = {row.county_id: [] for row in rows}
    for row in rows:
        if row.Slot is not None:
            offers[row.county_id].append(offer_of(row, campaign.recruitment))
    named = {row.county_id: row for row in rows}
    return [
        County(
            one,
            row.nbs_code,
            shown(row.area_name, row.area_name_en),
            None if row.tile_column is None else (row.tile_column, row.tile_row),
            offers[one],
        )
        for one, row in named.items()
    ]


@dataclass(frozen=True, slots=True)
class Ordered:
    """The slots of a campaign in the order for whoever sets out from a county, or from no known."""

    counties: Sequence[County]
    start: County | None
    offers: Sequence[Offer]
    minutes: Mapping[int, int]
    """How long the road to each county is estimated to take, where that can be told."""

    @property
    def near(self) -> str:
        """Return what addresses carry on of it."""
        return self.start.code if self.start else ""


def ordered(found: Sequence[County], near: str) -> Ordered:
    """Return the slots of counties, the nearest to one of them first; that of no county: as is."""
    start = next((one for one in found if near and one.code == near), None)
    tiles = {one.id: apart(start.tile, one.tile) if start else None for one in found}
    offers = [offer for county in found for offer in county.offers]
    return Ordered(found, start, nearest_first(offers, tiles), _minutes(tiles))


def _minutes(tiles: Mapping[int, float | None]) -> dict[int, int]:
    known = {county_id: far for county_id, far in tiles.items() if far is not None}
    a_tile = int(value_on(TILE_MINUTES, clock.today())) if known else 0
    return {county_id: minutes_between(far, a_tile) for county_id, far in known.items()}
