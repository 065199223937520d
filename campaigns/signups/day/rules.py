"""The day itself: who may be noted when, the code that changes every minute, and what counts."""

import hmac
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from campaigns.rules import CURRENT, SlotKind, Stage, Timing
from campaigns.seats.rules import SeatState
from core.zone import CHINA

LIVE = CURRENT | {Stage.WRAP_UP}
"""Stages of a campaign in which people are noted."""
STEP = 60
"""Seconds that a code stands on the board; the one before is taken too: people type slowly."""
DIGITS = 6
UNDO = timedelta(minutes=10)
"""How long a wrong press can be taken back; hours are credited only after that."""
GRACE = timedelta(hours=2)
"""How long after the end nobody is called absent: the list on paper comes later than that too."""
ENTER_WITHIN = timedelta(days=30)
LEADER_UNTIL = timedelta(days=2)
"""How long after the last day a leader may still see who was there."""
MOST_MINUTES = 720
"""Of one day; a number of our own design: nobody serves longer than twelve hours a day."""
WHOLE_DAY = 24 * 60
USUAL_BEGIN = 9 * 60
"""When a day without fixed hours is taken to begin."""


class Move(StrEnum):
    """What is noted of somebody, or taken back."""

    ARRIVED = "arrived"
    LEFT = "left"
    NOT_ARRIVED = "not_arrived"
    NOT_LEFT = "not_left"


@dataclass(frozen=True, slots=True)
class Change:
    """From where to where somebody moves on one day, and which moment tells when."""

    before: SeatState
    after: SeatState
    moment: str
    undoes: bool = False


CHANGES = {
    Move.ARRIVED: Change(SeatState.CONFIRMED, SeatState.ARRIVED, "arrived_at"),
    Move.LEFT: Change(SeatState.ARRIVED, SeatState.COMPLETED, "left_at"),
    Move.NOT_ARRIVED: Change(SeatState.ARRIVED, SeatState.CONFIRMED, "arrived_at", undoes=True),
    Move.NOT_LEFT: Change(SeatState.COMPLETED, SeatState.ARRIVED, "left_at", undoes=True),
}


class Place(StrEnum):
    """Where somebody stands on the board."""

    DUE = "due"
    LATE = "late"
    HERE = "here"
    LEFT = "left"
    ABSENT = "absent"


PLACES = {
    SeatState.ARRIVED: Place.HERE,
    SeatState.COMPLETED: Place.LEFT,
    SeatState.NO_SHOW: Place.ABSENT,
}


def state_on_day(state: SeatState, arrived: datetime | None, left: datetime | None) -> SeatState:
    """Return where somebody with a seat stands on one day, as if their slot had no other.

    Each day goes through the states of a slot of one day: confirmed, arrived, completed.
    """
    if left is not None:
        return SeatState.COMPLETED
    if arrived is not None:
        return SeatState.ARRIVED
    return SeatState.NO_SHOW if state is SeatState.NO_SHOW else SeatState.CONFIRMED


@dataclass(frozen=True, slots=True)
class Hours:
    """When a slot is: its days, both included, and its minutes after midnight of each day."""

    first: date
    last: date
    from_minute: int
    until_minute: int
    timing: Timing
    kind: SlotKind = SlotKind.GROUP_ACTIVITY

    @property
    def together(self) -> bool:
        """Whether people come at one time: visits whose days are agreed have their own records."""
        return self.fixed or self.kind is SlotKind.GROUP_ACTIVITY

    @property
    def fixed(self) -> bool:
        return self.timing is Timing.FIXED

    @property
    def several(self) -> bool:
        """Whether it has more than one day, each with arrivals of its own."""
        return self.first < self.last

    @property
    def begins_at(self) -> datetime:
        return _at(self.first, self.from_minute if self.fixed else USUAL_BEGIN)

    @property
    def ends_at(self) -> datetime:
        return _at(self.last, self.until_minute)

    def takes_in_until(self, now: datetime) -> datetime | None:
        """Return until when somebody may still be called in; None when it is over.

        Where the hours are fixed they have to be there when a day begins; else on any day.
        """
        if not self.fixed:
            last = _at(self.last, WHOLE_DAY)
            return last if now < last else None
        days = (self.last - self.first).days + 1
        begins = (_at(self.first + timedelta(days=n), self.from_minute) for n in range(days))
        return next((one for one in begins if one > now), None)

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last

    def nearest(self, day: date) -> date:
        """Return that day, or the first or the last one when it lies outside."""
        return min(max(day, self.first), self.last)

    def notes_on(self, day: date) -> bool:
        """Whether people are noted on that day."""
        return self.together and self.has(day)

    def over(self, day: date, now: datetime) -> bool:
        """Whether nobody comes any more on that day."""
        return now >= (_at(day, self.until_minute) + GRACE if self.fixed else _at(day, WHOLE_DAY))

    def place(self, stands: SeatState, day: date, now: datetime) -> Place:
        """Return where somebody stands on a day; nobody is late where the hours are not fixed."""
        if stands in PLACES:
            return PLACES[stands]
        if self.over(day, now):
            return Place.ABSENT
        return Place.LATE if self.fixed and now > _at(day, self.from_minute) else Place.DUE

    def after(self, day: date) -> SeatState:
        """Return where a sign-up stands after somebody has left on that day.

        It is completed with the last day only: on any other they are expected once more.
        """
        return SeatState.COMPLETED if day >= self.last else SeatState.ARRIVED


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), CHINA) + timedelta(minutes=minute)


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP


def seconds_left(moment: datetime) -> int:
    """Return in how many seconds the next code stands on the board."""
    return STEP - int(moment.timestamp()) % STEP


def valid_until(moment: datetime) -> datetime:
    """Return until when the code of now is taken: the whole of the next step, too, of this day."""
    local = moment.astimezone(CHINA)
    until = local.replace(second=0, microsecond=0) + timedelta(seconds=2 * STEP)
    return min(until, _at(local.date(), WHOLE_DAY))


def code_of(key: bytes, slot_uid: str, step: int) -> str:
    """Return the code of a slot in one step: six digits that nobody without the key can tell."""
    found = hmac.digest(key, f"{slot_uid}/{step}".encode("utf-8", "surrogatepass"), "sha256")
    return str(int.from_bytes(found[:8]) % 10**DIGITS).zfill(DIGITS)


def opens(typed: str, key: bytes, slot_uid: str, now: datetime) -> bool:
    """Whether a code is the slot's, of this step or the one before, and of this day.

    What stood on yesterday's board at midnight opens nothing today.
    """
    given, step, today = typed.encode("utf-8", "surrogatepass"), step_of(now), _day_of(now)
    hits = [
        hmac.compare_digest(given, code_of(key, slot_uid, one).encode())
        for one, moment in ((step, now), (step - 1, now - timedelta(seconds=STEP)))
        if _day_of(moment) == today
    ]
    return any(hits)


def _day_of(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def served(arrived: datetime, left: datetime) -> int:
    """Return the minutes that count of one day."""
    return min(MOST_MINUTES, max(0, round((left - arrived) / timedelta(minutes=1))))
