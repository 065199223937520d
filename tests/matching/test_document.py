"""Stored runs: the same bytes for the same thing, read back strictly, and held to themselves."""

import copy
import json
import random
import subprocess
import sys
from typing import Any

import pytest

from pairings.matching.document import canonical, digest, document, plain, read_world
from pairings.matching.model import Code
from pairings.matching.preparing import Refused
from pairings.matching.run import run
from pairings.matching.synthetic import synthetic
from pairings.matching.verifying import faults
from tests.matching.worlds import a_child, a_tangle, a_team, a_world

WORLD = synthetic(20, 40, 17)
STORED: dict[str, Any] = json.loads(canonical(document(WORLD, run(WORLD))))


def test_a_world_comes_back_as_it_went() -> None:
    world = a_world(
        [a_team()],
        [a_child(1, against=((1, Code.ENDED),), known=frozenset({1})), a_child(2)],
        pinned=((1, 1, 0),),
        apart=((1, 2),),
    )
    for one in (WORLD, world):
        assert read_world(json.loads(canonical(plain(one)))) == one


def test_a_stored_run_holds() -> None:
    assert list(faults(STORED)) == []


@pytest.mark.parametrize("most_pairs", [0, 10**6])
def test_a_run_with_siblings_holds_part_by_part(most_pairs: int) -> None:
    parts = set()
    for seed in range(12):
        world = a_tangle(seed)
        stored = json.loads(canonical(document(world, run(world, most_pairs=most_pairs))))
        assert list(faults(stored)) == [], seed
        parts.add(len(stored["result"]["proof"]))
    assert max(parts) > 1


def test_the_same_run_has_the_same_sums_in_another_process() -> None:
    """Sets of texts come in another order there: hashes of texts are salted."""
    code = (
        "from tests.matching.test_document import STORED;"
        "import json; print(json.dumps(STORED['sha256']))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert json.loads(told) == STORED["sha256"]


def test_sums_are_those_of_the_parts() -> None:
    assert STORED["sha256"] == {
        part: digest(STORED[part]) for part in ("input", "weights", "result")
    }


def test_every_one_of_a_hundred_changed_results_is_found_out() -> None:
    chance = random.Random(2)
    for _turn in range(100):
        changed = copy.deepcopy(STORED)
        _change(chance, changed["result"])
        changed["sha256"]["result"] = digest(changed["result"])
        assert next(faults(changed), None) is not None


def _change(chance: random.Random, result: dict[str, Any]) -> None:
    """Change one thing of a result: a pair, a price, a utility, the value, or what is proved."""
    kind = chance.choice(("drop", "team", "slot", "value", "utility", "price", "steep", "proof"))
    matched, proof = result["matched"], result["proof"][0]
    row = chance.randrange(len(matched))
    if kind == "drop":
        del matched[row]
    elif kind == "team":
        matched[row][1] = 1 + matched[row][1] % 20
    elif kind == "slot":
        matched[row][2] = 30
    elif kind == "value":
        result["value"] += chance.choice((-1, 1))
    elif kind == "steep":
        proof["steep"].append([1, 40, chance.choice((-1, 1))])
    elif kind == "proof":
        proof["decisions"] = [["forbid", 1, 1]]
    elif kind == "price":
        team = matched[row][1]  # a team without places may have any price
        proof["price"] = [[one, old + 9 * (one == team)] for one, old in proof["price"]]
    else:
        proof["utility"][chance.randrange(40)][1] += chance.choice((-9, 9))


def test_a_world_that_was_changed_afterwards_is_found_out() -> None:
    changed = copy.deepcopy(STORED)
    child = changed["result"]["matched"][0][0]
    for one in changed["input"]["children"]:
        one["waiting"] += one["id"] == child

    assert next(faults(changed)) == "input: not what its sum says"
    changed["sha256"]["input"] = digest(changed["input"])
    assert next(faults(changed), None) is not None


def test_a_policy_that_is_not_the_worlds_is_found_out() -> None:
    changed = copy.deepcopy(STORED)
    changed["weights"]["tier_points"] += 1
    changed["sha256"]["weights"] = digest(changed["weights"])

    assert list(faults(changed)) == ["weights: not those of the input"]


def test_a_team_that_a_rule_speaks_against_is_found_out() -> None:
    changed = copy.deepcopy(STORED)
    team = changed["result"]["matched"][0][1]
    for one in changed["input"]["teams"]:
        if one["id"] == team:
            one["flagged"] = True
    changed["sha256"]["input"] = digest(changed["input"])

    assert any("a rule is against it" in fault for fault in faults(changed))


def test_alarms_that_are_kept_quiet_are_found_out() -> None:
    world = a_world([a_team(flagged=True)], [a_child()], pinned=((1, 1, 0),))
    stored = json.loads(canonical(document(world, run(world))))
    assert stored["result"]["alarms"] == [[1, 1, ["safeguarding"]]]
    stored["result"]["alarms"] = []
    stored["sha256"]["result"] = digest(stored["result"])

    assert list(faults(stored)) == ["alarms: not those of the input"]


def test_a_proof_that_leaves_a_part_out_is_found_out() -> None:
    stored = next(
        stored
        for seed in range(40)
        for world in [a_tangle(seed)]
        for stored in [json.loads(canonical(document(world, run(world))))]
        if len(stored["result"]["proof"]) > 1
    )
    del stored["result"]["proof"][1]
    stored["sha256"]["result"] = digest(stored["result"])

    assert "the proof does not cover all that is allowed" in list(faults(stored))


@pytest.mark.parametrize(
    "broken", [{}, {"input": 1}, STORED | {"input": {}}, STORED | {"result": []}]
)
def test_what_is_no_document_is_said_to_be_none(broken: dict[str, Any]) -> None:
    assert next(faults(broken)).startswith("cannot be read")


def _with(path: str, value: object) -> object:
    changed = copy.deepcopy(STORED["input"])
    *way, last = path.split(".")
    at = changed
    for name in way:
        at = at[int(name) if isinstance(at, list) else name]
    at[int(last) if isinstance(at, list) else last] = value
    return changed


WRONG = [
    (_with("teams.0.capacity", 1.5), r"teams\[0\].capacity: 1.5 is not int"),
    (_with("teams.0.capacity", True), r"teams\[0\].capacity: True is not int"),
    (_with("teams.0.flagged", 1), r"teams\[0\].flagged: 1 is not bool"),
    (_with("teams.0.until", "soon"), r"teams\[0\].until: 'soon' is not a date"),
    (_with("teams.0.until", 5), r"teams\[0\].until: 5 is not a text"),
    (_with("teams.0.name", "x"), r"teams\[0\]: name is unknown"),
    (_with("children.0.needs", ["art", "art"]), r"children\[0\].needs: an entry twice"),
    (_with("children.0.needs", "art"), r"children\[0\].needs: not a list"),
    (_with("children.0.against", [[1]]), r"against\[0\]: 1 entries for 2"),
    (_with("children.0.against", [[1, "mood"]]), r"'mood' is not a Code"),
    (_with("children.0", 3), r"children\[0\]: not an object"),
    (_with("places", []), "places: not an object"),
    (_with("places", {"01": {}}), "'01' is not an id"),
    ({"term": {}}, "is missing"),
]


@pytest.mark.parametrize(("given", "fault"), WRONG, ids=[fault for _given, fault in WRONG])
def test_what_is_not_exactly_of_the_model_is_refused_by_place(given: object, fault: str) -> None:
    with pytest.raises(Refused, match=fault):
        read_world(given)
