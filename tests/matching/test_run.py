"""Whole runs: proved over all pairs, the same in any order of rows, with what stands left alone."""

import random
from dataclasses import replace

import pytest

from pairings.matching.branching import TooTangled
from pairings.matching.judging import judge
from pairings.matching.model import Code, World
from pairings.matching.preparing import Alarm, Refused
from pairings.matching.run import run
from pairings.matching.synthetic import synthetic
from pairings.matching.weighing import Weighing, tier_of
from tests.matching.oracles import best_of_world, by_flow
from tests.matching.worlds import (
    FAR,
    MONDAY,
    POLICY,
    TUESDAY,
    a_child,
    a_member,
    a_tangle,
    a_team,
    a_world,
)


@pytest.mark.parametrize("more", [1, 12])
def test_the_price_loop_ends_at_the_optimum_over_all_pairs(
    monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    """With one pair more a turn what stands is mended, with many it is begun anew."""
    monkeypatch.setattr("pairings.matching.supply.FIRST", 2)
    monkeypatch.setattr("pairings.matching.supply.MORE", more)
    world = synthetic(150, 300, 3)

    whole, looped = run(world), run(world, most_pairs=0)

    assert whole.complete
    assert not looped.complete
    assert looped.turns > 1
    assert looped.matched() == whole.matched()
    assert looped.worth == whole.worth


def test_the_optimum_is_that_of_a_flow_over_every_feasible_pair() -> None:
    world = synthetic(12, 30, 5)

    found = run(world)

    assert found.worth == by_flow(found.root.problem) > 0


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_moves_nobody(seed: int) -> None:
    world = synthetic(60, 120, 7)
    teams, children = list(world.teams), list(world.children)
    random.Random(seed).shuffle(teams)
    random.Random(seed).shuffle(children)

    shuffled = run(replace(world, teams=tuple(teams), children=tuple(children)))

    assert shuffled.matched() == run(world).matched()


def test_equal_children_and_teams_are_told_apart_by_their_ids_alone() -> None:
    """Everything is a tie here; begun anew and mended from another state it is the same."""
    teams, children = [a_team(one) for one in range(1, 6)], [a_child(one) for one in range(1, 9)]

    whole = run(a_world(teams, children))
    looped = run(a_world(teams[::-1], children[::-1]), most_pairs=0)

    assert whole.matched() == looped.matched()
    assert len(whole.matched()) == 8


def test_nobody_waits_behind_a_less_urgent_child() -> None:
    one_place = a_team(capacity=1)
    overdue = a_child(1, waiting=60, dialect="none", needs=frozenset({"art"}))
    risky = a_child(2, risk=3)
    perfect = a_child(3, known=frozenset({1}), proposed=1)

    found = run(a_world([one_place], [perfect, risky, overdue]))

    assert found.matched() == [(1, 1, 0)]


def test_strict_tiers_serve_as_many_children_as_points_alone() -> None:
    strict = synthetic(120, 260, 11)
    soft = replace(strict, policy=replace(strict.policy, strict=False))

    first, second = run(strict), run(soft)

    assert len(first.matched()) == len(second.matched())
    assert first.matched() != second.matched()


def test_a_team_is_not_at_two_children_in_one_slot() -> None:
    children = [a_child(1, free=MONDAY), a_child(2, free=MONDAY), a_child(3, free=TUESDAY)]

    found = run(a_world([a_team(capacity=2)], children))

    assert len(found.matched()) == 2
    assert {slot for _child, _team, slot in found.matched()} == {0, 3}


def test_a_pinned_pair_leaves_the_problem_with_its_place_and_slot() -> None:
    world = a_world(
        [a_team(capacity=3, members=(a_member(places=3), a_member(places=3)))],
        [a_child(1), a_child(2, free=MONDAY), a_child(3)],
        pinned=((1, 1, 0),),
    )

    found = run(world)

    assert found.alarms == ()
    assert found.matched() == [(3, 1, 3)]


def test_a_pinned_pair_that_breaks_a_rule_is_an_alarm_and_keeps_its_place() -> None:
    lapsed = (a_member(), a_member(cleared_until=POLICY.tables.since))
    world = a_world(
        [a_team(1, members=lapsed, capacity=1), a_team(2, flagged=True)],
        [a_child(1), a_child(2), a_child(3), a_child(4, free=TUESDAY)],
        pinned=((1, 1, 0), (2, 1, 3), (4, 2, 0)),
    )

    found = run(world)

    assert found.alarms == (
        Alarm(1, 1, (Code.CLEARANCE,)),
        Alarm(2, 1, (Code.CLEARANCE, Code.LOAD)),
        Alarm(4, 2, (Code.SAFEGUARDING,)),
    )
    assert found.matched() == []


def test_a_pinned_pair_in_a_slot_it_does_not_share_is_an_alarm() -> None:
    world = a_world([a_team()], [a_child(free=MONDAY)], pinned=((1, 1, 3),))

    assert run(world).alarms == (Alarm(1, 1, (Code.TIME,)),)


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_siblings_together_and_apart_come_out_as_if_everything_had_been_tried(seed: int) -> None:
    world = a_tangle(seed)

    assert run(world).worth == best_of_world(world)
    assert run(world, most_pairs=0).worth == best_of_world(world)


def test_siblings_take_a_place_each_and_one_slot() -> None:
    world = a_world([a_team(capacity=2)], [a_child(1), a_child(2), a_child(3)], together=((2, 1),))

    found = run(world)

    assert found.matched() == [(1, 1, 0)] or found.matched() == [(3, 1, 0)]
    assert [child.id for child in found.world.children] == [1, 3]


def test_those_apart_go_to_different_teams() -> None:
    teams = [a_team(1, years=0), a_team(2, years=9)]
    world = a_world(teams, [a_child(1), a_child(2)], apart=((1, 2),))

    assert {team for _child, team, _slot in run(world).matched()} == {1, 2}
    better = run(replace(world, apart=()))
    assert {team for _child, team, _slot in better.matched()} == {2}


def test_too_many_entangled_wishes_are_refused_rather_than_guessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pairings.matching.branching.MOST_LEAVES", 1)
    many = [a_child(one) for one in range(1, 5)]

    with pytest.raises(TooTangled):
        run(
            a_world(
                [a_team(1), a_team(2)], many, apart=((1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4))
            )
        )


def test_no_pair_of_a_run_breaks_a_rule() -> None:
    world = synthetic(80, 160, 13)
    teams = {team.id: team for team in world.teams}
    children = {child.id: child for child in world.children}

    for child, team, slot in run(world).matched():
        verdict = judge(children[child], teams[team], world)
        assert verdict.against == ()
        assert verdict.slots >> slot & 1


WRONG: list[tuple[str, World]] = [
    ("team 1: twice", a_world([a_team(), a_team()], [])),
    ("child 1: twice", a_world([], [a_child(), a_child()])),
    ("team 1: capacity -1", a_world([a_team(capacity=-1)], [])),
    ("team 1: lanes -1", a_world([a_team(lanes=-1)], [])),
    ("team 1: unknown place", a_world([a_team(base=99)], [])),
    ("child 1: unknown place", a_world([], [a_child(spot=99)])),
    ("child 1: slots outside", a_world([], [a_child(free=1 << 62)])),
    ("team 1: slots outside", a_world([a_team(members=(a_member(free=-1),))], [])),
    ("child 1: a group of 0", a_world([], [a_child(size=0)])),
    ("pinned 1 and 9: unknown", a_world([a_team()], [a_child()], pinned=((1, 9, 0),))),
    ("pinned 1 and 1: slot 70", a_world([a_team()], [a_child()], pinned=((1, 1, 70),))),
    (
        "pinned child 1: twice",
        a_world([a_team()], [a_child()], pinned=((1, 1, 0), (1, 1, 3))),
    ),
    ("together or apart: unknown child 7", a_world([], [a_child()], apart=((1, 7),))),
    ("child together 1: twice", a_world([], [a_child()], together=((1, 1),))),
    ("child 1 and 1: together and apart", a_world([], [a_child()], apart=((1, 1),))),
    (
        "child 2 and 1: together and apart",
        a_world([], [a_child(1), a_child(2)], together=((1, 2),), apart=((2, 1), (1, 2))),
    ),
    (
        "together 1: not in one place",
        a_world([], [a_child(1), a_child(2, spot=FAR)], together=((1, 2),)),
    ),
    (
        "together 1: one of them stands",
        a_world([a_team()], [a_child(1), a_child(2)], together=((1, 2),), pinned=((1, 1, 0),)),
    ),
]


@pytest.mark.parametrize(("fault", "world"), WRONG, ids=[fault for fault, _world in WRONG])
def test_what_cannot_be_right_is_refused_by_name(fault: str, world: World) -> None:
    with pytest.raises(Refused, match=fault):
        run(world)


def test_urgency_that_does_not_fit_into_64_bits_is_refused() -> None:
    huge = replace(POLICY, day_points=1 << 40)

    with pytest.raises(ValueError, match="64 bits"):
        Weighing.of(a_world([], [a_child()], policy=huge))
    with pytest.raises(ValueError, match="negative"):
        Weighing.of(a_world([], [], policy=replace(POLICY, base_points=-1)))


def test_a_clock_that_ran_backwards_makes_nobody_less_urgent_than_new() -> None:
    world = a_world([], [a_child()])
    weighing = Weighing.of(world)

    assert weighing.bonus(a_child(waiting=-5)) == weighing.bonus(a_child(waiting=0))
    assert tier_of(a_child(waiting=-5), POLICY) == 0


def test_empty_worlds_are_matched() -> None:
    assert run(a_world([], [])).matched() == []
    assert run(a_world([a_team()], [])).matched() == []
    assert run(a_world([], [a_child()])).matched() == []
    assert run(a_world([a_team()], [a_child(free=0)])).matched() == []


def test_a_run_can_be_stopped_from_outside() -> None:
    def stop(step: str, _done: int) -> None:
        raise InterruptedError(step)

    with pytest.raises(InterruptedError, match="pairs"):
        run(synthetic(20, 20, 1), told=stop)


def test_the_same_seed_makes_the_same_world() -> None:
    assert synthetic(20, 30, 4) == synthetic(20, 30, 4)
    assert synthetic(20, 30, 4) != synthetic(20, 30, 5)
