"""Rules and points of one pair, and that all teams at once are judged the same."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairings.matching.field import Field
from pairings.matching.judging import judge
from pairings.matching.model import Child, Code, Factor, Season, Tables, Team, World, step
from pairings.matching.synthetic import synthetic
from tests.matching.worlds import (
    FAR,
    LATE,
    MONDAY,
    NEAR,
    NOWHERE,
    PLACES,
    POLICY,
    TERM,
    TUESDAY,
    a_child,
    a_member,
    a_team,
    a_world,
)

MAN = {"woman": False}
LAPSED = {"cleared_until": TERM.end - timedelta(days=1)}


def against(child: Child, team: Team) -> tuple[Code, ...]:
    return judge(child, team, a_world([team], [child])).against


def test_a_team_that_suits_gets_points_for_each_factor() -> None:
    found = judge(a_child(), a_team(), a_world([], []))

    assert found.against == ()
    assert dict(found.points) == {
        Factor.DISTANCE: 300,
        Factor.NEEDS: 250,
        Factor.SLOTS: 100,
        Factor.TRAINING: 40,
        Factor.DIALECT: 80,
        Factor.EXPERIENCE: 20,
        Factor.AGE: 60,
        Factor.CONTINUITY: 0,
        Factor.INERTIA: 0,
    }
    assert found.score == 850
    assert found.slots == MONDAY | TUESDAY


RULES: list[tuple[Code, dict[str, Any], dict[str, Any]]] = [
    (Code.SAFEGUARDING, {}, {"flagged": True}),
    (Code.CLEARANCE, {}, {"members": (a_member(), a_member(**LAPSED))}),
    (Code.CLEARANCE, {}, {"members": (a_member(), a_member(cleared_from=date(2027, 3, 2)))}),
    (Code.TERM, {}, {"until": TERM.end - timedelta(days=1)}),
    (Code.LOAD, {}, {"capacity": 0}),
    (Code.LOAD, {}, {"members": (a_member(places=0), a_member())}),
    (Code.LOAD, {"size": 3}, {}),
    (Code.CONFLICT, {"against": ((1, Code.CONFLICT),)}, {}),
    (Code.FORBIDDEN, {"against": ((1, Code.FORBIDDEN),)}, {}),
    (Code.ENDED, {"against": ((1, Code.ENDED),)}, {}),
    (Code.TRAINING, {"risk": 3}, {"members": (a_member(training=2), a_member())}),
    (Code.WOMEN, {"girl": True}, {"members": (a_member(**MAN), a_member(**MAN))}),
    (Code.LANGUAGE, {"languages": frozenset({"sign"})}, {}),
    (Code.ATTACHMENT, {"institution": True, "losses": 2}, {}),
    (Code.PLACE, {"spot": NOWHERE}, {}),
    (Code.REACH, {"spot": FAR}, {}),
    (Code.TIME, {"free": 1 << 6}, {}),
]


@pytest.mark.parametrize(("code", "child", "team"), RULES)
def test_each_rule_speaks_for_itself(
    code: Code, child: dict[str, Any], team: dict[str, Any]
) -> None:
    assert against(a_child(**child), a_team(**team)) == (code,)


def test_a_rule_for_every_code_is_tested() -> None:
    assert {code for code, _child, _team in RULES} == {*Code}


def test_a_third_adult_whose_clearance_ends_does_not_spoil_a_team() -> None:
    assert against(a_child(), a_team(members=(a_member(), a_member(), a_member(**LAPSED)))) == ()


def test_the_woman_has_to_be_free_when_the_girl_is() -> None:
    woman = a_member(free=TUESDAY)
    team = a_team(members=(woman, a_member(**MAN), a_member(**MAN)))

    assert against(a_child(girl=True, free=MONDAY), team) == (Code.TIME,)
    assert against(a_child(free=MONDAY), team) == ()


def test_at_high_risk_only_the_well_trained_count_towards_two() -> None:
    team = a_team(members=(a_member(), a_member(free=TUESDAY), a_member(training=1)))

    assert judge(a_child(risk=3), team, a_world([], [])).slots == TUESDAY


def test_the_way_there_and_back_has_to_fit_into_the_slot() -> None:
    """An hour and a half hold a visit of an hour and a quarter of an hour each way at most."""
    team = a_team(members=(a_member(free=LATE), a_member(free=LATE)))

    assert POLICY.minutes(PLACES[1], PLACES[NEAR]) == 10
    assert against(a_child(free=LATE, spot=NEAR), team) == ()
    slow = replace(POLICY, metres_a_minute=500)
    world = replace(a_world([], []), policy=slow)
    assert judge(a_child(free=LATE, spot=NEAR), team, world).against == (Code.TIME,)


def test_students_set_out_from_home_in_breaks() -> None:
    world = a_world([], [], term=replace(TERM, season=Season.BREAK))

    assert judge(a_child(spot=FAR), a_team(), world).against == ()
    assert judge(a_child(), a_team(), world).against == (Code.REACH,)


def test_a_team_that_a_child_in_care_knows_may_come_back() -> None:
    child = a_child(institution=True, losses=5, known=frozenset({1}))
    found = judge(child, a_team(), a_world([], []))

    assert found.against == ()
    assert dict(found.points)[Factor.CONTINUITY] == 150


def test_a_proposal_that_stands_has_inertia() -> None:
    assert dict(judge(a_child(proposed=1), a_team(), a_world([], [])).points)[Factor.INERTIA] == 50


def test_a_roster_needs_two_adults_for_each_child_it_visits_at_once() -> None:
    three = a_team(members=(a_member(), a_member(), a_member()), lanes=2, capacity=9)
    four = replace(three, members=(*three.members, a_member()))

    assert against(a_child(), three) == (Code.TIME,)
    assert against(a_child(), four) == ()


def test_beyond_the_last_bound_there_are_no_points() -> None:
    assert [step(((10, 5), (20, 3)), value) for value in (0, 10, 11, 20, 21)] == [5, 5, 3, 3, 0]


def test_points_below_nothing_or_too_many_are_refused() -> None:
    for tables in (
        Tables("x", TERM.start, needs=-1),
        Tables("x", TERM.start, slots=((9, -1),)),
        Tables("x", TERM.start, inertia=70_000),
    ):
        with pytest.raises(ValueError, match="tables"):
            Field(a_world([], [], policy=replace(POLICY, tables=tables)))


def _with_extras(world: World, ids: list[int]) -> World:
    """Give some children what only certain pairs have."""
    first, second, third, fourth = ids
    changed: dict[int, dict[str, Any]] = {
        first: {"known": frozenset({second}), "proposed": third},
        second: {"institution": True, "losses": 3, "known": frozenset({first, fourth})},
        third: {"against": ((first, Code.FORBIDDEN), (fourth, Code.CONFLICT)), "size": 2},
        fourth: {"spot": next(iter(world.places)), "girl": True, "free": (1 << 21) - 1},
    }
    lost = replace(world.places[world.children[first].spot], east=None)
    return replace(
        world,
        places=world.places | {lost.id: lost},
        children=tuple(
            replace(child, **changed[child.id]) if child.id in changed else child
            for child in world.children
        ),
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(1, 5)))
def test_all_teams_at_once_are_judged_as_one_by_one(seed: int, ids: list[int]) -> None:
    world = _with_extras(synthetic(30, 12, seed), ids)
    field = Field(world)
    for child in world.children:
        found = {world.teams[team].id: (points, at) for team, points, at in field.pairs(child)}
        one_by_one = {team.id: judge(child, team, world) for team in world.teams}
        assert found == {
            one: (verdict.score, verdict.slots)
            for one, verdict in one_by_one.items()
            if not verdict.against
        }


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 3000), min_size=5, max_size=5))
def test_no_points_let_a_team_past_a_rule(seed: int, points: list[int]) -> None:
    """The rules are asked again here from the raw records."""
    world = synthetic(30, 10, seed)
    needs, dialect, age, continuity, inertia = points
    tables = Tables("hostile", TERM.start, needs=needs, dialect=dialect, age=age,
                    continuity=continuity, inertia=inertia)  # fmt: skip
    world = replace(world, policy=replace(world.policy, tables=tables))
    field = Field(world)
    for child in world.children:
        for number, _points, _slots in field.pairs(child):
            team = world.teams[number]
            counted = [
                member
                for member in team.members
                if member.cleared_from <= world.term.start
                and member.cleared_until >= world.term.end
                and member.training >= (1, 1, 2, 3)[child.risk]
            ]
            assert len(counted) >= 2
            assert not child.girl or any(member.woman for member in counted)
            assert not team.flagged
            assert team.until >= world.term.end
