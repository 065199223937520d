"""Seats, the queue for them, and the one answer to what somebody may do with a slot.

A slot counts its seats; who holds, has or had one is counted, who waits is not. Nobody who leaves
comes back to the head of the queue: a place in it is a number that is given once.
"""

from dataclasses import dataclass
from enum import StrEnum

from campaigns.rules import Door

LONGEST_PARTY = 10


class SeatState(StrEnum):
    """Where one sign-up stands."""

    HELD = "held"
    """A seat is kept until the contact has been confirmed."""
    WAITING = "waiting"
    OFFERED = "offered"
    """A seat became free and is kept for the next in the queue until a deadline."""
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    """Nobody confirmed in time."""
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


UNCONFIRMED = frozenset({SeatState.HELD, SeatState.OFFERED})
"""A seat that is given back at a deadline unless somebody says yes."""
KEPT = frozenset({SeatState.CONFIRMED, SeatState.ARRIVED, SeatState.COMPLETED, SeatState.NO_SHOW})
SEATED = UNCONFIRMED | KEPT
"""What takes seats of the slot."""
GONE = frozenset({SeatState.ABANDONED, SeatState.CANCELLED})
LEAVING = UNCONFIRMED | {SeatState.CONFIRMED, SeatState.WAITING}
"""From where somebody may still step back."""


class Act(StrEnum):
    """What somebody may want to do at a slot."""

    JOIN = "join"
    QUEUE = "queue"
    CONFIRM = "confirm"
    LEAVE = "leave"


class Why(StrEnum):
    """What stands against it."""

    UPCOMING = "upcoming"
    CLOSED = "closed"
    FULL = "full"
    TOO_MANY = "too_many"
    """The party is larger than one sign-up may be."""
    NO_ROOM_FOR_ALL = "no_room_for_all"
    """Seats are left, but fewer than the party."""
    FOR_WOMEN = "for_women"
    FOR_EXPERIENCED = "for_experienced"
    ALREADY_IN = "already_in"
    NOT_IN = "not_in"
    STILL_ROOM = "still_room"
    """Nobody queues where there is a seat."""
    TOO_LATE = "too_late"
    NO_TIME = "no_time"
    """What has to be done before one meets children can no longer be done in time."""


SHUT = {Door.UPCOMING: Why.UPCOMING, Door.CLOSED: Why.CLOSED}


@dataclass(frozen=True, slots=True)
class Party:
    """Who comes: how many, and what of them the rules of a slot ask for."""

    size: int = 1
    woman: bool = False
    """Whether one of them is known to be a woman."""
    experienced: bool = False
    """Whether one of them has been at a campaign before."""
    state: SeatState | None = None
    """Their sign-up at this slot, if there is one."""
    late: bool = False
    """Whether what this slot asks for can no longer be done in time."""


@dataclass(frozen=True, slots=True)
class Seats:
    """What a slot says about its seats."""

    door: Door
    """Whether people are taken in at all on this day, whatever is left."""
    capacity: int
    taken: int
    most_party: int = 1
    lacking_women: int = 0
    """How many seats are kept for women who are still to come."""
    lacking_experienced: int = 0

    @property
    def left(self) -> int:
        return self.capacity - self.taken

    def takes(self, party: Party) -> bool:
        """Whether a party that is here already may sit down now."""
        return party.size <= self.left and self.kept_from(party) is None

    def kept_from(self, party: Party) -> Why | None:
        """Return for whom the last seats are kept, if this party would take one of them."""
        room = self.left - party.size
        if room < self.lacking_women - party.woman:
            return Why.FOR_WOMEN
        if room < self.lacking_experienced - party.experienced:
            return Why.FOR_EXPERIENCED
        return None


def can(party: Party, act: Act, seats: Seats) -> Why | None:
    """Return what stands against doing something at a slot: None when nothing does.

    Buttons, pages and services all ask here; the WHERE of the UPDATE says the same once more, so
    that an answer which has aged cannot sell a seat twice.
    """
    if act is Act.LEAVE:
        return None if party.state in LEAVING else Why.NOT_IN
    if act is Act.CONFIRM:
        return None if party.state in UNCONFIRMED else Why.TOO_LATE
    against = _not_at_all(party, seats)
    if against is None:
        no_seat = _no_seat(party, seats)
        still_room = None if no_seat else Why.STILL_ROOM
        against = no_seat if act is Act.JOIN else still_room
    return against


def _not_at_all(party: Party, seats: Seats) -> Why | None:
    """Return what keeps a party from the seats and from the queue alike."""
    if seats.door in SHUT:
        return SHUT[seats.door]
    if party.state in SEATED | {SeatState.WAITING}:
        return Why.ALREADY_IN
    if party.late:
        return Why.NO_TIME
    fits = 1 <= party.size <= min(seats.most_party, seats.capacity)
    return None if fits else Why.TOO_MANY


def _no_seat(party: Party, seats: Seats) -> Why | None:
    if seats.left <= 0:
        return Why.FULL
    if seats.left < party.size:
        return Why.NO_ROOM_FOR_ALL
    return seats.kept_from(party)
