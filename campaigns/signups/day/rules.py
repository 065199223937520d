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
"""Of one sign-up; a number of our own design: nobody serves longer than twelve hours a day."""
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
    """From where to where somebody moves, and which moment tells when."""

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
    def begins_at(self) -> datetime:
        return _at(self.first, self.from_minute if self.fixed else USUAL_BEGIN)

    @property
    def ends_at(self) -> datetime:
        return _at(self.last, self.until_minute)

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last

    def notes_on(self, day: date) -> bool:
        """Whether people are noted on that day."""
        return self.together and self.has(day)

    def place(self, state: SeatState, now: datetime) -> Place:
        """Return where somebody stands; nobody is late where the hours are not fixed."""
        late_from = self.begins_at if self.fixed else self.ends_at
        return PLACES.get(state) or (Place.LATE if now > late_from else Place.DUE)


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), CHINA) + timedelta(minutes=minute)


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP


def seconds_left(moment: datetime) -> int:
    """Return in how many seconds the next code stands on the board."""
    return STEP - int(moment.timestamp()) % STEP


def valid_until(moment: datetime) -> datetime:
    """Return until when the code of now is taken: for the whole of the next step, too."""
    return moment.astimezone(CHINA).replace(second=0, microsecond=0) + timedelta(seconds=2 * STEP)


def code_of(key: bytes, slot_uid: str, step: int) -> str:
    """Return the code of a slot in one step: six digits that nobody without the key can tell."""
    found = hmac.digest(key, f"{slot_uid}/{step}".encode("utf-8", "surrogatepass"), "sha256")
    return str(int.from_bytes(found[:8]) % 10**DIGITS).zfill(DIGITS)


def opens(typed: str, key: bytes, slot_uid: str, now: datetime) -> bool:
    """Whether a code is the slot's, of this step or the one before."""
    given, step = typed.encode("utf-8", "surrogatepass"), step_of(now)
    hits = [
        hmac.compare_digest(given, code_of(key, slot_uid, one).encode()) for one in (step, step - 1)
    ]
    return any(hits)


def served(arrived: datetime, left: datetime) -> int:
    """Return the minutes that count."""
    return min(MOST_MINUTES, max(0, round((left - arrived) / timedelta(minutes=1))))
