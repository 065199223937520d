"""The world a run matches: what the site knows, and no more than it knows."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from children.models import Child
from children.rules import Category, NeedState, Risk
from core import clock
from core.db import transaction
from core.fences import everything
from core.parameters import ParameterValue
from pairings.matching import model
from pairings.matching.judging import judge, way
from pairings.matching.model import Code, World
from pairings.rules import DeclineReason, EndReason, Stage
from pairings.runs.world.queries import Asked, found
from places.models import Area
from tests.builders.children import a_child, a_childs_free_time, a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.places import a_county, a_township, a_village
from tests.builders.proposals import TODAY
from tests.builders.volunteers import a_free_time, a_member, a_team, an_active_volunteer
from tests.conftest import AtMost
from tests.factories import saved
from volunteers.models import Evidence, Volunteer
from volunteers.rules import EvidenceKind, Period, Sex, Status
from volunteers.teams.models import Team

SATURDAY = 0b111 << 15


def the_world(county: Area) -> World:
    with everything():
        return found(Asked((county.id,), TODAY)).world


def only(world: World) -> tuple[model.Child, model.Team]:
    (child,), (team,) = world.children, world.teams
    return child, team


def against(county: Area) -> tuple[Code, ...]:
    """Return what stands between the only child and the only team."""
    world = the_world(county)
    return judge(*only(world), world).against


def test_a_child_and_a_team_come_as_ids_bits_and_numbers(
    child: Child, team: Team, county: Area
) -> None:
    one, other = only(the_world(county))

    assert (one.id, one.free, one.waiting, one.risk) == (child.id, SATURDAY, 10, 1)
    assert one.needs == {"homework"}
    assert (other.id, other.base, other.capacity) == (team.id, county.id, 1)
    assert [member.free for member in other.members] == [SATURDAY] * 2
    assert other.members[0].cleared_until == TODAY + timedelta(days=335)


def test_teams_are_free_for_a_whole_part_and_children_in_its_middle(
    village: Area, county: Area
) -> None:
    a_childs_free_time(a_consented_child(village), weekday=0, start_minute=600, end_minute=960)
    members = [an_active_volunteer(county, sex=Sex.FEMALE), an_active_volunteer(county)]
    for one in members:
        a_free_time(one, weekday=1, period=Period.BREAK, start_minute=0, end_minute=1440)
        a_free_time(one, weekday=2, period=Period.TERM, start_minute=0, end_minute=1440)
        a_free_time(one, weekday=3, start_minute=9 * 60 + 1, end_minute=12 * 60)
    a_team(county, members=members)

    child, team = only(the_world(county))

    assert child.free == SATURDAY | 0b011
    assert team.members[0].free == SATURDAY | 0b111 << 6


def test_who_is_not_there_today_is_not_matched(county: Area, village: Area) -> None:
    a_child(village)  # no consent
    a_consented_child(village, state=NeedState.VERIFIED)
    a_consented_child()  # another county
    saved(Team(name="散组", county_id=county.id, dissolved_at=None))  # nobody in it
    a_team(a_county())

    world = the_world(county)

    assert (world.children, world.teams) == ((), ())


def test_clearance_has_to_hold_on_for_a_while(child: Child, team: Team, county: Area) -> None:
    assert against(county) == ()
    with transaction() as session:
        session.execute(
            update(Evidence)
            .where(Evidence.kind == EvidenceKind.INSURANCE)
            .values(valid_until=TODAY + timedelta(days=29))
        )
    assert against(county) == (Code.CLEARANCE,)


def test_who_is_suspended_stops_the_whole_team(child: Child, team: Team, county: Area) -> None:
    third = a_member(team, an_active_volunteer(county))
    with transaction() as session:
        session.execute(
            update(Volunteer)
            .where(Volunteer.id == third.volunteer_id)
            .values(status=Status.SUSPENDED)
        )
    assert Code.SAFEGUARDING in against(county)


def test_a_no_stands_against_people_not_against_a_teams_name(child: Child, county: Area) -> None:
    two = [an_active_volunteer(county, sex=Sex.FEMALE), an_active_volunteer(county)]
    old = a_team(county, members=two)
    a_pairing(child, old, stage=Stage.DECLINED, decline_reason=DeclineReason.TOO_FAR)
    with transaction() as session:
        session.execute(update(Team).where(Team.id == old.id).values(dissolved_at=old.formed_at))
    a_team(county, members=two)

    assert against(county) == (Code.FORBIDDEN,)


def test_one_who_is_related_is_enough(child: Child, county: Area) -> None:
    one = an_active_volunteer(county, sex=Sex.FEMALE)
    old = a_team(county, members=[one, an_active_volunteer(county)])
    a_pairing(child, old, stage=Stage.DECLINED, decline_reason=DeclineReason.RELATED)
    with transaction() as session:
        session.execute(update(Team).where(Team.id == old.id).values(dissolved_at=old.formed_at))
    a_team(county, members=[one, an_active_volunteer(county)])

    assert against(county) == (Code.CONFLICT,)


def test_a_child_that_has_just_parted_goes_on_only_with_whom_it_knows(
    child: Child, team: Team, county: Area
) -> None:
    past = a_team(county)
    a_pairing(
        child,
        past,
        stage=Stage.ENDED,
        end_reason=EndReason.TERM_OVER,
        introduced_on=TODAY - timedelta(days=90),
        goodbye_on=TODAY,
        handover="都说好了",
    )

    world = the_world(county)
    teams = {one.id: one for one in world.teams}

    (one,) = world.children
    assert (one.resting, one.losses, one.known) == (True, 1, frozenset({past.id}))
    assert judge(one, teams[team.id], world).against == (Code.ATTACHMENT,)
    assert judge(one, teams[past.id], world).against == ()


@pytest.mark.parametrize(
    ("reason", "ago", "rests"),
    [
        (EndReason.TERM_OVER, 13, True),
        (EndReason.TERM_OVER, 20, False),
        (EndReason.CHILD_SAYS_NO, 20, True),
        (EndReason.CHILD_SAYS_NO, 35, False),
        (EndReason.SAFEGUARDING, 35, True),
    ],
)
def test_a_child_rests_longer_after_a_no_and_longest_after_harm(
    child: Child, county: Area, reason: EndReason, ago: int, *, rests: bool
) -> None:
    bad = reason is EndReason.SAFEGUARDING
    a_pairing(
        child,
        a_team(county),
        stage=Stage.TERMINATED_SAFEGUARDING if bad else Stage.ENDED,
        end_reason=reason,
        proposed_at=clock.now() - timedelta(days=200),
        decided_at=clock.now() - timedelta(days=190),
        ended_at=clock.now() - timedelta(days=ago),
        introduced_on=TODAY - timedelta(days=150),
        goodbye_on=TODAY - timedelta(days=ago),
        handover="都说好了",
    )
    (one,) = the_world(county).children
    assert one.resting is rests


def test_pairs_that_stand_take_a_place_and_a_slot_each(
    county: Area, village: Area, child: Child
) -> None:
    members = [an_active_volunteer(county, sex=Sex.FEMALE, capacity=2) for _turn in "ab"]
    team = a_team(county, members=members)
    held = a_consented_child(village, state=NeedState.MATCHED)
    a_pairing(held, team, stage=Stage.ACTIVE)
    elsewhere = a_team(county, members=[members[0], an_active_volunteer(county, capacity=2)])

    world = the_world(county)

    assert world.pinned == ((held.id, team.id, 15),)
    places = {one.id: [member.places for member in one.members] for one in world.teams}
    assert places == {team.id: [2, 2], elsewhere.id: [1, 2]}


def test_a_county_without_a_position_is_as_far_as_it_is_wide(
    child: Child, team: Team, county: Area
) -> None:
    world = the_world(county)
    assert way(*only(world), world) == 26  # 16 km by road, at 48 km an hour


def test_the_way_is_measured_between_positions(county: Area, village: Area) -> None:
    near = a_village(a_township(county), east_m=10_000, north_m=0)
    with transaction() as session:
        for place, east in ((county.id, 0), (village.id, 60_000)):
            session.execute(update(Area).where(Area.id == place).values(east_m=east, north_m=0))
    team = a_team(county)
    here, there = a_consented_child(near), a_consented_child(village)

    world = the_world(county)

    ways = {one.id: way(one, world.teams[0], world) for one in world.children}
    assert ways == {here.id: 30, there.id: 111}
    assert judge(world.children[1], world.teams[0], world).against == (Code.REACH,)
    assert world.teams[0].id == team.id


def test_teams_of_another_county_come_only_where_the_bureau_allows_it(
    child: Child, county: Area
) -> None:
    other = a_county()
    a_team(other)
    assert the_world(county).teams == ()
    pair = f"{county.nbs_code}-{other.nbs_code}"
    held = {"effective_from": TODAY, "value": {"value": [pair]}, "source": "样例"}
    saved(ParameterValue(name="pairings.neighbours", **held))

    assert the_world(county).policy.between == ((county.id, other.id),)
    assert against(county) == (Code.PLACE,)


def test_risk_category_and_age_go_in_as_grades_not_as_stories(village: Area, county: Area) -> None:
    a_consented_child(village, risk=Risk.HIGH, category=Category.ORPHAN, care_hint="不吃花生")

    (child,) = the_world(county).children

    assert (child.risk, child.institution) == (3, True)
    assert "花生" not in repr(child)


def test_the_world_is_read_in_a_fixed_number_of_questions(
    app: Flask, county: Area, village: Area, at_most: AtMost
) -> None:
    for _turn in range(2):
        a_pairing(a_consented_child(village), a_team(county))
    for _turn in range(12):
        a_consented_child(village)
        a_team(county)

    with at_most(14):
        world = the_world(county)

    assert (len(world.children), len(world.teams), len(world.pinned)) == (14, 14, 2)
