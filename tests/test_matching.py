from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from children.rules import Need
from pairings.matching.rules import (
    ChildSide,
    MemberSide,
    Rules,
    TeamSide,
    Weights,
    judge,
    rank,
    shared_minutes,
)
from volunteers.rules import Slot

HERE, NEXT_DOOR, FAR = 1, 2, 3
SATURDAY = Slot(5, 9 * 60, 12 * 60)
RULES = Rules(counties=frozenset({HERE, NEXT_DOOR}))
GIRL = ChildSide(True, HERE, frozenset({"homework", "company"}), (SATURDAY,))
BOY = replace(GIRL, girl=False)


def a_member(**given: object) -> MemberSide:
    fields = {
        "cleared": True,
        "woman": True,
        "county_id": HERE,
        "skills": frozenset({"homework"}),
        "free": (SATURDAY,),
        "children": 0,
        "most": 2,
    }
    return MemberSide(**fields | given)  # type: ignore[arg-type]  # the fields are right by test


def a_team(*members: MemberSide, **given: object) -> TeamSide:
    fields = {"id": 1, "county_id": HERE, "members": members or (a_member(), a_member(woman=False))}
    return TeamSide(**fields | given)  # type: ignore[arg-type]


def against(child: ChildSide, team: TeamSide, rules: Rules = RULES) -> tuple[str, ...]:
    return judge(child, team, rules).against


def test_two_cleared_adults_of_the_county_with_time_suit() -> None:
    found = judge(GIRL, a_team(), RULES)

    assert found.suits
    assert found.reasons == ("time:180", "needs:homework", "county:same", "load:0")
    assert found.score == 40 * 180 // 240 + 30 + 20 + 8


def test_one_cleared_adult_is_never_enough() -> None:
    assert against(BOY, a_team(a_member(), a_member(cleared=False))) == ("too_few:1",)


def test_a_third_member_without_clearance_does_not_spoil_a_team() -> None:
    assert against(GIRL, a_team(a_member(), a_member(), a_member(cleared=False))) == ()


def test_a_girl_needs_a_woman_and_a_boy_does_not() -> None:
    men = a_team(a_member(woman=False), a_member(woman=False))

    assert against(GIRL, men) == ("no_woman",)
    assert against(BOY, men) == ()


def test_the_woman_has_to_be_free_when_the_girl_is() -> None:
    woman = a_member(free=(Slot(6, 9 * 60, 12 * 60),))
    team = a_team(woman, a_member(woman=False), a_member(woman=False))

    assert against(GIRL, team) == ("time:0",)
    assert against(BOY, team) == ()


def test_an_hour_a_week_is_the_least() -> None:
    short = a_team(a_member(), a_member(free=(Slot(5, 11 * 60 + 1, 13 * 60),)))

    assert against(GIRL, short) == ("time:59",)


def test_nobody_accompanies_more_children_than_they_are_ready_for() -> None:
    ready_for_one = a_team(a_member(children=1, most=1), a_member())
    at_the_limit = a_team(a_member(children=2, most=5), a_member())

    assert against(BOY, ready_for_one) == ("full:1",)
    assert against(BOY, at_the_limit) == ("full:1",)
    assert against(BOY, a_team(a_member(children=1), a_member())) == ()


def test_a_team_from_beyond_the_allowed_counties_is_too_far() -> None:
    assert against(BOY, a_team(county_id=FAR)) == ("too_far",)
    near = judge(BOY, a_team(county_id=NEXT_DOOR), RULES)
    assert near.suits
    assert "county:near" in near.reasons


def test_a_pair_that_somebody_refused_is_not_offered_again() -> None:
    assert against(BOY, a_team(refused=True)) == ("refused",)


def test_a_team_that_knows_the_child_comes_first() -> None:
    known, other = a_team(id=9, known=True), a_team(id=1)

    suitable, _blocked = rank(GIRL, [other, known], RULES)

    assert [candidate.team_id for candidate in suitable] == [9, 1]


def test_equal_teams_stand_in_the_order_of_their_numbers() -> None:
    suitable, _blocked = rank(GIRL, [a_team(id=3), a_team(id=1), a_team(id=2)], RULES)

    assert [candidate.team_id for candidate in suitable] == [1, 2, 3]


