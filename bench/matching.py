"""What the matching engine takes and brings, on invented worlds, compiled and without.

    PYTHONPATH=. .venv/bin/python bench/matching.py [part ...]

Each time is told twice: as the site matches, where a team is at one child in one slot, and for the
same world without slots, which is what OR-Tools, SciPy and the first prototype solve.

Parts: optimum (2,000 teams and 5,000 children, all feasible pairs, medians of 5, compiled and
without; both without slots too), memory, greedy, churn, events, large (10,000 × 20,000 in the
price loop, medians of 3, compiled), huge (50,000 × 100,000, once) and simulation (104 weeks of
1,000 teams under six orders; about 75 s). By default all. Times are processor times of one
process; each optimum is proved before it counts.
"""

import os
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from figures import figure

from pairings.fairness.queries import simulated
from pairings.matching import changing
from pairings.matching.field import Field
from pairings.matching.kernel.solving import bytes_held
from pairings.matching.model import World
from pairings.matching.run import Run, run
from pairings.matching.simulating.city import Scale
from pairings.matching.simulating.report import simulate
from pairings.matching.solver import auction
from pairings.matching.solver.problem import Problem, bits
from pairings.matching.solver.solve import solve
from pairings.matching.supply import Pairs
from pairings.matching.synthetic import synthetic
from pairings.matching.weighing import Weighing

TEAMS, CHILDREN, SEED, TURNS = 2000, 5000, 1, 5
LARGE, HUGE = (10_000, 20_000), (50_000, 100_000)


def timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def optimum() -> None:
    """Candidates, solving and proof of the middle size, with and without strict tiers."""
    world = synthetic(TEAMS, CHILDREN, SEED)
    soft = replace(world, policy=replace(world.policy, strict=False))
    for build, most in (("compiled", 0.3), ("plain Python", 4.0)):
        os.environ["TONGXING_KERNEL"] = "on" if build == "compiled" else "off"
        for name, one in (("strict tiers", world), ("points alone", soft)):
            taken = [timed(partial(run, one)) for _turn in range(TURNS)]
            figure(
                f"proved optimum over all pairs, 2,000 × 5,000, {name}, {build}",
                statistics.median(taken), "s", most=most,
            )  # fmt: skip
        taken = [timed(partial(run, without_slots(world))) for _turn in range(TURNS)]
        name = f"the same without slots, {build}"
        figure(name, statistics.median(taken), "s", most=most)
    os.environ["TONGXING_KERNEL"] = "on"
    made = run(world)
    looped = run(world, most_pairs=0)
    figure("its price loop differs in so many pairs", differing(made, looped), most=0)
    order = random.Random(SEED)  # noqa: S311 - a seed, no secret
    teams, children = list(world.teams), list(world.children)
    order.shuffle(teams)
    order.shuffle(children)
    shuffled = run(replace(world, teams=tuple(teams), children=tuple(children)))
    figure("pairs that move when rows are reordered", differing(made, shuffled), most=0)


def without_slots(world: World) -> World:
    """Return the world in which teams may be at all their children at once."""
    return replace(world, teams=tuple(replace(team, lanes=0) for team in world.teams))


def differing(one: Run, other: Run) -> int:
    return len(set(one.matched()) ^ set(other.matched()))


def problem_of(world: World) -> tuple[Problem, int]:
    field, weighing = Field(world), Weighing.of(world)
    pairs = Pairs(field, weighing, world.children)
    options, _complete = pairs.first(1 << 40, lambda _step, _done: None)
    return Problem(field.left, [team.lanes for team in world.teams], options), weighing.shift


def memory() -> None:
    """What solving takes at its peak above its input, as each of the two counts what it takes."""
    problem, shift = problem_of(synthetic(TEAMS, CHILDREN, SEED))
    edges = sum(len(options.teams) for options in problem.options)
    os.environ["TONGXING_KERNEL"] = "off"
    tracemalloc.start()
    solve(problem, 1 << shift)
    above = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    figure(f"memory above the input, of {edges:,} pairs", above / edges, "bytes a pair", most=20)
    os.environ["TONGXING_KERNEL"] = "on"
    figure(
        "the same, compiled",
        bytes_held(problem, 1 << shift, auction.RATES) / edges,
        "bytes a pair",
        most=20,
    )


