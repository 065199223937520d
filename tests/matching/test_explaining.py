"""Why this team, why not that one, why nobody yet, and where one more team is worth most."""

from dataclasses import replace

import pytest

from pairings.matching import changing
from pairings.matching.explaining import Ground, shortfall, why, why_nobody
from pairings.matching.judging import judge
from pairings.matching.model import Code, Factor
from pairings.matching.preparing import Refused
from pairings.matching.recruiting import recruitment_map
from pairings.matching.run import run
from pairings.matching.synthetic import synthetic
from tests.matching.worlds import FAR, HERE, MONDAY, NEAR, a_child, a_member, a_team, a_world


def test_points_by_factor_add_up_to_the_score_that_is_shown() -> None:
    world = synthetic(60, 100, 2)
    made = run(world)

    for child, team, _slot in made.matched():
        told = why(made, child, team)
        assert told.ground is Ground.PROPOSED
        assert sum(points for _factor, points in told.points) == told.score == told.instead
        assert [factor for factor, _points in told.points] == [*Factor]


def test_a_rule_is_told_by_its_code() -> None:
    made = run(a_world([a_team(1), a_team(2, flagged=True)], [a_child()]))

    told = why(made, 1, 2)

    assert (told.ground, told.against, told.loss) == (Ground.RULE, (Code.SAFEGUARDING,), 0)


def test_a_team_with_fewer_points_is_told_with_both_scores() -> None:
    made = run(a_world([a_team(1), a_team(2, years=0)], [a_child()]))

    told = why(made, 1, 2)

    assert (told.ground, told.score, told.instead, told.loss) == (Ground.POINTS, 830, 850, 20)


def test_a_place_that_goes_to_a_more_urgent_child_says_so_and_names_nobody() -> None:
    made = run(a_world([a_team(capacity=1)], [a_child(77, waiting=60), a_child(2)]))

    told = why(made, 2, 1)

    assert told.ground is Ground.URGENCY
    assert "77" not in repr(told)


def test_a_place_that_goes_to_an_equally_urgent_child_is_taken() -> None:
    better = a_child(1, waiting=20)
    made = run(a_world([a_team(capacity=1)], [better, a_child(2)]))

    told = why(made, 2, 1)

    assert (told.ground, told.loss) == (Ground.TAKEN, 20)


def test_a_slot_that_is_taken_tells_of_those_who_hold_it() -> None:
    made = run(
        a_world(
            [a_team(capacity=2)], [a_child(1, free=MONDAY, waiting=60), a_child(2, free=MONDAY)]
        )
    )

    assert why(made, 2, 1).ground is Ground.URGENCY


def test_the_loss_that_is_told_never_exceeds_the_loss_of_forcing() -> None:
    world = synthetic(40, 90, 6)
    made = run(world)
    tried = 0
    for child in world.children[:30]:
        for team in world.teams:
            told = why(made, child.id, team.id)
            if told.ground in {Ground.RULE, Ground.PROPOSED} or team.capacity == 0:
                continue
            assert told.loss <= changing.force(made, child.id, team.id).cost
            tried += 1
    assert tried > 30


def test_a_child_without_any_team_is_told_the_rule_that_removes_most() -> None:
    far = [a_team(one, base=FAR, reach=100 + one) for one in range(1, 4)]
    untrained = a_team(9, members=(a_member(training=1), a_member(training=1)))
    made = run(a_world([*far, untrained], [a_child(risk=3)]))

    told = why_nobody(made, 1)

    assert told.feasible == 0
    assert told.removed == ((Code.REACH, 3), (Code.TRAINING, 1))
    assert told.alone == told.removed
    assert told.nearest == 147 - 103
    assert (told.county, told.places) == (None, None)


def test_a_child_behind_others_is_told_how_many_places_where_would_serve_it() -> None:
    children = [a_child(one, waiting=100 - one) for one in range(1, 5)]
    teams = [a_team(capacity=1, members=(a_member(free=511), a_member(free=511)))]
    children = [replace(child, free=511) for child in children]
    made = run(a_world(teams, children))

    assert why_nobody(made, 2).places == 1
    told = why_nobody(made, 4)

    assert (told.feasible, told.county, told.places) == (1, 1, 3)
    assert why_nobody(made, 4, most=2).places is None


def test_shortfall_is_the_distance_between_worth_and_price() -> None:
    world = synthetic(30, 60, 8)
    made = run(world)
    for place, child in enumerate(made.world.children):
        for number, team in enumerate(made.world.teams):
            verdict = judge(child, team, made.world)
            if not verdict.against:
                short = shortfall(made, place, number, verdict)
                assert short >= 0
                assert short == 0 or made.standing.team_of[place] != number


def test_one_more_team_is_worth_most_where_children_wait() -> None:
    children = [a_child(1, spot=FAR), a_child(2, spot=FAR), a_child(3), a_child(4, spot=NEAR)]
    made = run(a_world([a_team(capacity=1)], children))
    like = a_team(1000, capacity=2, reach=30)

    found = recruitment_map(made, like, [HERE, FAR, FAR])

    assert [(worth.place, worth.served) for worth in found] == [(FAR, 2), (HERE, 1)]
    again = run(replace(made.world, teams=(*made.world.teams, replace(like, base=FAR))))
    assert found[0].points == again.value - made.value
    assert len(made.matched()) == 1


def test_unknown_places_and_children_are_refused() -> None:
    made = run(a_world([a_team()], [a_child()]))

    with pytest.raises(Refused, match="place 99"):
        recruitment_map(made, a_team(5), [99])
    with pytest.raises(Refused, match="child 9"):
        why_nobody(made, 9)
