"""One run: all feasible pairs or the best of them, solved, priced, and proved over all.

Where all feasible pairs are too many to hold, a run begins with the best of each child and asks,
at the prices found, whether any pair outside would help; those are added until there is none.
Then the optimum holds over all pairs that the rules allow, and the prices prove it.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pairings.matching import supply
from pairings.matching.branching import FORCED, Kind, Limits, Settled, settle
from pairings.matching.field import Field
from pairings.matching.kernel import turning
from pairings.matching.kernel.solving import mend
from pairings.matching.kernel.turning import Turns
from pairings.matching.model import World
from pairings.matching.preparing import Alarm, prepared
from pairings.matching.seating import seated
from pairings.matching.solver.auction import RATES
from pairings.matching.solver.certificate import prove
from pairings.matching.solver.problem import Options, Problem
from pairings.matching.solver.renew import set_pairs
from pairings.matching.solver.solve import placed, solve
from pairings.matching.solver.standing import Standing
from pairings.matching.supply import Pairs
from pairings.matching.weighing import Weighing

MOST_PAIRS = 2_000_000
"""How many pairs a run holds at once; 20 bytes each, and as much again while it is solved."""
FEW = 3
"""When fewer than one child in so many gets new pairs, what stands is mended, not begun anew."""


@dataclass(slots=True)
class Run:
    """A proved matching and what it takes to change and explain it."""

    world: World
    """What was matched: without standing pairs, with groups as one.

    The solver's numbers are places in its teams and children.
    """
    alarms: tuple[Alarm, ...]
    field: Field
    weighing: Weighing
    limits: Limits
    complete: bool
    """Whether all feasible pairs are held."""
    barred: frozenset[tuple[int, int]]
    """Pairs by number that somebody has ruled out since."""
    root: Standing
    """The optimum without the limits: where every change begins."""
    settled: Settled
    forced: int = 0
    """How many pairs somebody has forced since."""
    turns: int = 0
    """How often pairs outside were asked for."""

    @property
    def standing(self) -> Standing:
        return self.settled.standing

    @property
    def worth(self) -> int:
        """Return the weight of the matching, without what forces pairs."""
        decisions = self.settled.leaves[0].decisions
        forced = sum(kind is Kind.FORCE for kind, _child, _team in decisions)
        return self.settled.leaves[0].solution.value - FORCED * (self.forced + forced)

    @property
    def value(self) -> int:
        """Return the points of urgency and of the pairs together."""
        return self.weighing.points(self.worth)

    def matched(self) -> list[tuple[int, int, int]]:
        """Return child, team and slot by id, in the order of the children.

        Who has which team decides alone who has which slot, not how the run came there.
        """
        standing = self.standing
        slot_of = seated(standing)
        return [
            (child.id, self.world.teams[team].id, slot_of[number])
            for number, (child, team) in enumerate(
                zip(self.world.children, standing.team_of, strict=True)
            )
            if team >= 0
        ]

    def settle(self) -> None:
        """Price the root again, keep the limits, and prove the outcome."""
        self.price(self.root, self.barred)
        self.settled = settle(self.root, self.limits, self.barred, self.price)

    def price(self, standing: Standing, barred: frozenset[tuple[int, int]]) -> None:
        """Ask for pairs outside until none would help."""
        if self.complete:
            return
        pairs = Pairs(self.field, self.weighing, self.world.children)
        while found := pairs.missing(standing, barred):
            _mend(standing, found)


def run(
    world: World,
    *,
    most_pairs: int = MOST_PAIRS,
    told: Callable[[str, int], None] = lambda _step, _done: None,
) -> Run:
    """Return the proved optimum.

    Raises Refused for bad input, TooTangled where groups and children apart are too many to
    prove, NotProved for a fault of ours. `told` hears of each step and how far it is; it may
    raise to stop the run.
    """
    with _uncollected():
        return _run(world, most_pairs, told)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Do not look for circles: a run makes none, but so many objects that looking takes long."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _run(world: World, most_pairs: int, told: Callable[[str, int], None]) -> Run:
    left, alarms = prepared(world)
    field, weighing = Field(left), Weighing.of(left)
    pairs = Pairs(field, weighing, left.children)
    options, complete = pairs.first(most_pairs, told)
    problem = Problem(
        [max(0, places) for places in field.left], [team.lanes for team in left.teams], options
    )
    told("solve", 0)
    root, turns = _priced(problem, pairs, weighing, complete=complete, told=told)
    limits = _limits(left)
    nobody: frozenset[tuple[int, int]] = frozenset()
    settled = Settled(root, nobody, ())
    made = Run(left, alarms, field, weighing, limits, complete, nobody, root, settled)
    made.turns = turns
    made.settled = settle(root, limits, nobody, made.price)
    if made.standing is not root or not complete:  # else it was proved when it was solved
        prove(made.standing.problem, made.settled.leaves[0].solution)
    return made


def _priced(
    problem: Problem,
    pairs: Pairs,
    weighing: Weighing,
    *,
    complete: bool,
    told: Callable[[str, int], None],
) -> tuple[Standing, int]:
    """Solve, and ask for pairs outside until none would help; return how often that was."""
    grain = 1 << weighing.shift
    if complete:
        return solve(problem, grain), 0
    ways = (grain, supply.MORE, FEW, *RATES)
    if looped := turning.turns(pairs.twin, problem, ways):
        return _turned(looped, told)
    standing, whole, turns = placed(problem, grain, whole=False), False, 0
    while True:
        turns += 1
        told("price", turns)
        found = pairs.missing(standing, frozenset())
        if whole and not found:
            return standing, turns
        few = len(found) * FEW <= len(problem.options)
        if whole and few:
            _mend(standing, found)
        else:
            whole = whole or few
            for child, options in found.items():
                problem.options[child] = options
            standing = placed(problem, grain, whole=whole)


def _turned(looped: Turns, told: Callable[[str, int], None]) -> tuple[Standing, int]:
    turns = 1
    told("price", turns)
    while not looped.next():
        turns += 1
        told("price", turns)
    return looped.standing(), turns


def _limits(world: World) -> Limits:
    number = {child.id: place for place, child in enumerate(world.children)}
    return Limits(
        [child.size for child in world.children],
        tuple(sorted((number[one], number[other]) for one, other in world.apart)),
    )


def _mend(standing: Standing, found: dict[int, Options]) -> None:
    if not mend(standing, found):
        for child, options in found.items():
            set_pairs(standing, child, options.pairs())