def greedy(problem: Problem, order: Iterable[int]) -> dict[int, int]:
    """Give each child in turn the heaviest pair with a place and, where slots matter, a slot."""
    left, full = list(problem.capacity), [0] * len(problem.capacity)
    found = {}
    for child in order:
        for team, _weight, slots in problem.options[child].pairs():
            free = slots & ~full[team] if problem.lanes[team] else slots
            if left[team] and free:
                left[team] -= 1
                full[team] |= 1 << next(iter(bits(free)))
                found[child] = team
                break
    return found


def served() -> None:
    """How many more children the optimum serves than taking the most urgent first."""
    for size in ((500, 1000), (TEAMS, CHILDREN), LARGE):
        for strict in (True, False):
            world = synthetic(*size, SEED)
            world = replace(world, policy=replace(world.policy, strict=strict))
            urgency = "strict tiers" if strict else "points alone"
            for name, lanes in (("with slots", 1), ("without", 0)):
                _served(world, lanes, f"{size[0]:,} × {size[1]:,}, {urgency}, {name}")


def _served(world: World, lanes: int, name: str) -> None:
    weighing, many = Weighing.of(world), len(world.children)
    problem, shift = problem_of(world)
    problem.lanes = [lanes] * len(problem.lanes)
    order = sorted(range(many), key=lambda one: -weighing.bonus(world.children[one]))
    most_urgent = len(greedy(problem, order))
    best = sum(team >= 0 for team in solve(problem, 1 << shift).team_of)
    more = 100 * (best - most_urgent) / most_urgent
    edges = sum(len(options.teams) for options in problem.options)
    share = 100 * edges / many / len(world.teams)
    figure(
        f"served: {best:,} against {most_urgent:,} by greedy on all {edges:,} pairs"
        f" ({share:.1f} %), {name}",
        more, "% more", least=11,
    )  # fmt: skip


