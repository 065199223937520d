"""The solver against two other ways to the optimum, and its certificate against tampering."""

import random
from array import array
from dataclasses import replace

import pytest

from pairings.matching.solver import solve as solving
from pairings.matching.solver.certificate import NotProved, faults, prove
from pairings.matching.solver.problem import Options, Problem, Solution
from pairings.matching.solver.renew import (
    child_in,
    child_out,
    set_capacity,
    set_pairs,
    team_in,
    team_out,
)
from pairings.matching.solver.solve import solve
from pairings.matching.solver.standing import Standing
from tests.matching.oracles import a_problem, by_flow, every_combination, some_pairs


def test_two_thousand_tiny_problems_come_out_as_if_everything_had_been_tried() -> None:
    for seed in range(2000):
        problem = a_problem(random.Random(seed), teams=4, children=6, slots=3)
        assert solve(problem).solution().value == every_combination(problem), seed


def test_larger_problems_come_out_as_by_a_flow() -> None:
    for seed in range(60):
        problem = a_problem(random.Random(seed), teams=10, children=30, slots=4)
        assert solve(problem).solution().value == by_flow(problem), seed


def test_crowded_slots_get_prices_of_their_own() -> None:
    one_slot = [Options.of([(0, weight, 1)]) for weight in (9, 7, 5)]

    found = solve(Problem([3], [1], one_slot)).solution()

    assert found.team_of == [0, -1, -1]
    assert found.price == [0]
    assert 7 <= found.steep[0][0] <= 9


def test_ties_everywhere_are_solved() -> None:
    options = [Options.of([(team, 5, 1) for team in range(20)]) for _child in range(60)]

    assert solve(Problem([2] * 20, [0] * 20, options)).solution().value == 5 * 40


def test_a_roster_of_thousands_is_one_team() -> None:
    options = [Options.of([(0, 1 + child % 7, 1)]) for child in range(5000)]

    found = solve(Problem([4000], [0], options)).solution()

    kept = sorted((1 + child % 7 for child in range(5000)), reverse=True)[:4000]
    assert found.value == sum(kept)


@pytest.mark.parametrize(
    "problem",
    [
        Problem([], [], []),
        Problem([3], [1], []),
        Problem([], [], [Options(), Options()]),
        Problem([0, 0], [0, 1], [Options.of([(0, 9, 1), (1, 8, 1)])]),
        Problem([1], [0], [Options.of([(0, 0, 1)]), Options.of([(0, -4, 1)])]),
    ],
)
def test_where_nothing_can_be_matched_nothing_is(problem: Problem) -> None:
    found = solve(problem).solution()

    assert found.value == 0
    assert set(found.team_of) <= {-1, 0}
    assert list(faults(problem, found)) == []


