"""Week by week: who is free again, who comes, who is matched; and what became of each child.

A week is one matching of the children who wait with the places and hours that are free. Pairs
that stand stay until their weeks are over. What the engine would say of the same week from a
whole world is the same, pair for pair; a test holds the two to each other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from pairings.matching.field import Field, Found
from pairings.matching.model import Child, step
from pairings.matching.seating import seated
from pairings.matching.simulating.city import City
from pairings.matching.simulating.orders import Order, bonus, turn, weighing_of
from pairings.matching.solver.problem import Options, Pair, Problem
from pairings.matching.solver.solve import solve
from pairings.matching.weighing import mark, tie

Taken = tuple[Child, int, int, int]
"""A child, the number of the team, the slot, and the points of the pair."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one child; weeks are counted from 0."""

    child: Child
    came: int
    served: int | None
    pair: tuple[int, int, int] | None = None
    """The team's id, the slot, and the points."""

    def waited(self, weeks: int) -> int:
        """Return for how many weeks, until served or until the end."""
        return (weeks if self.served is None else self.served) - self.came


@dataclass(slots=True)
class Course:
    """One city under one order."""

    city: City
    order: Order
    fates: list[Fate] = field(default_factory=list)
    """Of those who were served, and at the end of all."""
    waiting: dict[int, tuple[Child, int]] = field(default_factory=dict)
    """Who waits, with the week of coming; the longest wait first."""
    longest: list[int] = field(default_factory=list)
    """After each week, how long whoever still waits has waited at most."""
    queue: list[int] = field(default_factory=list)
    """After each week, how many still wait."""


def run_course(
    city: City, order: Order, told: Callable[[int], None] = lambda _week: None
) -> Course:
    """Return what becomes of everybody under an order; `told` hears of each week."""
    course, town = Course(city, order), _Town(city, order)
    for week in range(city.scale.weeks):
        told(week)
        for child in city.arrivals[week]:
            course.waiting[child.id] = child, week
            town.come(child)
        today = [
            replace(child, waiting=7 * (week - came)) for child, came in course.waiting.values()
        ]
        town.open(week)
        for child, team, slot, points in town.matched(today):
            _child, came = course.waiting.pop(child.id)
            pair = city.world.teams[team].id, slot, points
            course.fates.append(Fate(child, came, week, pair))
            town.stand(child, team, slot)
        first = next((came for _child, came in course.waiting.values()), week)
        course.longest.append(week - first)
        course.queue.append(len(course.waiting))
    course.fates += [Fate(child, came, None) for child, came in course.waiting.values()]
    return course


class _Town:
    """The places and hours that are free, and which teams may come to whom."""

    def __init__(self, city: City, order: Order) -> None:
        self.city, self.order = city, order
        self.field = Field(city.world)
        self.marks = [mark("team", team.id) for team in city.world.teams]
        table = city.world.policy.tables.slots
        self.by_slots = [step(table, many) for many in range(64)]
        many = len(city.world.teams)
        self.load, self.busy, self.room = [0] * many, [0] * many, [0] * many
        self.ends: dict[int, list[tuple[int, int]]] = {}
        self.offers: dict[int, list[Found]] = {}
        """By child who waits: team, points without those for slots, slots."""
        self.week = 0

    def come(self, child: Child) -> None:
        self.offers[child.id] = [
            (team, points - self.by_slots[slots.bit_count()], slots)
            for team, points, slots in self.field.pairs(child)
        ]

    def open(self, week: int) -> None:
        """Let those go whose weeks are over, and say how many may begin."""
        self.week = week
        for team, slot in self.ends.pop(week, []):
            self.load[team] -= 1
            self.busy[team] &= ~(1 << slot)
        self.room = [
            max(0, places - load)
            for places, load in zip(self.city.places(week), self.load, strict=True)
        ]

    def stand(self, child: Child, team: int, slot: int) -> None:
        """Keep a pair until its weeks are over."""
        del self.offers[child.id]
        self.load[team] += 1
        self.busy[team] |= 1 << slot
        self.ends.setdefault(self.week + self.city.scale.service, []).append((team, slot))

    def matched(self, children: list[Child]) -> list[Taken]:
        return self._one_by_one(children) if self.order.listed else self._at_once(children)

    def open_pairs(self, child: Child) -> Iterator[Found]:
        """Yield the teams that may come today, with all points of the pair."""
        room, busy, by_slots = self.room, self.busy, self.by_slots
        for team, points, slots in self.offers[child.id]:
            if room[team] and (left := slots & ~busy[team]):
                yield team, points + by_slots[left.bit_count()], left

    def _one_by_one(self, children: list[Child]) -> list[Taken]:
        found, busy = [], list(self.busy)
        for child in sorted(children, key=lambda one: turn(self.order, one)):
            best = max(self.open_pairs(child), default=None, key=lambda pair: (pair[1], -pair[0]))
            if best:
                team, points, slots = best
                slot = (slots & -slots).bit_length() - 1
                self.room[team] -= 1
                self.busy[team] |= 1 << slot
                found.append((child, team, slot, points))
        self.busy = busy  # whoever has found a team is told of in `stand`, as the others are
        return found

    def _at_once(self, children: list[Child]) -> list[Taken]:
        weighing = weighing_of(self.order, replace(self.city.world, children=tuple(children)))
        worth = {child.id: bonus(self.order, child, weighing) for child in children}
        points: list[dict[int, int]] = []
        options = []
        for child in children:
            own, pairs = mark("child", child.id), list(self.open_pairs(child))
            weighed: list[Pair] = [
                (team, weighing.weight(worth[child.id], score, tie(own, self.marks[team])), slots)
                for team, score, slots in pairs
            ]
            options.append(Options.of(weighed))
            points.append({team: score for team, score, _slots in pairs})
        lanes = [team.lanes for team in self.city.world.teams]
        standing = solve(Problem(self.room, lanes, options), 1 << weighing.shift)
        slot_of = seated(standing)
        return [
            (child, team, slot_of[number], points[number][team])
            for number, (child, team) in enumerate(zip(children, standing.team_of, strict=True))
            if team >= 0
        ]
