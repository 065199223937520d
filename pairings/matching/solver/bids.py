"""What one team has been bid, and what the next child would have to beat.

A team keeps the highest bids it can serve together. Without lanes that is a heap of `capacity`
bids. With lanes the children also have to fit into their slots: sets that fit form a matroid, so
dropping the lowest bid that makes room keeps the best set there is, and what has to be beaten
never falls.
"""

import heapq
from collections.abc import Iterable

from pairings.matching.solver.problem import bits

Bid = tuple[int, int]
"""How much, by which child; the lower number gives way when two bid the same."""


class PlainBids:
    """The bids for a team whose slots do not matter."""

    __slots__ = ("capacity", "closed", "dear", "held", "price", "steep")

    def __init__(self, capacity: int, price: int) -> None:
        self.capacity, self.price = capacity, price
        self.held: list[Bid] = []
        self.closed = 0
        self.steep: dict[int, int] = {}
        self.dear: list[tuple[int, int]] = []

    def take(self, bid: int, child: int, _slots: int) -> int:
        """Take a bid above the price; return the child that gives way, or -1."""
        gone = -1
        if len(self.held) < self.capacity:
            heapq.heappush(self.held, (bid, child))
        else:
            gone = heapq.heapreplace(self.held, (bid, child))[1]
        if len(self.held) == self.capacity:
            self.price = self.held[0][0]
        return gone

    def placed(self) -> Iterable[tuple[int, int]]:
        """Yield each child that is held, with its slot."""
        return ((child, 0) for _bid, child in self.held)

    def again(self, fall: int) -> "PlainBids":
        """Return an empty team that begins the next round a little cheaper."""
        if not self.capacity:
            return self
        return PlainBids(self.capacity, max(0, self.price - fall))


class SlotBids:
    """The bids for a team that can be at `lanes` children in each slot.

    `price` is what a child pays that fits in beside the others or for whom anybody may make room.
    `closed` are the slots where only some could make room; those cost what is in `steep`.
    """

    __slots__ = (
        "bids", "capacity", "closed", "crowded", "dear", "lanes", "many", "masks", "price",
        "slot_of", "steep",
    )  # fmt: skip

    def __init__(self, capacity: int, lanes: int, price: int) -> None:
        self.capacity, self.lanes, self.price = capacity, lanes, price
        self.bids: dict[int, int] = {}
        self.masks: dict[int, int] = {}
        self.slot_of: dict[int, int] = {}
        self.many: dict[int, int] = {}
        """How many children are in each slot."""
        self.closed = self.crowded = 0
        self.steep: dict[int, int] = {}
        self.dear: list[tuple[int, int]] = []
        """What is in `steep`, the cheapest first, each with its slot as a bit."""

    def take(self, bid: int, child: int, slots: int) -> int:
        """Take a bid above the price of its cheapest slot; return who gives way, or -1."""
        reached, free = self._reach(slots)
        gone = -1
        if free == 0 or len(self.bids) >= self.capacity:
            among = self.bids if free else self._within(reached)
            gone = min(among, key=lambda other: (self.bids[other], other))
            self._drop(gone)
        free = slots & ~self.crowded
        if free:
            self._sit(child, (free & -free).bit_length() - 1)
        else:
            self._seat(child, slots)
        self.bids[child], self.masks[child] = bid, slots
        self.price_again()
        return gone

    def placed(self) -> Iterable[tuple[int, int]]:
        return ((child, slot) for child, slot in self.slot_of.items() if child >= 0)

    def again(self, fall: int) -> "SlotBids":
        """Return the same bids, a little lower, without the children who made them.

        So what a crowded slot costs is not forgotten; these bids give way like any other.
        """
        if not self.capacity:
            return self
        made = SlotBids(self.capacity, self.lanes, 0)
        for ghost, (child, bid) in enumerate(sorted(self.bids.items()), 2):
            if bid > fall:
                made.bids[-ghost] = bid - fall
                made.masks[-ghost] = self.masks[child]
                made._sit(-ghost, self.slot_of[child])
        made.price_again()
        return made

    def _drop(self, child: int) -> None:
        slot = self.slot_of.pop(child)
        del self.bids[child], self.masks[child]
        self.many[slot] -= 1
        self.crowded &= ~(1 << slot)

    def _sit(self, child: int, slot: int) -> None:
        self.slot_of[child] = slot
        self.many[slot] = self.many.get(slot, 0) + 1
        if self.many[slot] == self.lanes:
            self.crowded |= 1 << slot

    def _within(self, slots: int) -> list[int]:
        return [child for child, slot in self.slot_of.items() if slots >> slot & 1]

    def _reach(self, slots: int) -> tuple[int, int]:
        """Return every slot that moving others about could empty, and those with room."""
        crowded, reached = self.crowded, slots
        while not reached & ~crowded:
            wider = reached
            for child in self._within(reached):
                wider |= self.masks[child]
            if wider == reached:
                break
            reached = wider
        return reached, reached & ~crowded

    def _seat(self, child: int, slots: int) -> None:
        """Give a child one of its slots; whoever holds it moves on, as far as it takes."""
        crowded = self.crowded
        came: dict[int, int] = {}
        tried, frontier = slots, [(child, slots)]
        while frontier:
            mover, wanted = frontier.pop(0)
            for slot in bits(wanted):
                came[slot] = mover
                if not crowded >> slot & 1:
                    self._shift(came, slot, child)
                    return
            for other in self._within(wanted):
                further = self.masks[other] & ~tried
                tried |= further
                frontier.append((other, further))

    def _shift(self, came: dict[int, int], slot: int, child: int) -> None:
        last = slot
        mover = came[slot]
        while mover != child:
            left = self.slot_of[mover]
            self.slot_of[mover] = slot
            slot, mover = left, came[left]
        self._sit(child, last)  # the slot that fills up: the others only change hands
        self.slot_of[child] = slot

    def price_again(self) -> None:
        """Tell anew what the next child has to beat."""
        if len(self.bids) == self.capacity:
            self.price = min(self.bids.values(), default=self.price)
        self.closed = self.crowded & ~self._yielding()
        self.steep = {}
        for slot in bits(self.closed):
            among = self._within(self._reach(1 << slot)[0])
            self.steep[slot] = min(self.bids[child] for child in among)
        self.dear = sorted((cost, 1 << slot) for slot, cost in self.steep.items())

    def _yielding(self) -> int:
        """Return the crowded slots that moving others about could empty."""
        found, grown = 0, True
        while grown:
            grown = False
            for child, slot in self.slot_of.items():
                able = self.masks[child] & (~self.crowded | found)
                if able and (self.crowded & ~found) >> slot & 1:
                    found |= 1 << slot
                    grown = True
        return found


Bids = PlainBids | SlotBids
