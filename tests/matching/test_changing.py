"""One change at a time, tried on a copy: the same as matching anew, and who would move."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from pairings.matching import changing
from pairings.matching.changing import Change, Move
from pairings.matching.model import Code, World
from pairings.matching.preparing import Refused
from pairings.matching.run import Run, run
from pairings.matching.synthetic import synthetic
from tests.matching.worlds import MONDAY, TUESDAY, a_child, a_tangle, a_team, a_world

WORLD = synthetic(60, 110, 21)
RUN = run(WORLD)
Changed = tuple[Callable[[Run], Change], Callable[[World], World]]
"""The change of a run, and of the world it was made from."""


def _without_team(team: int) -> Changed:
    def anew(world: World) -> World:
        return replace(world, teams=tuple(one for one in world.teams if one.id != team))

    return lambda made: changing.team_out(made, team), anew


def _without_child(child: int) -> Changed:
    def anew(world: World) -> World:
        return replace(world, children=tuple(one for one in world.children if one.id != child))

    return lambda made: changing.child_out(made, child), anew


def _forbidden(child: int, team: int) -> Changed:
    def anew(world: World) -> World:
        return replace(
            world,
            children=tuple(
                replace(one, against=((team, Code.FORBIDDEN),)) if one.id == child else one
                for one in world.children
            ),
        )

    return lambda made: changing.forbid(made, child, team), anew


def _with_team(team: int) -> Changed:
    new = replace(WORLD.teams[team], id=1000, capacity=3)

    def anew(world: World) -> World:
        return replace(world, teams=(*world.teams, new))

    return lambda made: changing.team_in(made, new), anew


def _with_child(child: int) -> Changed:
    new = replace(WORLD.children[child], id=1000, waiting=90)

    def anew(world: World) -> World:
        return replace(world, children=(*world.children, new))

    return lambda made: changing.child_in(made, new), anew


def _changes() -> list[Changed]:
    chance = random.Random(3)
    pairs = chance.sample(RUN.matched(), 5)
    found: list[Changed] = []
    for child, team, _slot in pairs:
        found += [_without_team(team), _without_child(child), _forbidden(child, team)]
    found += [_with_team(chance.randrange(60)) for _turn in range(5)]
    return found + [_with_child(chance.randrange(110)) for _turn in range(5)]


@pytest.mark.parametrize("most_pairs", [0, 10**6])
def test_each_change_is_worth_what_matching_anew_is(most_pairs: int) -> None:
    made = run(WORLD, most_pairs=most_pairs)
    for change, anew in _changes():
        after = change(made)
        whole = run(anew(WORLD))
        assert after.run.weighing == whole.weighing
        assert after.run.worth == whole.worth
        assert sorted(after.run.matched()) == whole.matched()
        assert after.cost == RUN.value - whole.value
    assert made.matched() == RUN.matched()


def test_the_list_of_moves_is_who_differs() -> None:
    child, team, _slot = RUN.matched()[0]
    before = {one: at for one, at, _slot in RUN.matched()}

    change = changing.team_out(RUN, team)

    after = {one: at for one, at, _slot in change.run.matched()}
    ids = {one.id for one in WORLD.children}
    differ = {one for one in ids if before.get(one) != after.get(one)}
    assert {move.child for move in change.moves} == differ
    assert child in differ
    for move in change.moves:
        assert (move.before, move.after) == (before.get(move.child), after.get(move.child))


def test_a_place_fewer_costs_what_a_place_more_gives_back() -> None:
    team = RUN.matched()[3][1]

    fewer = changing.places(RUN, team, -1)
    back = changing.places(fewer.run, team, 1)

    assert fewer.cost >= 0
    assert back.cost == -fewer.cost
    assert back.run.matched() == RUN.matched()
    assert changing.places(RUN, team, 50).cost <= 0
    assert changing.places(RUN, team, -50).run.value == changing.team_out(RUN, team).run.value


def _teams(made: Run) -> dict[int, int]:
    return {child: team for child, team, _slot in made.matched()}


def test_a_forced_pair_is_made_and_costs_what_the_best_with_it_is_short_of() -> None:
    better, worse = a_child(1, dialect="qi"), a_child(2, dialect="none", free=MONDAY)
    team, other = a_team(1, capacity=1), a_team(2, capacity=1, years=3)
    made = run(a_world([team, other], [better, worse]))
    at = _teams(made)

    forced = changing.force(made, 1, at[2])

    assert _teams(forced.run) == {1: at[2], 2: at[1]}
    assert set(forced.moves) == {Move(1, at[1], at[2]), Move(2, at[2], at[1])}
    assert forced.cost == made.value - forced.run.value == 0


def test_forcing_for_a_less_urgent_child_leaves_the_urgent_one_without() -> None:
    made = run(a_world([a_team(capacity=1)], [a_child(1, waiting=60), a_child(2)]))

    forced = changing.force(made, 2, 1)

    assert forced.moves == (Move(1, 1, None), Move(2, None, 1))
    assert forced.cost > 4 * made.weighing.tier_points - 1000


def test_no_rule_is_forced() -> None:
    made = run(a_world([a_team(flagged=True), a_team(2, capacity=1)], [a_child()]))

    with pytest.raises(Refused, match="child 1 and team 1: safeguarding"):
        changing.force(made, 1, 1)
    empty = changing.team_out(made, 2).run
    with pytest.raises(Refused, match="no place left"):
        changing.force(empty, 1, 2)


def test_a_proposal_stays_where_little_would_be_gained_by_moving_it() -> None:
    """A better team comes by less than the inertia: nobody moves; by more: somebody does."""
    standing = a_child(1, proposed=1)
    made = run(a_world([a_team(1, years=0)], [standing]))

    slightly = changing.team_in(made, a_team(2, years=2))
    clearly = changing.team_in(made, a_team(3, years=5))

    assert slightly.moves == ()
    assert clearly.moves == (Move(1, 1, 3),)
    assert clearly.cost == -10


def test_a_change_keeps_siblings_within_their_places() -> None:
    for seed in range(0, 40, 2):
        world = a_tangle(seed)
        made = run(world)
        for team in world.teams:
            rest = tuple(one for one in world.teams if one.id != team.id)
            assert (
                changing.team_out(made, team.id).run.worth == run(replace(world, teams=rest)).worth
            )


def test_unknown_and_double_ids_are_refused() -> None:
    with pytest.raises(Refused, match="team 99: unknown"):
        changing.team_out(RUN, 99)
    with pytest.raises(Refused, match="child 999: unknown"):
        changing.child_out(RUN, 999)
    with pytest.raises(Refused, match="team 1: twice"):
        changing.team_in(RUN, a_team(1))
    with pytest.raises(Refused, match="child 1: twice"):
        changing.child_in(RUN, a_child(1))


def test_two_in_one_slot_swap_when_a_third_comes() -> None:
    """Who can meet on either day makes room for one who cannot, without anybody leaving."""
    made = run(a_world([a_team()], [a_child(1)]))
    slot = made.matched()[0][2]

    change = changing.child_in(made, a_child(2, free=MONDAY if slot == 0 else TUESDAY))

    assert len(change.run.matched()) == 2
    assert [move.child for move in change.moves] == [2]
