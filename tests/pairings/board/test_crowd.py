"""All teams judged at once for one child: the same as by the judge itself, one by one."""

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pairings.board.crowd.rules import Crowd, in_order, one_by_one
from pairings.board.options.rules import Today, ranking
from pairings.matching.model import Child, Code, Season, World
from pairings.matching.synthetic import synthetic
from tests.matching.worlds import MONDAY, TUESDAY, a_child, a_member, a_team, a_world


def varied(seed: int) -> World:
    """Return a world in which every rule speaks against somebody."""
    chance = Random(seed)
    world = synthetic(30, 12, seed)
    ids = [team.id for team in world.teams]

    def changed(child: Child) -> Child:
        odd: dict[str, Any] = {
            "size": chance.choice((1, 1, 2)),
            "institution": chance.random() < 0.2,
            "losses": chance.randint(0, 3),
            "resting": chance.random() < 0.1,
            "known": frozenset(chance.sample(ids, 2)),
            "against": tuple(
                (team, chance.choice((Code.CONFLICT, Code.FORBIDDEN, Code.ENDED)))
                for team in chance.choices(ids, k=4)
            ),
            "languages": frozenset({"sign"}) if chance.random() < 0.1 else frozenset(),
        }
        return replace(child, **odd)

    lost = replace(world.places[world.children[0].spot], east=None)
    teams = tuple(
        replace(team, flagged=chance.random() < 0.1, capacity=chance.randint(0, 3))
        for team in world.teams
    )
    season = chance.choice(list(Season))
    return replace(
        world,
        term=replace(world.term, season=season),
        places=world.places | {lost.id: lost},
        teams=teams,
        children=tuple(changed(child) for child in world.children),
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_a_crowd_is_judged_as_its_teams_are_one_by_one(seed: int) -> None:
    world = varied(seed)
    crowd = Crowd(world)
    for child in (*world.children, *world.children[:2]):
        found, told = crowd.judged(child), one_by_one(child, world)
        assert found.scores == told.scores
        assert found.against == told.against


def test_every_rule_speaks_in_these_worlds() -> None:
    said = {
        code
        for seed in range(12)
        for child in varied(seed).children
        for codes in one_by_one(child, varied(seed)).against.values()
        for code in codes
    }

    assert said == {*Code}


def test_who_is_free_at_no_time_together_is_told_so_and_nothing_else() -> None:
    apart = a_team(members=(a_member(free=MONDAY), a_member(free=TUESDAY)))

    found = Crowd(a_world([apart], [])).judged(a_child())

    assert (found.scores, found.against) == ({}, {apart.id: (Code.TIME,)})


def today(*against: Code, county: int = 1) -> Today:
    return Today("a name", "小组", county, against)


def test_the_runs_own_team_comes_first_and_what_stands_against_a_team_today_bars_it() -> None:
    teams = [a_team(one, years=one) for one in (1, 2, 3)]
    judged = one_by_one(a_child(against=((3, Code.ENDED),)), a_world(teams, []))
    now = {1: today(), 2: today(), 3: today(Code.LOAD, Code.FORBIDDEN), 9: today()}

    free = ranking(judged, now, county=1, proposed=1)
    full = ranking(judged, now | {2: today(Code.LOAD)}, county=1, proposed=None)
    away = ranking(judged, now | {3: today(county=2)}, county=1, proposed=None)

    assert (free.suitable, free.barred) == ((1, 2), (3,))
    assert (full.suitable, full.barred) == ((1,), (2, 3))
    assert (away.suitable, away.barred) == ((2, 1), ())


def test_rules_are_told_in_their_order_and_once() -> None:
    assert in_order([Code.TIME, Code.LOAD, Code.TIME]) == (Code.LOAD, Code.TIME)
