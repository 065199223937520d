"""Forming teams: the best pairs of 200, 1,000 and 2,000 volunteers, and a greedy pairing beside.

    PYTHONPATH=. .venv/bin/python bench/teams.py [people ...]

Invented people of one county: three in five are women, three in ten experienced, four in five
come from one of twelve schools; free for a few of the week's 21 stretches. Seconds are those of
the worker's own process, from its start to its answer, with every feasible pair. Where networkx
is installed (it is no part of the locks) the same pairs are found by it as well.
"""

import importlib
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from figures import figure

from volunteers.rules import Slot
from volunteers.teams.forming.best.rules import graph_of
from volunteers.teams.forming.rules import Terms, question, side

ROOT = Path(__file__).resolve().parent.parent
SIZES = (200, 1000, 2000)
MOST_SECONDS = {200: 3.0, 1000: 10.0, 2000: 90.0}
MOST_OF_THE_OTHER = 300
"""People up to whom networkx takes seconds; a thousand take it most of a minute."""
TILES = ((3, 0), (4, 0), (2, 1), (3, 1), (4, 1), (1, 2), (2, 2), (3, 2), (4, 2), (0, 3), (1, 3))


def people(many: int, seed: int = 1407) -> list[dict[str, Any]]:
    """Return invented volunteers, the same for the same number."""
    chance = Random(seed)  # noqa: S311 - invented people, not secrets
    schools = [(org, chance.randrange(4)) for org in range(12)]
    return [_person(id_, schools, chance) for id_ in range(many)]


def _person(id_: int, schools: list[tuple[int, int]], chance: Random) -> dict[str, Any]:
    slots = [
        Slot(day, start + chance.choice((0, 30)), start + chance.choice((90, 120, 180)))
        for day in range(7)
        for start in (9 * 60, 14 * 60, 18 * 60)
        if chance.random() < (0.5 if day > 4 else 0.2)
    ]
    org, county = chance.choice(schools) if chance.random() < 0.8 else (None, chance.randrange(11))
    free = [[slot.weekday, slot.start, slot.end] for slot in slots]
    return {
        "id": id_, "woman": chance.random() < 0.62, "experienced": chance.random() < 0.3,
        "county_id": county, "org_id": org, "parent_id": None if org is None else org // 3,
        "tile": TILES[county], "term": free, "breaks": free, "against": None,
    }  # fmt: skip


def measure(many: int) -> None:
    asked = json.dumps(question(people(many), asdict(Terms()), []))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-s", "-m", "volunteers.teams.forming.best.worker"],
        input=asked, capture_output=True, check=True, text=True, cwd=ROOT,
        env={"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = json.loads(done.stdout.splitlines()[-1])
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figure(f"teams, best pairs of {many:,}", seconds, "s", most=MOST_SECONDS.get(many))
    figure(f"teams, memory for {many:,}", after.ru_maxrss / 1024, "MB")
    pairs, points = said["greedy"]
    figure(f"teams, pairs of {many:,} (greedy {pairs:,})", len(said["pairs"]), least=pairs)
    figure(f"teams, points of {many:,} (greedy {points:,})", said["points"], least=points)


def beside(many: int) -> None:
    """Find the same pairs with networkx, if it is there."""
    if importlib.util.find_spec("networkx") is None:
        print("networkx is not installed: nothing to compare with")
        return
    networkx: Any = importlib.import_module("networkx")
    sides = [side(row) for row in people(many)]
    graph = networkx.Graph()
    graph.add_weighted_edges_from(graph_of(sides, Terms(), {}, lambda *_at: None).edges())
    began = time.process_time()
    networkx.max_weight_matching(graph)
    figure(f"teams, networkx alone for {many:,}", time.process_time() - began, "s")


if __name__ == "__main__":
    os.chdir(ROOT)
    sizes = [int(one) for one in sys.argv[1:]] or list(SIZES)
    for size in sizes:
        measure(size)
    for size in sizes:
        if size <= MOST_OF_THE_OTHER:
            beside(size)
