"""Who looks for a slot, what they are busy with already, and what they should know of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from accounts.rules import Actor
from campaigns.counties.rules import Tile, apart, minutes_between
from campaigns.exams.queries import exams_for
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import CURRENT, Timing
from campaigns.seats.rules import UNCONFIRMED, SeatState
from campaigns.signups.hints.labels import said
from campaigns.signups.hints.rules import Busy, Stretch, hints
from campaigns.signups.models import SignUp
from campaigns.signups.queries import Joining, Offer
from campaigns.signups.readiness.queries import terms
from campaigns.signups.readiness.rules import EVERY_STEP, lacking
from core import clock
from core.db import AnyRow, db
from places.models import Area, Organisation
from places.queries import shown
from places.rules import Level
from volunteers.models import Volunteer
from volunteers.queries import progress_of
from volunteers.rules import Step


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks at slots."""

    near: str = ""
    """The code of the county they set out from: the school's, else the volunteer's own."""
    tile: Tile | None = None
    """Where that is on the schematic map."""
    org_id: int | None = None
    lacking: frozenset[Step] = EVERY_STEP
    """What they still have to do before they meet children."""
    busy: Sequence[Busy] = ()
    """Where they have a seat, as far as the hours are fixed."""


STRANGER = Looker()


def looker(me: Actor | None) -> Looker:
    """Return what is known of somebody who looks for a slot: nothing of who is no volunteer."""
    rows = _rows(me.id) if me and me.id else []
    if not rows:
        return STRANGER
    first = rows[0]
    home = first.School or first.Home
    return Looker(
        near=home.nbs_code,
        tile=tile_of(home),
        org_id=first.Volunteer.org_id,
        lacking=lacking(progress_of(first.Volunteer, clock.today())),
        busy=list({row.Slot.id: _busy(row) for row in rows if row.Slot}.values()),
    )


def _rows(person_id: int) -> Sequence[AnyRow]:
    """Return a volunteer with where they come from: a row for each seat of theirs."""
    home, school, there = (aliased(Area, name=name) for name in ("Home", "School", "There"))
    seats = (
        select(SignUp.person_id, SignUp.slot_id)
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .where(
            SignUp.person_id == person_id,
            SignUp.state.in_((SeatState.CONFIRMED, *UNCONFIRMED)),
            Campaign.stage.in_(CURRENT),
            Activity.timing == Timing.FIXED,
        )
        .subquery()
    )
    return db.session.execute(
        select(
            Volunteer,
            home,
            school,
            Slot,
            there,
            Campaign.title,
            Campaign.title_en,
        )
        .join(home, home.id == Volunteer.county_id)
        .outerjoin(Organisation, Organisation.id == Volunteer.org_id)
        .outerjoin(school, (school.id == Organisation.area_id) & (school.level == Level.COUNTY))
        .outerjoin(seats, seats.c.person_id == Volunteer.person_id)
        .outerjoin(Slot, Slot.id == seats.c.slot_id)
        .outerjoin(there, there.id == Slot.county_id)
        .outerjoin(Campaign, Campaign.id == Slot.campaign_id)
        .where(Volunteer.person_id == person_id)
        .order_by(Slot.starts_on, Slot.id)
    ).all()


def _busy(row: AnyRow) -> Busy:
    slot: Slot = row.Slot
    at = Stretch(
        slot.starts_on,
        slot.ends_on,
        (slot.from_minute, slot.until_minute),
        fixed=True,
        changeover=slot.changeover,
        tile=tile_of(row.There),
    )
    return Busy(slot.uid, shown(row.title, row.title_en), at)


def tile_of(area: Area) -> Tile | None:
    """Return where an area is on the schematic map; None when it is on none."""
    if area.tile_column is None or area.tile_row is None:
        return None
    return area.tile_column, area.tile_row


def hints_for(
    who: Looker, offers: Iterable[Offer], tiles: Mapping[int, Tile | None], *, a_tile: int
) -> dict[str, list[str]]:
    """Return what somebody should know of each slot, in words; `tiles` by county."""
    exams = exams_for(who.org_id)
    found: dict[str, list[str]] = {}
    for offer in offers:
        busy = [one for one in who.busy if one.slot_uid != offer.uid]
        at = _at(offer, tiles.get(offer.county_id))
        found[offer.uid] = [said(one) for one in hints(at, busy, exams, a_tile=a_tile)]
    return found


def _at(offer: Offer, tile: Tile | None) -> Stretch:
    return Stretch(
        offer.starts_on,
        offer.ends_on,
        offer.minutes,
        fixed=bool(offer.hours),
        changeover=offer.changeover,
        tile=tile,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What the sheet of a slot says of it to whoever looks at it."""

    late: bool
    """Whether what they still lack can no longer be done in time."""
    notes: Sequence[str]
    minutes: int
    """On the road, as an estimate; 0 where nobody has said from where."""


def known_of(wanted: Joining, who: Looker, near: str) -> Known:
    """Return what somebody should know of a slot who sets out from a county, their own unless told.

    An unknown county is as good as none.
    """
    offer, asked, there = wanted.offer, terms(), tile_of(wanted.area)
    late = asked.too_late(offer.needs & who.lacking, offer.starts_on, offer.ends_on)
    found = hints_for(who, [offer], {offer.county_id: there}, a_tile=asked.a_tile)
    tiles = apart(who.tile if near in {"", who.near} else _tile_at(near), there)
    minutes = 0 if tiles is None else minutes_between(tiles, asked.a_tile)
    return Known(late, found[offer.uid], minutes)


def _tile_at(code: str) -> Tile | None:
    county = db.session.scalar(
        select(Area).where(Area.level == Level.COUNTY, Area.nbs_code == code)
    )
    return tile_of(county) if county else None
