"""The board of a day: who is due, late, here and gone, for whoever answers for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from accounts.rules import Actor
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import PUBLIC, SlotKind, SlotRole, Timing
from campaigns.seats.rules import KEPT, SeatState
from campaigns.signups.day.rules import (
    ENTER_WITHIN,
    LEADER_UNTIL,
    LIVE,
    UNDO,
    Hours,
    Move,
    Place,
)
from campaigns.signups.models import SignUp
from campaigns.signups.queries import in_reach
from core import clock
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, page_of
from places.models import Area
from places.queries import shown

LEADS = (SeatState.CONFIRMED, SeatState.ARRIVED, SeatState.COMPLETED)
MOST_SIBLINGS = 12
AROUND = timedelta(days=3)
ORDER = {SeatState.CONFIRMED: 0, SeatState.ARRIVED: 1, SeatState.COMPLETED: 2}
STANDING = case(ORDER, value=SignUp.state, else_=3)


@dataclass(frozen=True, slots=True)
class Head:
    """A slot whose day somebody answers for."""

    slot: Slot
    hours: Hours
    kind: SlotKind
    live: bool
    coordinated: bool
    """Whether a coordinator looks, who may read phone numbers and enter times afterwards."""
    campaign: str
    title: str
    county: str

    @property
    def open(self) -> bool:
        """Whether people are noted now."""
        return self.live and self.hours.notes_on(clock.today())

    @property
    def may_enter(self) -> bool:
        """Whether times from paper may be entered."""
        since = clock.today() - self.hours.last
        begun = self.hours.first <= clock.today()
        here = self.coordinated and self.live and self.hours.together
        return here and begun and since <= ENTER_WITHIN


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody on the board."""

    uid: str
    name: str
    party: int
    phone: str | None
    """Only for the coordinator."""
    state: SeatState
    place: Place
    arrived_at: datetime | None
    left_at: datetime | None
    promised: bool

    def can(self, move: Move) -> bool:
        """Whether a press may be made, or is fresh enough to be taken back."""
        fresh = clock.now() - UNDO
        return {
            Move.ARRIVED: self.state is SeatState.CONFIRMED,
            Move.LEFT: self.state is SeatState.ARRIVED,
            Move.NOT_ARRIVED: self.state is SeatState.ARRIVED
            and self.arrived_at is not None
            and self.arrived_at > fresh,
            Move.NOT_LEFT: self.state is SeatState.COMPLETED
            and self.left_at is not None
            and self.left_at > fresh,
        }[move]

    @property
    def enterable(self) -> bool:
        return self.state is not SeatState.COMPLETED


def hours_of(slot: Slot, activity: Activity) -> Hours:
    return Hours(
        slot.starts_on,
        slot.ends_on,
        slot.from_minute,
        slot.until_minute,
        activity.timing,
        activity.kind,
    )


def head(slot_uid: str, me: Actor) -> Head:
    """Return a slot that somebody coordinates or leads. Raises NotYours."""
    coordinated = in_reach(me)
    row = db.session.execute(
        select(Slot, Activity, Campaign, Area, coordinated.label("coordinated"))
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(Slot.uid == slot_uid, Campaign.stage.in_(PUBLIC), or_(coordinated, _led_by(me)))
    ).first()
    if row is None:
        raise NotYours
    return Head(
        row.Slot,
        hours_of(row.Slot, row.Activity),
        row.Activity.kind,
        row.Campaign.stage in LIVE,
        bool(row.coordinated),
        shown(row.Campaign.title, row.Campaign.title_en),
        shown(row.Activity.title, row.Activity.title_en),
        shown(row.Area.name, row.Area.name_en),
    )


def _led_by(me: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody leads the slot: the same activity, day and place."""
    led = aliased(Slot)
    leads = (
        select(SignUp.id)
        .join(led, led.id == SignUp.slot_id)
        .where(
            SignUp.person_id == me.id,
            SignUp.state.in_(LEADS),
            led.role == SlotRole.LEADER,
            led.activity_id == Slot.activity_id,
            led.county_id == Slot.county_id,
            led.place == Slot.place,
            led.starts_on == Slot.starts_on,
        )
        .correlate(Slot)
        .exists()
    )
    return and_(leads, Slot.ends_on >= clock.today() - LEADER_UNTIL)


def boards(me: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return the slots of these days whose board is somebody's, the nearest first."""
    query = (
        select(Slot, Activity, Campaign, Area)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(*_near(me, AROUND))
    )
    return page_of(query, [Slot.starts_on, Slot.from_minute, Slot.id], after=after)


def count_today(me: Actor) -> int:
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Slot)
            .join(Activity, Activity.id == Slot.activity_id)
            .join(Campaign, Campaign.id == Slot.campaign_id)
            .where(*_near(me, timedelta()))
        )
        or 0
    )


def _near(me: Actor, around: timedelta) -> list[ColumnElement[bool]]:
    """Return the conditions of slots that people come to together, within so many days."""
    today = clock.today()
    return [
        Slot.starts_on <= today + around,
        Slot.ends_on >= today - around,
        Campaign.stage.in_(LIVE),
        or_(Activity.timing == Timing.FIXED, Activity.kind == SlotKind.GROUP_ACTIVITY),
        or_(in_reach(me), _led_by(me)),
    ]


def siblings(found: Head) -> Sequence[AnyRow]:
    """Return the other slots of the same activity, day and place."""
    slot = found.slot
    return db.session.execute(
        select(Slot.uid, Slot.role, Slot.from_minute, Slot.taken)
        .where(
            Slot.activity_id == slot.activity_id,
            Slot.county_id == slot.county_id,
            Slot.place == slot.place,
            Slot.starts_on == slot.starts_on,
            Slot.id != slot.id,
        )
        .order_by(Slot.from_minute, Slot.id)
        .limit(MOST_SIBLINGS)
    ).all()


def counts(found: Head) -> Mapping[Place, int]:
    """Return how many people stand where, everybody of a party counted."""
    now, told = clock.now(), dict.fromkeys(Place, 0)
    rows = db.session.execute(
        select(SignUp.state, func.sum(SignUp.party))
        .where(SignUp.slot_id == found.slot.id, SignUp.state.in_(KEPT))
        .group_by(SignUp.state)
    )
    for state, many in rows:
        told[found.hours.place(state, now)] += int(many)
    return told


def rows(found: Head, *, after: str | None, named: str = "") -> Page[Row]:
    """Return who has a seat: who is still to come first, then who is here, then who has left."""
    query = select(SignUp).where(SignUp.slot_id == found.slot.id, SignUp.state.in_(KEPT))
    if named:
        query = query.where(SignUp.name.contains(named, autoescape=True))
    page = page_of(query, [STANDING, SignUp.name, SignUp.id], after=after)
    return Page([row_of(found, row.SignUp) for row in page.rows], page.after)


def named(found: Head, who: str) -> Row | None:
    """Return the row that a personal code leads to, None when it is of no seat of this slot."""
    one = db.session.scalar(
        select(SignUp).where(
            SignUp.uid == who, SignUp.slot_id == found.slot.id, SignUp.state.in_(KEPT)
        )
    )
    return row_of(found, one) if one else None


def row_of(found: Head, one: SignUp) -> Row:
    return Row(
        one.uid,
        one.name,
        one.party,
        one.phone if found.coordinated else None,
        one.state,
        found.hours.place(one.state, clock.now()),
        one.arrived_at,
        one.left_at,
        one.promised_at is not None,
    )
