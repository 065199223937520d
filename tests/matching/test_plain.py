"""The contract for outside checks: a bare problem in, its proved optimum out, all else refused."""

import json
import random
from typing import Any

import pytest

from pairings.matching.plain import solve_plain
from pairings.matching.preparing import Refused
from pairings.matching.solver.problem import Options, Problem
from tests.matching.oracles import by_flow

PROBLEM: dict[str, Any] = {
    "teams": [{"id": 1, "capacity": 1}, {"id": "b", "capacity": 2}],
    "children": [{"id": 10, "bonus": 5}, {"id": 11, "bonus": 0}, {"id": 12, "bonus": 1}],
    "pairs": [
        {"child": 10, "team": 1, "weight": 4},
        {"child": 11, "team": 1, "weight": 8},
        {"child": 11, "team": "b", "weight": 1},
        {"child": 12, "team": "b", "weight": -1},
    ],
    "pinned": [],
    "forbidden": [],
}


def test_the_optimum_comes_with_prices_that_prove_it() -> None:
    answer = solve_plain(PROBLEM)

    assert answer["matched"] == [[10, 1], [11, "b"]]
    assert answer["value"] == 10
    assert answer["proved"] is True
    _check(PROBLEM, answer)


def _check(problem: dict[str, Any], answer: dict[str, Any]) -> None:
    """Hold an answer to what the contract says, knowing nothing of the solver."""
    capacity = {row["id"]: row["capacity"] for row in problem["teams"]}
    bonus = {row["id"]: row["bonus"] for row in problem["children"]}
    worth = {
        (row["child"], row["team"]): row["weight"] + bonus[row["child"]]
        for row in problem["pairs"]
        if [row["child"], row["team"]] not in problem["forbidden"]
    }
    utility, price = answer["utility"], answer["price"]
    pinned = {child for child, _team in problem["pinned"]}
    matched = [tuple(couple) for couple in answer["matched"]]
    assert len({child for child, _team in matched}) == len(matched)
    assert set(matched) >= {tuple(couple) for couple in problem["pinned"]}
    for team, many in capacity.items():
        assert sum(other == team for _child, other in matched) <= many
    assert answer["value"] == sum(worth[couple] for couple in matched)
    assert all(one >= 0 for one in price.values())
    assert all(utility[str(child)] >= 0 for child in bonus if child not in pinned)
    for (child, team), weight in worth.items():
        if child not in pinned:
            assert utility[str(child)] + price[str(team)] >= weight
    bound = sum(utility.values()) + sum(many * price[str(team)] for team, many in capacity.items())
    assert answer["value"] == bound


@pytest.mark.parametrize("seed", range(40))
def test_any_problem_is_proved_whatever_the_order_of_its_rows(seed: int) -> None:
    chance = random.Random(seed)
    teams = [{"id": f"t{one}", "capacity": chance.randint(0, 3)} for one in range(6)]
    children = [{"id": one, "bonus": chance.randint(0, 5)} for one in range(15)]
    pairs = [
        {"child": child["id"], "team": team["id"], "weight": chance.randint(-3, 9)}
        for child in children
        for team in teams
        if chance.random() < 0.5
    ]
    row = next(pair for pair in pairs if teams[int(str(pair["team"])[1:])]["capacity"])
    problem = {
        "teams": teams,
        "children": children,
        "pairs": pairs,
        "pinned": [[row["child"], row["team"]]],
        "forbidden": [[pair["child"], pair["team"]] for pair in pairs[-3:] if pair is not row],
    }
    answer = solve_plain(problem)
    _check(problem, answer)
    for rows in (teams, children, pairs):
        chance.shuffle(rows)
    assert solve_plain(problem) == answer


def test_the_value_is_that_of_a_flow() -> None:
    answer = solve_plain(PROBLEM)
    options = [[(0, 9, 1)], [(0, 8, 1), (1, 1, 1)], [(1, 0, 1)]]
    problem = Problem([1, 2], [0, 0], [Options.of(pairs) for pairs in options])

    assert answer["value"] == by_flow(problem)


