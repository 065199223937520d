"""Where a campaign takes place, county by county, and what each offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_, select

from accounts.rules import Actor
from campaigns.counties.rules import apart, minutes_between, nearest_first
from campaigns.models import Activity, Slot
from campaigns.queries import Edition, edition
from campaigns.rules import Door, SlotKind
from campaigns.signups.hints.queries import STRANGER, Looker, hints_for, looker
from campaigns.signups.queries import Offer, offer_of
from campaigns.signups.readiness.queries import terms
from campaigns.signups.readiness.rules import EVERY_STEP
from core.db import db
from places.models import Area
from places.queries import shown
from places.rules import Level
from volunteers.rules import Step

MOST_INSTEAD = 3


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
    late: frozenset[str]
    """The slots for which what is still lacking can no longer be done in time."""
    a_tile: int
    """How many minutes on the road a tile stands for."""

    @property
    def near(self) -> str:
        """Return what addresses carry on of it."""
        return self.start.code if self.start else ""


def ordered(found: Sequence[County], near: str, lacking: frozenset[Step] = EVERY_STEP) -> Ordered:
    """Return the slots of counties, the nearest to one of them first; that of no county: as is.

    `lacking` is what the person still has to do before meeting children: all of it, if new here.
    """
    start = next((one for one in found if near and one.code == near), None)
    tiles = {one.id: apart(start.tile, one.tile) if start else None for one in found}
    offers = [offer for county in found for offer in county.offers]
    asked = terms()
    late = frozenset(
        one.uid for one in offers if asked.too_late(one.needs & lacking, one.starts_on, one.ends_on)
    )
    nearest = nearest_first(offers, tiles, late)
    return Ordered(found, start, nearest, _minutes(tiles, asked.a_tile), late, asked.a_tile)


def _minutes(tiles: Mapping[int, float | None], a_tile: int) -> dict[int, int]:
    return {one: minutes_between(far, a_tile) for one, far in tiles.items() if far is not None}


@dataclass(frozen=True, slots=True)
class Notes:
    """What somebody should know of slots, in words."""

    of_all: Sequence[str] = ()
    """What holds for every one of them is said once."""
    of_each: Mapping[str, Sequence[str]] = field(default_factory=dict)


def notes(slots: Ordered, who: Looker) -> Notes:
    """Return what somebody who is signed in should know of the slots of a campaign."""
    if who is STRANGER or not slots.offers:
        return Notes()
    tiles = {one.id: one.tile for one in slots.counties}
    found = hints_for(who, slots.offers, tiles, a_tile=slots.a_tile)
    first, *others = found.values()
    of_all = [text for text in first if others and all(text in said for said in others)]
    return Notes(
        of_all,
        {uid: [text for text in said if text not in of_all] for uid, said in found.items()},
    )


def instead_of(slug: str, me: Actor | None) -> list[Offer]:
    """Return what somebody may join for whom another slot of the campaign begins too soon.

    What is done in a group comes first: most of it asks for less.
    """
    who = looker(me)
    slots = ordered(counties(edition(slug)), who.near, who.lacking)
    free = [one for one in slots.offers if one.door is Door.OPEN and one.uid not in slots.late]
    return sorted(free, key=lambda one: one.kind is not SlotKind.GROUP_ACTIVITY)[:MOST_INSTEAD]
