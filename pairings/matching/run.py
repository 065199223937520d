"""One run: all feasible pairs or the best of them, solved, priced, and proved over all.

Where all feasible pairs are too many to hold, a run begins with the best of each child and asks,
at the prices found, whether any pair outside would help; those are added until there is none.
Then the optimum holds over all pairs that the rules allow, and the prices prove it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pairings.matching.field import Field
from pairings.matching.model import Child, World
from pairings.matching.preparing import Alarm, prepared
from pairings.matching.solver.certificate import prove
from pairings.matching.solver.problem import Options, Pair, Problem
from pairings.matching.solver.renew import set_pairs
from pairings.matching.solver.solve import solve
from pairings.matching.solver.standing import Standing
from pairings.matching.weighing import Weighing, mark, tie

MOST_PAIRS = 2_000_000
"""How many pairs a run holds at once; 20 bytes each, and as much again while it is solved."""
FIRST, MORE = 24, 12
"""How many pairs a child begins with, and how many are added to it in a turn."""
FEW = 20
"""When fewer than one child in so many gets new pairs, what stands is mended, not begun anew."""


@dataclass(slots=True)
class Run:
    """A proved matching and what it takes to change and explain it."""

    world: World
    """What was matched: without standing pairs, with groups as one.

    The solver's numbers are places in its teams and children."""
    alarms: tuple[Alarm, ...]
    field: Field
    weighing: Weighing
    standing: Standing
    complete: bool
    """Whether all feasible pairs are held."""
    turns: int
    """How often pairs outside were asked for."""

    @property
    def value(self) -> int:
        """Return the points of urgency and of the pairs together."""
        return self.weighing.points(self.standing.solution().value)

    def matched(self) -> list[tuple[int, int, int]]:
        """Return child, team and slot by id, in the order of the children's ids."""
        standing = self.standing
        return [
            (child.id, self.world.teams[team].id, slot)
            for child, team, slot in zip(
                self.world.children, standing.team_of, standing.slot_of, strict=True
            )
            if team >= 0
        ]


def run(
    world: World,
    *,
    most_pairs: int = MOST_PAIRS,
    told: Callable[[str, int], None] = lambda _step, _done: None,
) -> Run:
    """Return the proved optimum. Raises Refused for bad input, NotProved for a fault of ours.

    `told` hears of each step and how far it is; it may raise to stop the run.
    """
    left, alarms = prepared(world)
    field = Field(left)
    weighing = Weighing.of(left)
    pairs = Pairs(field, weighing, left.children)
    options, complete = pairs.first(most_pairs, told)
    lanes = [team.lanes for team in field.teams]
    grain = 1 << weighing.shift
    problem = Problem([max(0, places) for places in field.left], lanes, options)
    told("solve", 0)
    standing = solve(problem, grain)
    made = Run(left, alarms, field, weighing, standing, complete, 0)
    while not made.complete:
        made.turns += 1
        told("price", made.turns)
        found = dict(pairs.missing(made.standing))
        if not found:
            break
        if len(found) * FEW > len(left.children):
            for child, added in found.items():
                problem.options[child] = Options.of([*problem.options[child].pairs(), *added])
            made.standing = solve(problem, grain)
        else:
            _mend(made.standing, found)
    prove(problem, made.standing.solution())
    return made


def price_again(made: Run) -> None:
    """After a change, ask for pairs outside until none would help."""
    pairs = Pairs(made.field, made.weighing, made.world.children)
    while not made.complete and (found := dict(pairs.missing(made.standing))):
        _mend(made.standing, found)


def _mend(standing: Standing, found: dict[int, list[Pair]]) -> None:
    for child, added in found.items():
        set_pairs(standing, child, [*standing.problem.options[child].pairs(), *added])


class Pairs:
    """The feasible pairs of a world as the solver sees them, child by child."""

    def __init__(self, field: Field, weighing: Weighing, children: Sequence[Child]) -> None:
        self.field, self.weighing, self.children = field, weighing, children
        self.marks = [mark("team", team.id) for team in field.teams]
        self.order = sorted(range(len(children)), key=lambda one: (children[one].spot, one))
        """By place: what a place gives all its children is found once."""

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
        options = [Options()] * len(self.children)
        held, complete = 0, True
        for done, child in enumerate(self.order):
            if done % 1000 == 0:
                told("pairs", done)
            options[child] = Options.of(self.of(self.children[child]))
            held += len(options[child].teams)
            if complete and held > most_pairs:
                complete = False
                for earlier in self.order[:done]:
                    options[earlier] = options[earlier].first(FIRST)
            if not complete:
                options[child] = options[child].first(FIRST)
        return options, complete

    def missing(self, standing: Standing) -> Iterator[tuple[int, list[Pair]]]:
        """Yield for each child the pairs outside that would help most at these prices."""
        price, utility, shift = standing.price, standing.utility, self.weighing.shift
        floor = [one >> shift for one in price]
        for child in self.order:
            bonus = self.weighing.bonus(self.children[child])
            most = (utility[child] >> shift) - bonus
            own = mark("child", self.children[child].id)
            held = frozenset(standing.problem.options[child].teams)
            found = []
            for team, points, slots in self.field.pairs(self.children[child]):
                if points - floor[team] < most or team in held:
                    continue
                weight = (bonus + points << shift) + tie(own, self.marks[team])
                gain = weight - price[team] - standing.on_top(team, slots) - utility[child]
                if gain > 0:
                    found.append((-gain, (team, weight, slots)))
            if found:
                yield child, [pair for _gain, pair in sorted(found)[:MORE]]
