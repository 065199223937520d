"""The compiled twin: it is there where a compiler is, and says what Python says, bit for bit."""

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from pairings.matching import changing
from pairings.matching import run as running
from pairings.matching.document import digest, document
from pairings.matching.field import Field
from pairings.matching.kernel import loading as built
from pairings.matching.kernel.solving import underpaid
from pairings.matching.model import Code, Place, World
from pairings.matching.run import run
from pairings.matching.solver.certificate import NotProved, prove
from pairings.matching.solver.problem import MOST, Options, Problem
from pairings.matching.solver.solve import placed, solve
from pairings.matching.solver.standing import Standing
from pairings.matching.supply import Pairs
from pairings.matching.synthetic import synthetic
from pairings.matching.weighing import Weighing
from tests.matching.oracles import a_problem, some_pairs
from tests.matching.worlds import a_child, a_tangle, a_team, a_world

ROOT = Path(__file__).parents[2]
Found = TypeVar("Found")
pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")


@pytest.fixture(scope="module", autouse=True)
def the_library() -> None:
    """Build it as `make setup` does; where it is built already this does nothing."""
    subprocess.run([sys.executable, ROOT / "scripts/build-kernel"], check=True)
    built.load.cache_clear()


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Found]], tuple[Found, Found]]:
    """Do something with the library, then without it."""

    def asked(work: Callable[[], Found]) -> tuple[Found, Found]:
        monkeypatch.delenv("TONGXING_KERNEL", raising=False)
        assert built.compiled() is not None
        compiled = work()
        monkeypatch.setenv("TONGXING_KERNEL", "off")
        assert built.compiled() is None
        return compiled, work()

    return asked


Both = Callable[[Callable[[], Found]], tuple[Found, Found]]


def shape(standing: Standing) -> tuple[object, ...]:
    """Return all of a standing, orders included: what is found later depends on them."""
    return (
        standing.team_of,
        standing.slot_of,
        standing.utility,
        standing.price,
        standing.steep,
        standing.load,
        standing.full,
        [list(held.items()) for held in standing.at],
        standing.problem.options,
    )


def test_it_is_built_where_a_compiler_is() -> None:
    assert built.load(built.BUILT) is not None


def test_two_thousand_problems_end_where_python_ends(both: Both[list[tuple[object, ...]]]) -> None:
    def work() -> list[tuple[object, ...]]:
        found = []
        for seed in range(2000):
            chance = random.Random(seed)
            teams, children = chance.choice(((4, 6), (8, 20), (20, 60)))
            problem = a_problem(chance, teams=teams, children=children, slots=chance.randint(1, 9))
            found.append(shape(placed(problem, chance.choice((1, 7)))))
        return found

    compiled, python = both(work)
    assert compiled == python


def test_bidding_alone_ends_where_python_ends(both: Both[list[tuple[object, ...]]]) -> None:
    """Places are kept then in slots whose price nobody has paid yet."""
    kept = []

    def work() -> list[tuple[object, ...]]:
        found = []
        for seed in range(300):
            chance = random.Random(seed)
            made = placed(a_problem(chance, teams=12, children=40, slots=3), 5, whole=False)
            here = [sum(map(len, held.values())) for held in made.at]
            kept.append(sum(made.load) - sum(here))
            found.append(shape(made))
        return found

    compiled, python = both(work)
    assert compiled == python
    assert max(kept) > 0
    assert min(kept) >= 0


@pytest.mark.parametrize("few", [1, 20])
def test_price_loops_take_the_same_turns(
    monkeypatch: pytest.MonkeyPatch, both: Both[tuple[object, ...]], few: int
) -> None:
    """Begun with two pairs a child; with `few` at 1 nearly every turn is mended, not begun anew."""
    monkeypatch.setattr("pairings.matching.supply.FIRST", 2)
    monkeypatch.setattr("pairings.matching.supply.MORE", 2)
    monkeypatch.setattr(running, "FEW", few)
    turns = 0
    for seed in range(25):
        world = a_world_of_all_kinds(seed)

        def work(world: World = world) -> tuple[object, ...]:
            made = run(world, most_pairs=0)
            return made.turns, made.worth, made.matched(), shape(made.root), shape(made.standing)

        compiled, python = both(work)
        assert compiled == python, seed
        turns = max(turns, int(str(compiled[0])))
    assert turns > 2


def a_world_of_all_kinds(seed: int) -> World:
    """Return a world with rosters, teams without slots, ties, refusals, and either urgency."""
    chance = random.Random(seed)
    world = synthetic(chance.randint(20, 90), chance.randint(20, 220), seed)
    teams = tuple(
        replace(team, lanes=chance.choice((0, 1, 1, 1, 2)), reach=team.reach * chance.randint(1, 4))
        for team in world.teams
    )
    children = tuple(
        replace(
            child,
            known=frozenset(chance.sample(range(1, 20), 2)),
            proposed=chance.choice((None, 1, 2, 3)),
            against=((chance.randint(1, 20), Code.FORBIDDEN),),
        )
        for child in world.children
    )
    near = tuple((one, other) for one in range(1, 12) for other in range(one + 1, 12, 2))
    between = chance.choice((None, (), near))
    policy = replace(world.policy, strict=chance.random() < 0.5, between=between)
    places = {id_: unsure(place, chance) for id_, place in world.places.items()}
    return replace(world, teams=teams, children=children, policy=policy, places=places)


