"""`flask matching …` as somebody outside calls it: files in, files out, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

BARE: dict[str, Any] = {
    "teams": [{"id": 1, "capacity": 1}, {"id": 2, "capacity": 1}],
    "children": [{"id": 1, "bonus": 10}, {"id": 2, "bonus": 0}],
    "pairs": [
        {"child": 1, "team": 1, "weight": 5},
        {"child": 2, "team": 1, "weight": 9},
        {"child": 2, "team": 2, "weight": 3},
    ],
    "pinned": [],
    "forbidden": [],
}


def matching(site: Flask, *words: str | Path) -> Result:
    return site.test_cli_runner().invoke(args=["matching", *map(str, words)])


def solved(site: Flask, folder: Path, text: str) -> Result:
    (folder / "in.json").write_text(text, encoding="utf-8")
    return matching(site, "solve", folder / "in.json", folder / "out.json")


def test_a_bare_problem_is_solved_and_its_numbers_prove_it(site: Flask, tmp_path: Path) -> None:
    done = solved(site, tmp_path, json.dumps(BARE))
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "out.json").read_bytes()) == {
        "matched": [[1, 1], [2, 2]],
        "value": 18,
        "utility": {"1": 0, "2": 0},
        "price": {"1": 15, "2": 3},
        "proved": True,
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (json.dumps(BARE).replace('"weight": 9', '"weight": NaN'), "NaN"),
        (json.dumps(BARE).replace('"weight": 9', '"weight": 1e400'), "weight inf"),
        (json.dumps(BARE).replace('"weight": 9', '"weight": 9.0'), "9.0"),
        (json.dumps(BARE).replace('"weight": 9', f'"weight": {10**30}'), "overflow"),
        (json.dumps(BARE).replace('"capacity": 1}', '"capacity": -1}', 1), "team 1"),
        (json.dumps(BARE).replace('"id": 2', '"id": 1'), "team 1: twice"),
        (json.dumps(BARE).replace('"team": 2', '"team": 3'), "unknown team 3"),
        (json.dumps(BARE | {"pinned": [[1, 2]]}), "pinned 1 and 2"),
        (json.dumps(BARE | {"pinned": [[1, 1]], "forbidden": [[1, 1]]}), "forbidden as well"),
        (json.dumps(BARE)[:-1] + ', "teams": []}', "teams: twice"),
        (json.dumps(BARE)[:-1], "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not an object"),
    ],
    ids=[
        "nan", "infinite", "a float", "too large", "negative capacity", "an id twice",
        "an unknown team", "pinned without a pair", "pinned and forbidden", "a key twice",
        "cut off", "too deep", "a list",
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_by_name_and_writes_nothing(
    site: Flask, tmp_path: Path, text: str, named: str
) -> None:
    done = solved(site, tmp_path, text)
    assert done.exit_code == 2
    assert named in done.output
    assert not (tmp_path / "out.json").exists()


def test_a_world_is_run_and_its_result_checked_without_the_solver(
    site: Flask, tmp_path: Path
) -> None:
    world, again, result = (tmp_path / name for name in ("world.json", "again.json", "run.json"))
    for made in (world, again):
        size = ("--teams", "30", "--children", "70", "--seed", "4")
        assert matching(site, "world", *size, made).exit_code == 0
    assert world.read_bytes() == again.read_bytes()
    assert matching(site, "run", world, result).exit_code == 0
    assert matching(site, "check", result).exit_code == 0

    told = json.loads(result.read_bytes())
    assert told["result"]["matched"]
    told["result"]["matched"].pop()
    result.write_text(json.dumps(told), encoding="utf-8")
    done = matching(site, "check", result)
    assert done.exit_code == 1
    assert "not proved" in done.output


def test_a_world_that_cannot_be_read_is_refused(site: Flask, tmp_path: Path) -> None:
    (tmp_path / "world.json").write_text('{"term": {}}', encoding="utf-8")
    done = matching(site, "run", tmp_path / "world.json", tmp_path / "run.json")
    assert done.exit_code == 2
    assert "world" in done.output
