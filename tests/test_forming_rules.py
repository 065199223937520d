"""Which two volunteers suit each other, and the best pairs of all."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_house import ROOT
from volunteers.rules import Slot
from volunteers.teams.forming.best import rules as best_rules
from volunteers.teams.forming.best.rules import Best, Left, best
from volunteers.teams.forming.best.worker import told_of
from volunteers.teams.forming.rules import (
    Base,
    Bond,
    Near,
    Points,
    Side,
    Terms,
    Why,
    judge,
    minutes,
    near,
    question,
)

SATURDAY = minutes([Slot(5, 9 * 60, 12 * 60)])
HOME = Base(county_id=1)
HERE, FAR = Base(1, tile=(0, 0)), Base(2, tile=(4, 4))


def a_side(id_: int, **given_: Any) -> Side:
    fields: dict[str, Any] = {"woman": True, "experienced": False, "base": HOME, "term": SATURDAY}
    return Side(**fields | {"id": id_} | given_)


def free(weekday: int, start: float, end: float) -> int:
    return minutes([Slot(weekday, int(start * 60), int(end * 60))])


def found(sides: Sequence[Side], terms: Terms | None = None, **given_: Any) -> Best:
    return best(sides, terms or Terms(), given_.get("barred", {}), lambda _done, _total: None)


def ids(pairs: Best) -> list[tuple[int, int]]:
    return [(bond.one, bond.two) for bond in pairs.bonds]


def bond(one: Side, two: Side, terms: Terms | None = None) -> Bond:
    judged = judge(one, two, terms or Terms(), {})
    assert isinstance(judged, Bond)
    return judged


# --- two people ----------------------------------------------------------------------------------


def test_every_part_of_the_points_is_what_the_reasons_say() -> None:
    one = a_side(1, base=Base(1, 7), experienced=True, term=free(5, 9, 12))
    two = a_side(2, base=Base(1, 7), woman=False, term=free(5, 10, 18))
    judged = bond(one, two)
    assert judged.parts == Points(100, 20, 20, 20, 20)
    assert judged.points == 180
    assert judged.reasons == ("time:120:20", "woman:1:20", "school:0:20", "experience:1:20")
    assert sum(int(reason.split(":")[2]) for reason in judged.reasons) == judged.points - 100


@pytest.mark.parametrize(
    ("one", "two", "why"),
    [
        ({"term": free(5, 9, 12)}, {"term": free(5, 11.5, 18)}, Why.NO_TIME),
        ({"term": free(5, 9, 12)}, {"term": free(4, 9, 12)}, Why.NO_TIME),
        ({"term": SATURDAY}, {"term": 0, "breaks": SATURDAY}, Why.NO_TIME),
        (
            {"base": Base(1, tile=(0, 0))},
            {"base": Base(2, tile=(4, 1))},
            Why.TOO_FAR,
        ),
    ],
)
def test_a_rule_that_says_no_is_not_outweighed(
    one: dict[str, Any], two: dict[str, Any], why: Why
) -> None:
    assert judge(a_side(1, **one), a_side(2, **two), Terms(), {}) is why


@pytest.mark.parametrize("why", [Why.TOGETHER, Why.REFUSED])
def test_who_is_together_or_was_refused_is_not_paired_in_either_order(why: Why) -> None:
    barred = {(1, 2): why}
    assert judge(a_side(1), a_side(2), Terms(), barred) is why
    assert judge(a_side(2), a_side(1), Terms(), barred) is why


def test_time_in_term_and_in_breaks_is_not_added_up() -> None:
    one = a_side(1, term=free(5, 9, 10), breaks=free(1, 9, 12))
    two = a_side(2, term=free(5, 9, 10), breaks=free(1, 9, 12))
    judged = bond(one, two)
    assert (judged.minutes, judged.in_term) == (180, False)
    assert judged.reasons[0] == "break:180:30"


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        (Base(1, 7), Base(1, 7), (Near.SCHOOL, 0)),
        (Base(1, 7, 5), Base(1, 8, 5), (Near.UNIVERSITY, 0)),
        (Base(1, 7), Base(1, 8), (Near.COUNTY, 0)),
        (Base(1), Base(1), (Near.COUNTY, 0)),
        (Base(1, tile=(0, 0)), Base(2, tile=(2, 1)), (Near.TILES, 2)),
        (Base(1, tile=(0, 0)), Base(2), (Near.UNKNOWN, 0)),
    ],
)
def test_how_near_two_people_are(one: Base, two: Base, told: tuple[Near, int]) -> None:
    assert near(one, two) == near(two, one) == told


def test_two_men_get_no_points_for_a_woman_and_two_women_no_more_than_one() -> None:
    men = bond(a_side(1, woman=False), a_side(2, woman=False))
    mixed = bond(a_side(1, woman=False), a_side(2))
    women = bond(a_side(1), a_side(2))
    assert [one.parts.woman for one in (men, mixed, women)] == [0, 20, 20]


# --- all of them ---------------------------------------------------------------------------------


def test_the_best_pairs_beat_taking_the_best_pair_first() -> None:
    """B and C suit each other best; then A and D would stay alone."""
    a = a_side(1, term=free(0, 9, 11))
    b = a_side(2, term=free(0, 9, 11) | free(1, 9, 13))
    c = a_side(3, term=free(1, 9, 13) | free(2, 9, 11))
    d = a_side(4, term=free(2, 9, 11))
    pairs = found([a, b, c, d])
    assert ids(pairs) == [(1, 2), (3, 4)]
    assert (pairs.greedy_pairs, pairs.greedy_points) == (1, 170)
    assert pairs.points == 2 * 150
    assert pairs.left == ()


def test_women_are_spread_over_the_pairs() -> None:
    sides = [a_side(1), a_side(2), a_side(3, woman=False), a_side(4, woman=False)]
    assert all(one.parts.woman for one in found(sides).bonds)


@pytest.mark.parametrize(
    ("sides", "left"),
    [
        ([a_side(1)], Left(1, Why.ALONE)),
        ([a_side(1, term=0), a_side(2), a_side(3)], Left(1, Why.NO_FREE_TIME)),
        ([a_side(1, against=Why.NOT_CLEARED), a_side(2), a_side(3)], Left(1, Why.NOT_CLEARED)),
        ([a_side(1, against=Why.FULL), a_side(2), a_side(3)], Left(1, Why.FULL)),
        ([a_side(1, term=free(2, 9, 12)), a_side(2), a_side(3)], Left(1, Why.NO_TIME, 2)),
        (
            [a_side(1, base=FAR), a_side(2, base=HERE), a_side(3, base=HERE)],
            Left(1, Why.TOO_FAR, 2),
        ),
        ([a_side(1), a_side(2, experienced=True), a_side(3, experienced=True)], None),
    ],
)
def test_whoever_is_left_is_told_why(sides: list[Side], left: Left | None) -> None:
    pairs = found(sides)
    assert len(pairs.left) == len(sides) - 2 * len(pairs.bonds)
    if left is not None:
        assert pairs.left == (left,)
    else:
        assert pairs.left[0].why is Why.OTHERS
        assert pairs.left[0].many == 2


def test_nobody_at_all_is_no_pairs() -> None:
    assert found([]) == Best((), (), True, 0, 0, 0)


times = st.lists(
    st.sampled_from([Slot(day, at * 60, (at + 2) * 60) for day in range(2) for at in (9, 10, 14)]),
    max_size=3,
).map(minutes)
bases = st.builds(
    Base,
    st.integers(1, 2),
    st.sampled_from([None, 7, 8]),
    st.sampled_from([None, 5]),
    st.sampled_from([None, (0, 0), (5, 5)]),
)
people = st.lists(
    st.builds(
        Side,
        id=st.integers(1, 99),
        woman=st.booleans(),
        experienced=st.booleans(),
        base=bases,
        term=times,
        breaks=times,
        against=st.sampled_from([None, None, None, Why.FULL]),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)


def most(sides: Sequence[Side]) -> int:
    """Return the most points that any pairs of these people have together: all are tried."""
    if len(sides) < 2:
        return 0
    first, *rest = sides
    tries = [most(rest)]
    for place, other in enumerate(rest):
        judged = judge(first, other, Terms(), {})
        if isinstance(judged, Bond):
            tries.append(judged.points + most(rest[:place] + rest[place + 1 :]))
    return max(tries)


@given(people)
def test_no_other_pairs_have_more_points(sides: list[Side]) -> None:
    pairs = found(sides)
    assert pairs.points == most([one for one in sides if one.against is None])
    assert pairs.points >= pairs.greedy_points
    taken = [id_ for one in pairs.bonds for id_ in (one.one, one.two)]
    assert sorted(taken + [one.id for one in pairs.left]) == sorted(one.id for one in sides)


@given(people, st.randoms(use_true_random=False))
def test_the_order_people_come_in_changes_nothing(sides: list[Side], chance: Random) -> None:
    shuffled = list(sides)
    chance.shuffle(shuffled)
    assert found(shuffled) == found(sides)


@given(people)
def test_above_the_limit_the_best_pair_comes_first(sides: list[Side]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(best_rules, "MOST_OPTIMAL", -1)
        pairs = found(sides)
    assert not pairs.optimal
    assert (len(pairs.bonds), pairs.points) == (pairs.greedy_pairs, pairs.greedy_points)
    free_ = [one for one in sides if one.id in {left.id for left in pairs.left}]
    assert most([one for one in free_ if one.against is None]) == 0, "two more would suit"


# --- apart ---------------------------------------------------------------------------------------


def a_row(id_: int, **given_: Any) -> dict[str, Any]:
    fields = {
        "woman": True, "experienced": False, "county_id": 1, "org_id": None, "parent_id": None,
        "tile": None, "term": [[5, 540, 720]], "breaks": [], "against": None,
    }  # fmt: skip
    return fields | {"id": id_} | given_


def test_a_process_of_its_own_gives_the_same_answer() -> None:
    rows = [a_row(1, tile=[0, 1]), a_row(2), a_row(3, against="full"), a_row(4, woman=False)]
    asked = question(rows, asdict(Terms()), [(2, 4, Why.REFUSED)])
    done = subprocess.run(
        [sys.executable, "-s", "-m", "volunteers.teams.forming.best.worker"],
        input=json.dumps(asked), capture_output=True, check=True, text=True, cwd=ROOT, env={},
    )  # fmt: skip
    *told, said = (json.loads(line) for line in done.stdout.splitlines())
    assert told == [{"at": [0, 3]}]
    sides = [
        a_side(1, base=Base(1, tile=(0, 1))), a_side(2), a_side(3, against=Why.FULL),
        a_side(4, woman=False),
    ]  # fmt: skip
    assert said == told_of(found(sides, barred={(2, 4): Why.REFUSED}))
    assert len(said["pairs"]) == 1
