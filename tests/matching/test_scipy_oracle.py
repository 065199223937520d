"""The solver against SciPy, an oracle that shares nothing with it: another method, other hands.

Without slots a matching is an assignment of children to places; with slots it is an integer
program. SciPy counts in floating point: weights are so small that every sum is exact, and what it
chose is added up here in integers.
"""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import csr_matrix

from pairings.matching.solver.problem import Options, Problem, bits
from pairings.matching.solver.solve import solve
from tests.matching.oracles import a_problem


def of_size(chance: random.Random, teams: int, children: int, *, most: int) -> Problem:
    """Return a problem without slots: some children see few teams, and many weights are alike."""
    grain = chance.choice((1, 1, most // 5))
    reach = chance.choice((0.1, 0.4, 0.9))
    return Problem(
        [chance.choice((0, 1, 1, 2, 3)) for _team in range(teams)],
        [0] * teams,
        [
            Options.of(
                [
                    (team, chance.randint(-most // 9, most) // grain * grain, 1)
                    for team in range(teams)
                    if chance.random() < reach
                ]
            )
            for _child in range(children)
        ],
    )


def by_assignment(problem: Problem) -> int:
    """Return the most points of any assignment of children to places, a column each."""
    places = [team for team, many in enumerate(problem.capacity) for _place in range(many)]
    worth = np.zeros((len(problem.options), len(places)), dtype=np.int64)
    for child, options in enumerate(problem.options):
        weights = {team: weight for team, weight, _slots in options.pairs()}
        worth[child] = [max(0, weights.get(team, 0)) for team in places]
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return sum(int(worth[row, column]) for row, column in zip(rows, columns, strict=True))


def by_program(problem: Problem) -> int:
    """Return the most points with slots: a variable for each pair in each slot it could use."""
    chosen = [
        (child, team, slot, weight)
        for child, options in enumerate(problem.options)
        for team, weight, slots in options.pairs()
        for slot in bits(slots)
    ]
    if not chosen:
        return 0
    held = [list(_limits(problem, child, team, slot)) for child, team, slot, _weight in chosen]
    room = {limit: most for limits in held for limit, most in limits}
    row = {limit: place for place, limit in enumerate(room)}
    entries = [(row[limit], place) for place, limits in enumerate(held) for limit, _most in limits]
    matrix = csr_matrix((np.ones(len(entries)), tuple(zip(*entries, strict=True))))
    answer: Any = milp(
        [-weight for *_pair, weight in chosen],
        integrality=np.ones(len(chosen)),
        bounds=(0, 1),
        constraints=LinearConstraint(matrix, ub=list(room.values())),
        options={"mip_rel_gap": 0},
    )
    assert answer.status == 0, answer.message
    taken = zip(chosen, answer.x, strict=True)
    return sum(weight for (*_pair, weight), much in taken if round(much))


def _limits(
    problem: Problem, child: int, team: int, slot: int
) -> Iterator[tuple[tuple[str, int, int], int]]:
    """Yield what a pair in a slot uses up, each with how much of it there is."""
    yield ("child", child, 0), 1
    yield ("team", team, 0), problem.capacity[team]
    if problem.lanes[team]:
        yield ("slot", team, slot), problem.lanes[team]


def test_hundreds_of_small_assignments_come_out_as_by_scipy() -> None:
    for seed in range(400):
        chance = random.Random(seed)
        problem = of_size(chance, chance.randint(1, 8), chance.randint(1, 14), most=900)
        assert solve(problem).solution().value == by_assignment(problem), seed


@pytest.mark.parametrize("seed", range(12))
def test_assignments_of_a_county_come_out_as_by_scipy(seed: int) -> None:
    problem = of_size(random.Random(seed), 60, 150, most=10**9)

    assert solve(problem).solution().value == by_assignment(problem)


def test_with_slots_too_the_value_is_that_of_an_integer_program() -> None:
    for seed in range(150):
        problem = a_problem(random.Random(seed), teams=6, children=12, slots=3)
        if (
            max((abs(one) for options in problem.options for one in options.weights), default=0)
            > 1000
        ):
            continue
        assert solve(problem).solution().value == by_program(problem), seed


def test_the_oracles_notice_a_place_too_many() -> None:
    problem = of_size(random.Random(3), 6, 30, most=900)
    more = Problem([many + 1 for many in problem.capacity], problem.lanes, problem.options)

    assert solve(more).solution().value != by_assignment(problem)
    assert solve(more).solution().value == by_assignment(more) == by_program(more)
