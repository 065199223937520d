"""The bare problem behind a matching: places, slots, pairs with integer weights. No people.

A team has `capacity` places. With `lanes` above 0 it can be in each weekly slot at so many
children only; with 0 its slots do not matter. A pair names the slots in which it could meet as
bits, and is worth `weight` points. Wanted: at most one team for each child, so that the sum of
the weights is as large as can be.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

SLOTS = 62
"""How many weekly slots fit; a week has 21, two weeks in turn have 42."""
MOST = 1 << 60
"""No weight reaches this: sums of a few of them stay within 64 bits."""
Pair = tuple[int, int, int]
"""A team's index, the weight, the slots as bits."""


@dataclass(slots=True)
class Options:
    """The pairs of one child, the heaviest first: 20 bytes each."""

    teams: "array[int]" = field(default_factory=lambda: array("i"))
    weights: "array[int]" = field(default_factory=lambda: array("q"))
    slots: "array[int]" = field(default_factory=lambda: array("q"))

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> "Options":
        rows = sorted([(-weight, team, slots) for team, weight, slots in pairs])
        return cls(
            array("i", [row[1] for row in rows]),
            array("q", [-row[0] for row in rows]),
            array("q", [row[2] for row in rows]),
        )

    def first(self, many: int) -> "Options":
        """Return the heaviest ones only."""
        return Options(self.teams[:many], self.weights[:many], self.slots[:many])

    def pairs(self) -> Iterable[Pair]:
        return zip(self.teams, self.weights, self.slots, strict=True)

    def find(self, team: int) -> Pair | None:
        """Return the pair with a team, if the child has it."""
        try:
            place = self.teams.index(team)
        except ValueError:
            return None
        return self.teams[place], self.weights[place], self.slots[place]


@dataclass(slots=True)
class Takers:
    """The children that have a pair with one team, by their numbers: 12 bytes each.

    The slots of a pair are looked up among the child's options, by the few who get so far.
    """

    children: "array[int]" = field(default_factory=lambda: array("i"))
    weights: "array[int]" = field(default_factory=lambda: array("q"))

    def put(self, child: int, pair: Pair | None) -> "Takers":
        """Return the same with one child's pair changed, or without it."""
        made = Takers(self.children[:], self.weights[:])
        place = bisect_left(made.children, child)
        if place < len(made.children) and made.children[place] == child:
            del made.children[place], made.weights[place]
        if pair:
            made.children.insert(place, child)
            made.weights.insert(place, pair[1])
        return made


@dataclass(slots=True)
class Problem:
    """Teams and children by index; whoever builds it has sorted them by their ids."""

    capacity: list[int]
    lanes: list[int]
    options: list[Options]

    def heaviest(self) -> int:
        """Return the largest weight; 0 where none is above it."""
        return max([0, *(one.weights[0] for one in self.options if one.weights)])

    def copy(self) -> "Problem":
        """Return a copy that may lose and gain teams, children and pairs; pairs are replaced."""
        return Problem(list(self.capacity), list(self.lanes), list(self.options))


@dataclass(frozen=True, slots=True)
class Solution:
    """Who goes where, and the prices that prove that nothing better exists.

    `team_of` and `slot_of` hold -1 for a child without a team; a team without lanes has slot 0.
    `steep` holds what a slot costs on top of its team, where it costs anything.
    """

    team_of: list[int]
    slot_of: list[int]
    utility: list[int]
    price: list[int]
    steep: list[dict[int, int]]
    value: int


def bits(slots: int) -> Iterable[int]:
    """Return the numbers of the slots that are set, the lowest first."""
    while slots:
        low = slots & -slots
        yield low.bit_length() - 1
        slots ^= low
