"""The bare problem on the same pairs: our solver beside OR-Tools' flow and SciPy's sparse matching.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install scipy ortools
    PYTHONPATH=. /tmp/peers/bin/python bench/peers.py [teams children ...]

Both are no part of the locks; without them only our own times are printed. Slots are left out,
because neither of them solves that problem. The pairs are those that a run in the price loop ends
with: the optimum over them is the optimum over all. Everybody has to find the same value. Times
are processor times of one process, medians of three (SciPy: one above a second), without making
the peers' own arrays.
"""

import importlib
import importlib.util
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from figures import figure

from pairings.matching.run import run
from pairings.matching.solver.problem import Problem
from pairings.matching.solver.solve import placed
from pairings.matching.synthetic import synthetic

SIZES = ((500, 1000), (2000, 5000), (10_000, 20_000))
SEED = 1
Solver = Callable[[], int]
"""Solves and returns the value."""


def ours(problem: Problem, grain: int) -> Solver:
    return lambda: placed(problem, grain).solution().value


def columns(problem: Problem) -> tuple[list[int], list[int], list[int]]:
    rows = [
        (child, team, weight)
        for child, options in enumerate(problem.options)
        for team, weight, _slots in options.pairs()
    ]
    child, team, weight = zip(*rows, strict=True)
    return list(child), list(team), list(weight)


def ortools(problem: Problem, _grain: int) -> Solver:
    """SimpleMinCostFlow: source, children, teams, sink; who stays without goes past."""
    numpy: Any = importlib.import_module("numpy")
    flows: Any = importlib.import_module("ortools.graph.python.min_cost_flow")
    children, teams = len(problem.options), len(problem.capacity)
    child, team, weight = (numpy.array(column, dtype=numpy.int64) for column in columns(problem))
    every, places = numpy.arange(children), numpy.arange(teams)
    source, sink = children + teams, children + teams + 1
    flow = flows.SimpleMinCostFlow()
    one = numpy.ones(children, dtype=numpy.int64)
    flow.add_arcs_with_capacity_and_unit_cost(child, children + team, one[child], -weight)
    flow.add_arcs_with_capacity_and_unit_cost(
        children + places, numpy.full(teams, sink), numpy.array(problem.capacity),
        numpy.zeros(teams, dtype=numpy.int64),
    )  # fmt: skip
    flow.add_arcs_with_capacity_and_unit_cost(every, numpy.full(children, sink), one, 0 * one)
    flow.add_arcs_with_capacity_and_unit_cost(numpy.full(children, source), every, one, 0 * one)
    flow.set_node_supply(source, children)
    flow.set_node_supply(sink, -children)

    def solve() -> int:
        if flow.solve() != flow.OPTIMAL:
            raise SystemExit("OR-Tools found no optimum")
        return -int(flow.optimal_cost())

    return solve


def scipy(problem: Problem, _grain: int) -> Solver:
    """min_weight_full_bipartite_matching: a column a place, and one of its own for each child."""
    numpy: Any = importlib.import_module("numpy")
    sparse: Any = importlib.import_module("scipy.sparse")
    graph: Any = importlib.import_module("scipy.sparse.csgraph")
    children, teams = len(problem.options), len(problem.capacity)
    child, team, weight = (numpy.array(column) for column in columns(problem))
    capacity = numpy.array(problem.capacity)
    first = numpy.concatenate([[0], numpy.cumsum(capacity)])
    times = capacity[team]
    rows = numpy.repeat(child, times)
    within = numpy.arange(len(rows)) - numpy.repeat(numpy.cumsum(times) - times, times)
    places = numpy.repeat(first[:-1][team], times) + within
    own = numpy.arange(children)
    # a constant above all weights, so that no entry is nought: SciPy would drop it
    worth = numpy.concatenate([numpy.repeat(weight, times), numpy.zeros(children, int)]) + 1
    biadjacency = sparse.csr_matrix(
        (worth.astype(float), (numpy.concatenate([rows, own]),
                               numpy.concatenate([places, first[teams] + own]))),
    )  # fmt: skip

    def solve() -> int:
        row, column = graph.min_weight_full_bipartite_matching(biadjacency, maximize=True)
        return int(biadjacency[row, column].sum()) - children

    return solve


def timed(solver: Callable[[Problem, int], Solver], problem: Problem, grain: int
          ) -> tuple[float, int]:  # fmt: skip
    taken: list[float] = []
    value = 0
    while len(taken) < 3 and sum(taken) < 5:
        solve = solver(problem, grain)
        began = time.process_time()
        value = solve()
        taken.append(time.process_time() - began)
    return statistics.median(taken), value


def points_alone(world_problem: Problem, shift: int) -> Problem:
    """Return the problem without slots, in whole points: SciPy counts in floating numbers."""
    for options in world_problem.options:
        for at, weight in enumerate(options.weights):
            options.weights[at] = weight >> shift
    world_problem.lanes = [0] * len(world_problem.lanes)
    return world_problem


def measure(teams: int, children: int) -> None:
    world = synthetic(teams, children, SEED)
    made = run(replace(world, policy=replace(world.policy, strict=False)))
    problem = points_alone(made.root.problem, made.weighing.shift)
    name = f"{teams:,} × {children:,}, {sum(len(one.teams) for one in problem.options):,} pairs"
    taken, value = timed(ours, problem, 1)
    figure(f"{name}, ours", taken, "s")
    if importlib.util.find_spec("ortools"):
        theirs, same = timed(ortools, problem, 1)
        figure(f"{name}, OR-Tools", theirs, "s")
        figure(f"{name}, OR-Tools against ours", theirs / taken, "times", least=5)
        figure(f"{name}, OR-Tools differs by", abs(same - value), most=0)
    if importlib.util.find_spec("scipy"):
        theirs, same = timed(scipy, problem, 1)
        figure(f"{name}, SciPy", theirs, "s")
        figure(f"{name}, SciPy against ours", theirs / taken, "times",
               least=100 if teams >= 10_000 else None)  # fmt: skip
        figure(f"{name}, SciPy differs by", abs(same - value), most=0)
    if teams <= 10_000:
        os.environ["TONGXING_KERNEL"] = "off"
        python, _value = timed(ours, problem, 1)
        del os.environ["TONGXING_KERNEL"]
        figure(f"{name}, ours in plain Python", python, "s")


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    for size in list(zip(numbers[::2], numbers[1::2], strict=True)) or SIZES:
        measure(*size)