def churn() -> None:
    """One in a hundred teams and children leave, as many children come: who else moves, is told."""
    world = synthetic(TEAMS, CHILDREN + CHILDREN // 100, SEED)
    first = run(replace(world, children=world.children[:CHILDREN]))
    today = {child: team for child, team, _slot in first.matched()}
    chance = random.Random(SEED)  # noqa: S311 - a seed, no secret
    gone = set(chance.sample(range(1, TEAMS + 1), TEAMS // 100))
    left = set(chance.sample(range(1, CHILDREN + 1), CHILDREN // 100))
    later = replace(
        world,
        teams=tuple(team for team in world.teams if team.id not in gone),
        children=tuple(
            replace(child, proposed=today.get(child.id))
            for child in world.children
            if child.id not in left
        ),
    )
    tables = later.policy.tables
    free = replace(later, policy=replace(later.policy, tables=replace(tables, inertia=0)))
    untouched = {c: t for c, t in today.items() if t not in gone and c not in left}
    scores = {}
    for name, one in (("inertia", later), ("none", free)):
        after = {child: team for child, team, _slot in run(one).matched()}
        moved = sum(after.get(child) != team for child, team in untouched.items())
        scores[name] = 100 * moved / len(untouched), points(free, after)
    figure("untouched pairs that move after a change of 1 %", scores["inertia"][0], "%", most=2.1)
    figure("the same without inertia", scores["none"][0], "%")
    lost = 100 * (scores["none"][1] - scores["inertia"][1]) / scores["none"][1]
    figure("value that inertia costs", lost, "%", most=0.02)


def points(world: World, matched: dict[int, int]) -> int:
    """Return what a matching is worth without inertia: a base for each child, and its pair."""
    field = Field(world)
    total = 0
    for child in world.children:
        if child.id in matched:
            wanted = field.index[matched[child.id]]
            total += world.policy.base_points
            total += next(score for team, score, _slots in field.pairs(child) if team == wanted)
    return total


def events(made: Run, name: str) -> None:
    """Single changes on copies, from the prices that stand, with who moves and what it costs."""
    made.root.takers_of(0)
    chance = random.Random(SEED)  # noqa: S311 - a seed, no secret
    pairs = chance.sample(made.matched(), 20)
    children = {child.id: child for child in made.world.children}
    kinds: dict[str, list[float]] = {}
    for child, team, _slot in pairs:
        new = replace(children[child], id=10**9)
        for kind, work in {
            "team out": partial(changing.team_out, made, team),
            "child out": partial(changing.child_out, made, child),
            "place fewer": partial(changing.places, made, team, -1),
            "place more": partial(changing.places, made, team, 1),
            "forbidden": partial(changing.forbid, made, child, team),
            "child in": partial(changing.child_in, made, new),
        }.items():
            kinds.setdefault(kind, []).append(timed(work))
    for kind, taken in kinds.items():
        figure(f"{name}, {kind}: median", 1000 * statistics.median(taken), "ms", most=50)
        figure(f"{name}, {kind}: longest of 20", 1000 * max(taken), "ms")


def large() -> None:
    """The large size once, in the price loop, and the same changes there."""
    world = synthetic(*LARGE, SEED)
    held: list[Run] = []
    taken = [timed(lambda: held.append(run(world))) for _turn in range(3)]
    made = held[0]
    figure(
        f"proved optimum, 10,000 × 20,000, in {made.turns} turns",
        statistics.median(taken), "s", most=2,
    )  # fmt: skip
    figure("its children served", len(made.matched()))
    problem = made.root.problem
    edges = sum(len(options.teams) for options in problem.options)
    again = timed(lambda: solve(problem, 1 << made.weighing.shift))
    figure(f"solving its {edges:,} pairs alone", again, "s")
    taken = [timed(lambda: run(without_slots(world))) for _turn in range(3)]
    figure("10,000 × 20,000 without slots", statistics.median(taken), "s", most=2)


def huge() -> None:
    """Fifty thousand teams, once."""
    world = synthetic(*HUGE, SEED)
    held: list[Run] = []
    taken = timed(lambda: held.append(run(world)))
    figure(f"proved optimum, 50,000 × 100,000, in {held[0].turns} turns", taken, "s", most=20)
    figure("its children served", len(held[0].matched()))
    figure("50,000 × 100,000 without slots", timed(lambda: run(without_slots(world))), "s", most=20)


def simulation() -> None:
    """Two years of an invented city under each order; the page shows the same report."""
    held: list[dict[str, Any]] = []
    figure("104 weeks, 1,000 teams, six orders", timed(lambda: held.append(simulate(Scale()))), "s")
    report = held[0]
    by_order = {one["order"]: one for one in report["orders"]}
    for order, one in by_order.items():
        longest, late = one["all"]["longest"], one["all"]["p95"]
        figure(f"{order}: longest wait; 95 % within {late}", longest, "weeks")
        figure(f"{order}: children served", one["served"]["number"])
    tiers, first = by_order["tiers"], by_order["first_come"]
    figure("strict tiers: longest wait", tiers["all"]["longest"], "weeks", most=20)
    more = tiers["served"]["number"] - first["served"]["number"]
    figure("strict tiers: more served than by first come", more, least=1)
    figure("differs from the report on the page", report["sha256"] != simulated()["sha256"], most=0)


PARTS: dict[str, Callable[[], None]] = {
    "memory": memory,
    "optimum": optimum,
    "greedy": served,
    "simulation": simulation,
    "churn": churn,
    "events": lambda: events(run(synthetic(TEAMS, CHILDREN, SEED)), "2,000 × 5,000"),
    "large": large,
    "huge": huge,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
