"""The board of a day: who is due, late, here and gone, for whoever answers for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from accounts.rules import Actor
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import PUBLIC, SlotKind, SlotRole
from campaigns.seats.rules import KEPT, SeatState
from campaigns.signups.day.models import Attendance
from campaigns.signups.day.rules import (
    ENTER_WITHIN,
    LEADER_UNTIL,
    LIVE,
    UNDO,
    Hours,
    Move,
    Place,
    state_on_day,
)
from campaigns.signups.models import SignUp
from campaigns.signups.queries import in_reach
from core import clock
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.paging import Page, page_of
from core.zone import CHINA
from places.models import Area
from places.queries import shown

LEADS = (SeatState.CONFIRMED, SeatState.ARRIVED, SeatState.COMPLETED)
MOST_SIBLINGS = 12
STANDING = case(
    (Attendance.left_at.is_not(None), 2),
    (Attendance.arrived_at.is_not(None), 1),
    (SignUp.state == SeatState.NO_SHOW, 3),
    else_=0,
)
"""Who is still to come first, then who is here, then who has left, then who never came."""


@dataclass(frozen=True, slots=True)
class Head:
    """A slot that somebody answers for, and the day of it that they look at."""

    slot: Slot
    hours: Hours
    day: date
    kind: SlotKind
    live: bool
    coordinated: bool
    """Whether a coordinator looks, who may read phone numbers and enter times afterwards."""
    campaign: str
    title: str
    county: str

    @property
    def open(self) -> bool:
        """Whether people are noted now, on this day's board."""
        today = clock.today()
        return self.live and self.day == today and self.hours.notes_on(today)

    @property
    def may_enter(self) -> bool:
        """Whether times from paper may be entered for the day."""
        since = clock.today() - self.day
        here = self.coordinated and self.live and self.hours.notes_on(self.day)
        return here and timedelta() <= since <= ENTER_WITHIN

    @property
    def before(self) -> date | None:
        """The day before, when the slot has one."""
        return self._beside(-1)

    @property
    def after(self) -> date | None:
        return self._beside(1)

    def _beside(self, days: int) -> date | None:
        day = self.day + timedelta(days=days)
        return day if self.hours.has(day) else None


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody on the board of a day."""

    uid: str
    name: str
    party: int
    phone: str | None
    """Only for the coordinator."""
    state: SeatState
    """Where they stand on this day."""
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


def head(slot_uid: str, me: Actor, day: date | None = None) -> Head:
    """Return a slot that somebody coordinates or leads, on a day of it. Raises NotYours.

    Without a day it is today's board, or that of the slot's day which is nearest to today.
    """
    coordinated = in_reach(me)
    row = db.session.execute(
        select(Slot, Activity, Campaign, Area, coordinated.label("coordinated"))
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(Slot.uid == slot_uid, Campaign.stage.in_(PUBLIC), or_(coordinated, led_by(me)))
    ).first()
    if row is None:
        raise NotYours
    hours = hours_of(row.Slot, row.Activity)
    if day is not None and not hours.has(day):
        raise NotYours
    return Head(
        row.Slot,
        hours,
        day or hours.nearest(clock.today()),
        row.Activity.kind,
        row.Campaign.stage in LIVE,
        bool(row.coordinated),
        shown(row.Campaign.title, row.Campaign.title_en),
        shown(row.Activity.title, row.Activity.title_en),
        shown(row.Area.name, row.Area.name_en),
    )


def led_by(me: Actor) -> ColumnElement[bool]:
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
    """Return how many people stand where on the day, everybody of a party counted."""
    now, told = clock.now(), dict.fromkeys(Place, 0)
    came, left = Attendance.arrived_at, Attendance.left_at
    rows = db.session.execute(
        _on_day(
            select(SignUp.state, func.max(came), func.max(left), func.sum(SignUp.party)),
            found.day,
        )
        .where(*_listed(found))
        .group_by(SignUp.state, came.is_not(None), left.is_not(None))
    )
    for state, arrived, gone, many in rows:
        stands = state_on_day(state, arrived, gone)
        told[found.hours.place(stands, found.day, now)] += int(many)
    return told


def _on_day(query: AnySelect, day: date) -> AnySelect:
    """Join each sign-up's arrival of a day, where there is one."""
    return query.outerjoin(
        Attendance, and_(Attendance.sign_up_id == SignUp.id, Attendance.day == day)
    )


def _listed(found: Head) -> list[ColumnElement[bool]]:
    """Return the conditions of who stands on the day's board: not who has joined after it."""
    midnight = datetime.combine(found.day + timedelta(days=1), time(), CHINA)
    joined = func.coalesce(SignUp.confirmed_at, SignUp.created_at) < midnight
    return [
        SignUp.slot_id == found.slot.id,
        SignUp.state.in_(KEPT),
        or_(joined, Attendance.id.is_not(None)),
    ]


def rows(found: Head, *, after: str | None, named: str = "") -> Page[Row]:
    """Return who has a seat: who is still to come first, then who is here, then who has left."""
    query = _on_day(select(SignUp, Attendance), found.day).where(*_listed(found))
    if named:
        query = query.where(SignUp.name.contains(named, autoescape=True))
    page = page_of(query, [STANDING, SignUp.name, SignUp.id], after=after)
    return Page([row_of(found, row.SignUp, row.Attendance) for row in page.rows], page.after)


def named(found: Head, who: str) -> Row | None:
    """Return the row that a personal code leads to, None when it is of no seat of this slot."""
    row = db.session.execute(
        _on_day(select(SignUp, Attendance), found.day).where(
            SignUp.uid == who, SignUp.slot_id == found.slot.id, SignUp.state.in_(KEPT)
        )
    ).first()
    return row_of(found, row.SignUp, row.Attendance) if row else None


def row_of(found: Head, one: SignUp, came: Attendance | None) -> Row:
    arrived, left = (came.arrived_at, came.left_at) if came else (None, None)
    stands = state_on_day(one.state, arrived, left)
    return Row(
        one.uid,
        one.name,
        one.party,
        one.phone if found.coordinated else None,
        stands,
        found.hours.place(stands, found.day, clock.now()),
        arrived,
        left,
        one.promised_at is not None,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """A sign-up whose row the caller holds, and where its person stands on a day."""

    id: int
    uid: str
    person_id: int | None
    kept: bool
    """Whether they have a seat at all."""
    state: SeatState
    arrived_at: datetime | None
    left_at: datetime | None


def standing_on(which: ColumnElement[bool], day: date) -> Standing | None:
    """Return where the person of a sign-up stands on a day; None when there is no such one."""
    columns = (SignUp.id, SignUp.uid, SignUp.person_id, SignUp.state)
    times = (Attendance.arrived_at, Attendance.left_at)
    row = db.session.execute(_on_day(select(*columns, *times), day).where(which)).first()
    if row is None:
        return None
    arrived, left = row.arrived_at, row.left_at
    stands = state_on_day(row.state, arrived, left)
    return Standing(row.id, row.uid, row.person_id, row.state in KEPT, stands, arrived, left)
