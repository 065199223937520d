"""The feasible pairs of a world as the solver sees them, with what they weigh."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from pairings.matching.field import Field
from pairings.matching.kernel.fielding import Fielded, fielded, prices_of
from pairings.matching.model import Child
from pairings.matching.solver.problem import Options, Pair
from pairings.matching.solver.standing import Standing
from pairings.matching.weighing import Weighing, mark, tie

FIRST, MORE = 24, 12
"""How many pairs a child begins with, and how many are added to it in a turn."""
TOLD = 1000
"""After how many children it is told how far the pairs are."""


class Pairs:
    """The pairs, child by child; children and teams by their numbers."""

    def __init__(self, field: Field, weighing: Weighing, children: Sequence[Child]) -> None:
        self.field, self.weighing, self.children = field, weighing, children
        self.order = sorted(range(len(children)), key=lambda one: (children[one].spot, one))
        """By place: what a place gives all its children is found once."""

    @cached_property
    def marks(self) -> list[int]:
        return [mark("team", team.id) for team in self.field.teams]

    @cached_property
    def twin(self) -> Fielded | None:
        return fielded(self.field, self.weighing, self.children, self.order)

    def of(self, child: Child) -> list[Pair]:
        """Return all pairs of a child with their weights."""
        bonus, shift = self.weighing.bonus(child), self.weighing.shift
        own, marks = mark("child", child.id), self.marks
        return [
            (team, (bonus + points << shift) + tie(own, marks[team]), slots)
            for team, points, slots in self.field.pairs(child)
        ]

    def first(
        self, most_pairs: int, told: Callable[[str, int], None]
    ) -> tuple[list[Options], bool]:
        """Return the pairs to begin with, and whether they are all there are."""
        if self.twin:
            return self._first_by_twin(self.twin, most_pairs, told)
        options = [Options()] * len(self.children)
        held, complete = 0, True
        for done, child in enumerate(self.order):
            if done % TOLD == 0:
                told("pairs", done)
            pairs = self.of(self.children[child])
            held += len(pairs)
            if complete and held > most_pairs:
                complete = False
                for earlier in self.order[:done]:
                    options[earlier] = options[earlier].first(FIRST)
            if not complete:
                pairs = heapq.nlargest(FIRST, pairs, key=lambda pair: (pair[1], -pair[0]))
            options[child] = Options.of(pairs)
        return options, complete

    def _first_by_twin(
        self, twin: Fielded, most_pairs: int, told: Callable[[str, int], None]
    ) -> tuple[list[Options], bool]:
        options, many = [Options()] * len(self.children), len(self.order)
        complete = not twin.more_than(most_pairs)
        for start in range(0, many, TOLD):
            told("pairs", start)
            stop = min(start + TOLD, many)
            found = twin.first(start, stop, -1 if complete else FIRST)
            for child, one in zip(self.order[start:stop], found, strict=True):
                options[child] = one
        return options, complete

    def missing(self, standing: Standing, barred: frozenset[tuple[int, int]]) -> dict[int, Options]:
        """Return all pairs of each child whom pairs outside would help, those among them.

        Of the pairs that are not barred each gets those that would help most now.
        """
        prices = prices_of(standing, barred) if self.twin else None
        if self.twin and prices:
            return self.twin.missing(prices, MORE, self.order)
        options = standing.problem.options
        return {
            child: Options.of([*options[child].pairs(), *added])
            for child, added in self._missing(standing, barred)
        }

    def _missing(
        self, standing: Standing, barred: frozenset[tuple[int, int]]
    ) -> Iterator[tuple[int, list[Pair]]]:
        """Yield for each child the pairs outside, not barred, that would help most now."""
        price, utility, shift = standing.price, standing.utility, self.weighing.shift
        floor = [one >> shift for one in price]
        for child in self.order:
            bonus = self.weighing.bonus(self.children[child])
            most = (utility[child] >> shift) - bonus
            own = mark("child", self.children[child].id)
            held = frozenset(standing.problem.options[child].teams)
            found = []
            for team, points, slots in self.field.pairs(self.children[child]):
                if points - floor[team] < most or team in held or (child, team) in barred:
                    continue
                weight = (bonus + points << shift) + tie(own, self.marks[team])
                gain = weight - price[team] - standing.on_top(team, slots) - utility[child]
                if gain > 0:
                    found.append((-gain, (team, weight, slots)))
            if found:
                yield child, [pair for _gain, pair in sorted(found)[:MORE]]