def test_a_pinned_child_may_have_less_than_its_place_is_worth() -> None:
    answer = solve_plain(PROBLEM | {"pinned": [[10, 1]]})

    assert answer["matched"] == [[10, 1], [11, "b"]]
    pinned = solve_plain(PROBLEM | {"pinned": [[12, "b"]]})
    assert [12, "b"] in pinned["matched"]


def test_what_comes_as_json_goes_as_json() -> None:
    assert json.loads(json.dumps(solve_plain(json.loads(json.dumps(PROBLEM)))))["value"] == 10


PAIR = {"child": 10, "team": 1, "weight": 4}
WRONG: list[tuple[object, str]] = [
    ([], "not an object"),
    (PROBLEM | {"notes": []}, "notes: unknown"),
    (PROBLEM | {"teams": {}}, "teams: not a list"),
    (PROBLEM | {"teams": [{"id": 1}]}, "team 1: no capacity"),
    (PROBLEM | {"teams": [{"id": 1, "capacity": -1}]}, "team 1: capacity -1 is negative"),
    (PROBLEM | {"teams": [{"id": 1, "capacity": 1.0}]}, "team 1: capacity 1.0 is not"),
    (PROBLEM | {"teams": [{"id": 1, "capacity": True}]}, "team 1: capacity True is not"),
    (PROBLEM | {"teams": [{"id": 1, "capacity": 1 << 60}]}, "capacity 1152921504606846976 over"),
    (PROBLEM | {"teams": [{"id": None, "capacity": 1}]}, "team None: an id is"),
    (PROBLEM | {"teams": [{"id": 1, "capacity": 1, "x": 1}]}, "not id and capacity"),
    (PROBLEM | {"teams": [7]}, "team 7: not id"),
    (
        PROBLEM | {"teams": [{"id": 1, "capacity": 1}, {"id": "1", "capacity": 1}]},
        "team 1: twice",
    ),
    (PROBLEM | {"children": [{"id": 10, "bonus": float("nan")}]}, "child 10: bonus nan is not"),
    (PROBLEM | {"children": [{"id": 10}, {"id": 10}]}, "child 10: twice"),
    (PROBLEM | {"pairs": [PAIR, PAIR]}, "pair 10 and 1: twice"),
    (PROBLEM | {"pairs": [PAIR | {"weight": 0.5}]}, "pair 10 and 1: weight 0.5 is not"),
    (PROBLEM | {"pairs": [PAIR | {"weight": "4"}]}, "pair 10 and 1: weight '4' is not"),
    (PROBLEM | {"pairs": [PAIR | {"weight": 1 << 60}]}, "pair 10 and 1: weight .* overflows"),
    (PROBLEM | {"pairs": [PAIR | {"weight": (1 << 60) - 1}]}, "pair 10 and 1: .* overflow"),
    (PROBLEM | {"pairs": [PAIR | {"team": 9}]}, "pair 10 and 9: unknown team 9"),
    (PROBLEM | {"pairs": [PAIR | {"child": 9}]}, "pair 9 and 1: unknown child 9"),
    (PROBLEM | {"pairs": [[10, 1, 4]]}, "not child, team and weight"),
    (PROBLEM | {"forbidden": [[10, 9]]}, "forbidden 10 and 9: unknown team"),
    (PROBLEM | {"forbidden": [10]}, "forbidden 10: not a child and a team"),
    (PROBLEM | {"pinned": [[10, 1], [10, 1]]}, "pinned 10 and 1: the child is pinned twice"),
    (PROBLEM | {"pinned": [[10, 1], [11, 1]]}, "pinned 11 and 1: more pinned than places"),
    (PROBLEM | {"pinned": [[10, "b"]]}, "pinned 10 and b: no such pair"),
    (
        PROBLEM | {"pinned": [[10, 1]], "forbidden": [[10, 1]]},
        "pinned 10 and 1: forbidden as well",
    ),
]


@pytest.mark.parametrize(("given", "fault"), WRONG, ids=[fault for _given, fault in WRONG])
def test_anything_else_is_refused_with_the_entry_named(given: object, fault: str) -> None:
    with pytest.raises(Refused, match=fault):
        solve_plain(given)
