"""Where a campaign takes place, county by county, and what each offers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from campaigns.models import Activity, Slot
from campaigns.queries import Edition
from campaigns.signups.queries import Offer, offer_of
from core.db import db
from places.models import Area
from places.queries import shown
from places.rules import Level


@dataclass(frozen=True, slots=True)
class County:
    """A county of a campaign with what it offers."""

    id: int
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
            shown(row.area_name, row.area_name_en),
            None if row.tile_column is None else (row.tile_column, row.tile_row),
            offers[one],
        )
        for one, row in named.items()
    ]
