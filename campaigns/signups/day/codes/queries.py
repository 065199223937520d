"""The code on the board, and one's own day: what somebody checks in and out with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts.rules import Actor
from campaigns.models import Activity, Campaign, Slot
from campaigns.seats.rules import KEPT, SeatState
from campaigns.signups.day.queries import Head, hours_of
from campaigns.signups.day.rules import LIVE, Hours, Move, Place, code_of, step_of
from campaigns.signups.models import SignUp
from core import clock
from core.crypto import sealer
from core.db import db
from core.errors import NotYours
from places.models import Area
from places.queries import shown


def key() -> bytes:
    """Return the key that codes are made with."""
    return sealer().derived("day")[1]


def code(found: Head) -> str:
    """Return the code that stands on the board now; empty on any other day."""
    return code_of(key(), found.slot.uid, step_of(clock.now())) if found.open else ""


@dataclass(frozen=True, slots=True)
class OwnDay:
    """One's own day: where one stands and what one can do."""

    uid: str
    slot_uid: str
    name: str
    party: int
    state: SeatState
    hours: Hours
    live: bool
    campaign: str
    county: str
    place: str
    arrived_at: datetime | None
    left_at: datetime | None

    @property
    def open(self) -> bool:
        return self.live and self.hours.notes_on(clock.today())

    @property
    def standing(self) -> Place:
        return self.hours.place(self.state, clock.now())

    @property
    def next(self) -> Move | None:
        """Return what the code is typed for now, None when for nothing."""
        if not self.open:
            return None
        steps = {SeatState.CONFIRMED: Move.ARRIVED, SeatState.ARRIVED: Move.LEFT}
        return steps.get(self.state)


def own_day(uid: str, me: Actor) -> OwnDay:
    """Return the day of one's own seat. Raises NotYours."""
    row = db.session.execute(
        select(SignUp, Slot, Activity, Campaign, Area)
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(SignUp.uid == uid, SignUp.person_id == me.id, SignUp.state.in_(KEPT))
    ).first()
    if row is None:
        raise NotYours
    one = row.SignUp
    return OwnDay(
        one.uid,
        row.Slot.uid,
        one.name,
        one.party,
        one.state,
        hours_of(row.Slot, row.Activity),
        row.Campaign.stage in LIVE,
        shown(row.Campaign.title, row.Campaign.title_en),
        shown(row.Area.name, row.Area.name_en),
        row.Slot.place,
        one.arrived_at,
        one.left_at,
    )