def unsure(place: Place, chance: random.Random) -> Place:
    """Return a place that may be off by some metres, or of which only the county is known."""
    rough = chance.choice((0, 1, 5_000))
    known = chance.random() < 0.8
    return Place(
        place.id, place.county, *(place.east, place.north) if known else (None, None), rough
    )


@pytest.mark.parametrize("seed", range(12))
def test_stored_runs_have_the_same_sum(both: Both[str], seed: int) -> None:
    """With siblings together and apart, with and without the price loop, and a pair that stands."""
    world = a_tangle(seed)
    for one in (world, replace(world, pinned=((7, 1, 0),), apart=())):
        for most in (0, 10**6):

            def work(one: World = one, most: int = most) -> str:
                return digest(document(one, run(one, most_pairs=most)))

            compiled, python = both(work)
            assert compiled == python


def test_a_change_after_either_is_the_same(both: Both[list[object]]) -> None:
    world = synthetic(40, 90, 4)

    def work() -> list[object]:
        made = run(world, most_pairs=0)
        teams = sorted({team for _child, team, _slot in made.matched()})[:8]
        return [(one.cost, one.moves) for one in (changing.team_out(made, team) for team in teams)]

    compiled, python = both(work)
    assert compiled == python


def pairs_of(world: World) -> tuple[list[Options], bool]:
    pairs = Pairs(Field(world), Weighing.of(world), world.children)
    return pairs.first(10**6, lambda _step, _done: None)


def test_candidates_are_the_same_pair_for_pair(both: Both[tuple[list[Options], bool]]) -> None:
    for seed in range(8):
        world = a_world_of_all_kinds(seed)
        compiled, python = both(partial(pairs_of, world))
        assert compiled == python


@pytest.mark.parametrize("axis", [0, 1, 799, 800, 801, 27_692, 27_693, 1 << 29, -(1 << 29), None])
def test_ways_are_rounded_as_python_rounds_them(
    both: Both[tuple[list[Options], bool]], axis: int | None
) -> None:
    world = a_world([a_team(reach=10**7)], [a_child(spot=9)])
    policy = replace(world.policy, slot_minutes=(10**8,) * 21)
    places = world.places | {9: Place(9, 1, axis, 3)}
    compiled, python = both(lambda: pairs_of(replace(world, policy=policy, places=places)))
    assert compiled == python
    assert bool(compiled[0][0].teams) == (axis is not None)


def test_what_does_not_fit_is_left_to_python(both: Both[tuple[list[Options], bool]]) -> None:
    many = frozenset(f"skill {one}" for one in range(70))
    far = {9: Place(9, 1, 1 << 40, 0)}
    base = a_world([a_team(reach=10**12)], [a_child(needs=many)])
    for world in (
        base,
        replace(base, children=(a_child(spot=9),), places=base.places | far),
        replace(base, children=(a_child(free=1 << 61),)),
    ):
        compiled, python = both(partial(pairs_of, world))
        assert compiled == python


@pytest.mark.parametrize("weight", [MOST, -MOST])
def test_weights_beyond_its_bits_are_left_to_python(both: Both[int], weight: int) -> None:
    problem = Problem([1], [0], [Options.of([(0, weight, 1)]), Options.of([(0, 5, 1)])])
    compiled, python = both(lambda: solve(problem).solution().value)
    assert compiled == python == max(weight, 5)


def test_it_finds_every_pair_that_is_underpaid(both: Both[str]) -> None:
    chance = random.Random(11)
    options = [Options.of(some_pairs(chance, range(9), 3, 50)) for _child in range(30)]
    problem = Problem([2] * 9, [0, 1, 2] * 3, options)
    found = solve(problem).solution()
    assert underpaid(problem, found) is False
    lowered = 0
    for child, utility in enumerate(found.utility):
        if not utility:
            continue
        lowered += 1
        less = [*found.utility[:child], utility - 1, *found.utility[child + 1 :]]
        compiled, python = both(partial(said, problem, less))
        assert compiled == python
        assert "worth more" in python
    assert lowered > 5


def said(problem: Problem, utility: list[int]) -> str:
    found = solve(problem).solution()
    try:
        prove(problem, replace(found, utility=utility))
    except NotProved as fault:
        return str(fault)
    return ""


def test_a_library_of_other_sources_is_not_used(tmp_path: Path) -> None:
    other = tmp_path / "other.so"
    source = tmp_path / "other.c"
    source.write_text(
        'const char *kernel_source(void) { return "0"; } long long kernel_word(void) { return 8; }'
    )
    subprocess.run(["cc", "-shared", "-fPIC", source, "-o", other], check=True)
    (tmp_path / "broken.so").write_bytes(b"not a library")

    for name in ("other.so", "broken.so", "missing.so"):
        assert built.load(tmp_path / name) is None


def test_a_compiler_that_fails_leaves_the_site_as_it_is() -> None:
    """Nothing is built over what is there, setting up goes on, and it is said."""
    before = built.BUILT.read_bytes()
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/build-kernel", "-no-such-flag"],
        capture_output=True, text=True, check=True, cwd=ROOT,  # what is left out counts from here
    )  # fmt: skip
    assert "Python does it alone" in done.stderr
    assert built.BUILT.read_bytes() == before