def test_a_need_nobody_can_meet_is_told_and_costs_points() -> None:
    child = replace(BOY, needs=frozenset({"homework", "sports"}))

    found = judge(child, a_team(), RULES)

    assert "open:sports" in found.reasons
    assert found.score == judge(BOY, a_team(), RULES).score - 15


def test_a_child_that_asks_for_company_only_is_served_by_anyone() -> None:
    child = replace(BOY, needs=frozenset({"company", "warm_clothes"}))

    assert judge(child, a_team(a_member(skills=frozenset()), a_member()), RULES).score == 88


def test_a_team_without_anybody_is_judged_too() -> None:
    found = judge(GIRL, TeamSide(1, HERE, ()), RULES)

    assert (found.against, found.score) == (("too_few:0",), 30 * 0 + 8)


slots = st.builds(
    lambda weekday, start, length: Slot(weekday, start * 30, (start + length) * 30),
    st.integers(0, 6),
    st.integers(0, 40),
    st.integers(1, 7),
)
free = st.lists(slots, max_size=4).map(tuple)
needs = st.frozensets(st.sampled_from([need.value for need in Need]), max_size=4)
children = st.builds(ChildSide, st.booleans(), st.just(HERE), needs, free)
members = st.builds(
    MemberSide,
    cleared=st.booleans(),
    woman=st.booleans(),
    county_id=st.integers(1, 3),
    skills=needs,
    free=free,
    children=st.integers(0, 3),
    most=st.integers(1, 3),
)
teams = st.lists(
    st.builds(
        TeamSide,
        st.integers(1, 50),
        st.integers(1, 3),
        st.lists(members, max_size=4).map(tuple),
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda team: team.id,
)
weights = st.builds(Weights, *[st.integers(-1000, 1000)] * 4)


@given(children, teams, st.randoms(use_true_random=False))
def test_the_order_teams_come_in_changes_nothing(
    child: ChildSide, found: list[TeamSide], chance: object
) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random

    assert rank(child, shuffled, RULES) == rank(child, found, RULES)


@given(children, teams, weights)
def test_no_weight_lets_a_team_past_a_rule(
    child: ChildSide, found: list[TeamSide], hostile: Weights
) -> None:
    """The rules are asked again here from the raw sides, not from what rank says of them."""
    suitable, blocked = rank(child, found, replace(RULES, weights=hostile))
    by_id = {team.id: team for team in found}

    assert len(suitable) + len(blocked) == len(found)
    for candidate in suitable:
        team = by_id[candidate.team_id]
        cleared = [member for member in team.members if member.cleared]
        assert len(cleared) >= 2
        assert not child.girl or any(member.woman for member in cleared)
        assert team.county_id in RULES.counties
        assert not team.refused
        assert all(member.children < min(member.most, 2) for member in cleared)
        assert shared_minutes(child, cleared, 2) >= 60


@given(children, teams)
def test_points_stay_between_nothing_and_a_hundred(child: ChildSide, found: list[TeamSide]) -> None:
    suitable, blocked = rank(child, found, RULES)

    assert all(0 <= candidate.score <= 100 for candidate in suitable + blocked)
    assert [one.score for one in suitable] == sorted((one.score for one in suitable), reverse=True)


@given(children, st.lists(members, max_size=5))
def test_shared_time_is_what_a_clock_would_count(child: ChildSide, found: list[MemberSide]) -> None:
    """Count half hours one by one: everything in these examples begins and ends on one."""

    def there(times: tuple[Slot, ...], weekday: int, start: int) -> bool:
        return any(
            slot.weekday == weekday and slot.start <= start and start + 30 <= slot.end
            for slot in times
        )

    counted = 0
    for weekday in range(7):
        for start in range(0, 1440, 30):
            present = [member for member in found if there(member.free, weekday, start)]
            watched = not child.girl or any(member.woman for member in present)
            if there(child.free, weekday, start) and len(present) >= 2 and watched:
                counted += 30
    assert shared_minutes(child, found, 2) == counted