def test_weights_far_apart_end_within_the_bids_that_a_round_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A huge urgency beside small points: what the auction leaves open the search finishes."""
    monkeypatch.setattr("pairings.matching.solver.auction.PATIENCE", 0)
    chance = random.Random(4)
    problem = Problem(
        [1] * 40,
        [0] * 40,
        [
            Options.of(
                [(team, (1 << 58) * (child % 2) + chance.randint(1, 9), 1) for team in range(40)]
            )
            for child in range(90)
        ],
    )

    assert solve(problem).solution().value == by_flow(problem)


def test_a_solution_that_is_not_the_best_is_never_given_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem, _found = a_proved_problem()
    monkeypatch.setenv("TONGXING_KERNEL", "off")
    monkeypatch.setattr(solving, "complete", lambda _standing: None)

    with pytest.raises(NotProved, match="the prices allow"):
        solve(problem)


def a_proved_problem() -> tuple[Problem, Solution]:
    chance = random.Random(5)
    problem = Problem(
        [2] * 8,
        [0, 1] * 4,
        [Options.of(some_pairs(chance, range(8), 3, 50)) for _child in range(30)],
    )
    return problem, solve(problem).solution()


def test_the_checker_fails_on_every_one_of_a_hundred_changed_results() -> None:
    problem, found = a_proved_problem()
    prove(problem, found)
    chance = random.Random(1)
    for _turn in range(100):
        changed = _changed(chance, problem, found)
        with pytest.raises(NotProved):
            prove(*changed)


def _changed(chance: random.Random, problem: Problem, found: Solution) -> tuple[Problem, Solution]:
    """Return a problem and a solution that differ from a proof in one number."""
    child, team = chance.randrange(len(found.team_of)), chance.randrange(len(found.price))
    by = chance.choice((-3, -1, 1, 2))
    kind = chance.choice(("match", "utility", "price", "value", "capacity", "steep"))
    if kind == "match":
        other = chance.choice([one for one in range(-1, 8) if one != found.team_of[child]])
        moved = [*found.team_of[:child], other, *found.team_of[child + 1 :]]
        return problem, replace(found, team_of=moved)
    if kind == "capacity":
        priced = [one for one, price in enumerate(found.price) if price]
        team = chance.choice(priced)
        changed = problem.copy()
        changed.capacity[team] += by
        return changed, found
    if kind == "value":
        return problem, replace(found, value=found.value + by)
    if kind == "steep":
        team = chance.choice([one for one, lanes in enumerate(problem.lanes) if lanes])
        steep = [dict(extra) for extra in found.steep]
        slot = chance.randrange(3)
        steep[team][slot] = steep[team].get(slot, 0) + by
        return problem, replace(found, steep=steep)
    numbers = list(getattr(found, kind))
    numbers[child if kind == "utility" else team] += by
    return problem, (
        replace(found, utility=numbers) if kind == "utility" else replace(found, price=numbers)
    )


def test_a_child_in_a_slot_it_does_not_have_is_no_proof() -> None:
    problem = Problem([1], [1], [Options.of([(0, 5, 0b10)])])
    found = solve(problem).solution()

    assert list(faults(problem, replace(found, slot_of=[0]))) == [
        "child 0 and team 0 cannot meet in slot 0"
    ]


@pytest.mark.parametrize("short", ["utility", "price", "team_of"])
def test_a_result_of_another_size_is_no_proof(short: str) -> None:
    problem, found = a_proved_problem()
    cut = {short: getattr(found, short)[1:]}

    assert len(list(faults(problem, replace(found, **cut)))) == 1


def test_a_pair_takes_twenty_bytes() -> None:
    options = Options.of([(team, team, 1) for team in range(100)])

    columns: list[array[int]] = [options.teams, options.weights, options.slots]
    assert sum(column.itemsize for column in columns) == 20


def test_every_change_ends_where_solving_anew_would() -> None:
    """Teams and children in and out, places more and fewer, pairs forced, forbidden, reweighed."""
    for seed in range(250):
        chance = random.Random(seed)
        standing = solve(a_problem(chance, teams=8, children=20, slots=4))
        for turn in range(10):
            if chance.random() < 0.3:
                standing = standing.copy()
            _change(chance, standing)
            prove(standing.problem, standing.solution())
            if turn % 5 == 4:
                anew = solve(standing.problem.copy()).solution()
                assert anew.value == standing.solution().value, seed


def _change(chance: random.Random, standing: Standing) -> None:
    teams, children = len(standing.problem.capacity), len(standing.problem.options)
    kind = chance.randrange(6)
    if kind == 0 or not children:
        child_in(standing, some_pairs(chance, range(teams), 4, 40))
    elif kind == 1:
        child_out(standing, chance.randrange(children))
    elif kind == 2 or not teams:
        pairs = some_pairs(chance, range(children), 4, 40)
        new = {child: (teams, weight, slots) for child, weight, slots in pairs}
        team_in(standing, chance.randrange(4), chance.choice((0, 1, 2)), new)
    elif kind == 3:
        team_out(standing, chance.randrange(teams))
    elif kind == 4:
        set_capacity(standing, chance.randrange(teams), chance.randrange(6))
    else:
        child = chance.randrange(children)
        set_pairs(standing, child, some_pairs(chance, range(teams), 4, 40))


def test_a_change_on_a_copy_leaves_the_original_alone() -> None:
    problem, before = a_proved_problem()
    standing = solve(problem)

    copy = standing.copy()
    for team in range(len(copy.problem.capacity)):
        team_out(copy, team)

    assert before.value > 0
    assert copy.solution().value == 0
    assert standing.solution() == before
    prove(standing.problem, before)
