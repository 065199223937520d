"""What the link of a sign-up leads to."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import SlotKind, Timing
from campaigns.seats.rules import KEPT, LEAVING, UNCONFIRMED, SeatState
from campaigns.signups.models import SignUp
from campaigns.signups.seating.queries import ahead_of
from core import clock, ids
from core.db import db
from core.errors import NotYours
from places.models import Area
from places.queries import shown


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sign-up as the page behind its link shows it."""

    uid: str
    name: str
    campaign_title: str
    campaign_slug: str
    county: str
    state: SeatState
    expires_at: datetime
    ahead: int
    slot_uid: str
    starts_on: date
    ends_on: date
    together: bool
    """Whether people meet there at a common time, and a board tells who is there."""

    @property
    def kept(self) -> bool:
        return self.stands and self.state in KEPT

    @property
    def has_code(self) -> bool:
        coming = self.state in {SeatState.CONFIRMED, SeatState.ARRIVED}
        return coming and self.together and self.stands

    @property
    def may_check_in(self) -> bool:
        """Whether the day's code can be typed behind this link."""
        return self.has_code and self.starts_on <= clock.today()

    @property
    def may_leave(self) -> bool:
        return self.state in LEAVING

    @property
    def stands(self) -> bool:
        """Whether there is a seat, or a place in the queue."""
        there = self.open or self.state in KEPT | {SeatState.WAITING}
        return there and self.ends_on >= clock.today()

    @property
    def open(self) -> bool:
        return self.state in UNCONFIRMED and self.expires_at > clock.now()


def behind(secret: str) -> Waiting:
    """Return the sign-up that a link leads to. Raises NotYours."""
    row = db.session.execute(
        select(
            SignUp.uid,
            SignUp.name,
            SignUp.state,
            SignUp.expires_at,
            SignUp.slot_id,
            SignUp.ticket,
            Slot.uid.label("slot_uid"),
            Slot.starts_on,
            Slot.ends_on,
            Activity.kind,
            Activity.timing,
            Campaign.title,
            Campaign.title_en,
            Campaign.slug,
            Area.name.label("county"),
            Area.name_en.label("county_en"),
        )
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(SignUp.token_hash == ids.digest(secret))
    ).first()
    if row is None:
        raise NotYours
    return Waiting(
        row.uid,
        row.name,
        shown(row.title, row.title_en),
        row.slug,
        shown(row.county, row.county_en),
        row.state,
        row.expires_at,
        ahead_of(row.slot_id, row.ticket) if row.state is SeatState.WAITING else 0,
        row.slot_uid,
        row.starts_on,
        row.ends_on,
        row.timing is Timing.FIXED or row.kind is SlotKind.GROUP_ACTIVITY,
    )
