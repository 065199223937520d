"""The code on the board, and one's own day: what somebody checks in and out with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from accounts.rules import Actor
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import PUBLIC
from campaigns.seats.rules import KEPT, SeatState
from campaigns.signups.day.models import Attendance
from campaigns.signups.day.queries import Head, hours_of
from campaigns.signups.day.rules import (
    LIVE,
    Hours,
    Move,
    Place,
    code_of,
    state_on_day,
    step_of,
)
from campaigns.signups.models import SignUp
from core import clock, ids
from core.crypto import sealer
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from places.models import Area
from places.queries import shown

MOST_DAYS = 60
"""So many of one's days are listed, the latest first."""


def key() -> bytes:
    """Return the key that codes are made with."""
    return sealer().derived("day")[1]


def code(found: Head) -> str:
    """Return the code that stands on the board now; empty on any other day."""
    return code_of(key(), found.slot.uid, step_of(clock.now())) if found.open else ""


@dataclass(frozen=True, slots=True)
class Door:
    """A slot as everybody may know it, for whoever checks in without signing in."""

    slot_id: int
    slot_uid: str
    hours: Hours
    live: bool
    campaign: str
    county: str
    place: str

    @property
    def open(self) -> bool:
        return self.live and self.hours.notes_on(clock.today())


@dataclass(frozen=True, slots=True)
class Came:
    """A day on which one came."""

    day: date
    arrived_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnDay:
    """One's own day: where one stands and what one can do."""

    id: int
    uid: str
    person_id: int | None
    name: str
    party: int
    state: SeatState
    """Where one stands on this day."""
    door: Door
    day: date
    """Today, or the slot's day which is nearest to it."""
    days: Sequence[Came]
    """Every day on which one came, the latest first."""

    @property
    def slot_uid(self) -> str:
        return self.door.slot_uid

    @property
    def hours(self) -> Hours:
        return self.door.hours

    @property
    def open(self) -> bool:
        return self.door.open

    @property
    def today(self) -> Came | None:
        """When one came and left on this day."""
        return next((one for one in self.days if one.day == self.day), None)

    @property
    def standing(self) -> Place:
        return self.hours.place(self.state, self.day, clock.now())

    @property
    def next(self) -> Move | None:
        """Return what the code is typed for now, None when for nothing."""
        if not self.open:
            return None
        steps = {SeatState.CONFIRMED: Move.ARRIVED, SeatState.ARRIVED: Move.LEFT}
        return steps.get(self.state)


def own_day(uid: str, me: Actor) -> OwnDay:
    """Return the day of one's own seat. Raises NotYours."""
    return _own((SignUp.uid == uid) & (SignUp.person_id == me.id))


def behind(secret: str) -> OwnDay:
    """Return the day of the seat that a personal link is of. Raises NotYours."""
    return _own(linked(secret))


def linked(secret: str) -> ColumnElement[bool]:
    """Return the condition that a link is the sign-up's: of its confirmation, or of a question."""
    digest = ids.digest(secret)
    return (SignUp.token_hash == digest) | (SignUp.promise_hash == digest)


def door(slot_uid: str) -> Door:
    """Return a slot of a public campaign. Raises NotYours."""
    found = _slots(select(Slot, Activity, Campaign, Area).select_from(Slot))
    row = db.session.execute(found.where(Slot.uid == slot_uid, Campaign.stage.in_(PUBLIC))).first()
    if row is None:
        raise NotYours
    return _door(row)


def _slots(query: AnySelect) -> AnySelect:
    return (
        query.join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
    )


def _door(row: AnyRow) -> Door:
    return Door(
        row.Slot.id,
        row.Slot.uid,
        hours_of(row.Slot, row.Activity),
        row.Campaign.stage in LIVE,
        shown(row.Campaign.title, row.Campaign.title_en),
        shown(row.Area.name, row.Area.name_en),
        row.Slot.place,
    )


def _own(which: ColumnElement[bool]) -> OwnDay:
    joined = select(SignUp, Slot, Activity, Campaign, Area).join(Slot, Slot.id == SignUp.slot_id)
    row = db.session.execute(_slots(joined).where(which, SignUp.state.in_(KEPT))).first()
    if row is None:
        raise NotYours
    one, at = row.SignUp, _door(row)
    day, days = at.hours.nearest(clock.today()), _days(one.id)
    came = next((found for found in days if found.day == day), None)
    stands = state_on_day(
        one.state, came.arrived_at if came else None, came.left_at if came else None
    )
    return OwnDay(one.id, one.uid, one.person_id, one.name, one.party, stands, at, day, days)


def _days(sign_up_id: int) -> Sequence[Came]:
    rows = db.session.scalars(
        select(Attendance)
        .where(Attendance.sign_up_id == sign_up_id)
        .order_by(Attendance.day.desc())
        .limit(MOST_DAYS)
    )
    return [Came(one.day, one.arrived_at, one.left_at) for one in rows]
