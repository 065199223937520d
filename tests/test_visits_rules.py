"""When, where and with whom: the rules alone, from every side."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.zone import CHINA
from places.days.rules import DayKind
from visits.labels import words
from visits.limits.rules import Limits
from visits.planning.rules import (
    Busy,
    Facts,
    Member,
    Plan,
    Problem,
    Visited,
    Why,
    open_hours,
    problems,
)
from visits.reminders.rules import after, before
from visits.rules import PlaceKind, on_the_day, released, served
from volunteers.rules import Sex

LIMITS = Limits(
    notice=timedelta(hours=24),
    shortest=timedelta(minutes=30),
    longest=timedelta(minutes=180),
    first=time(8, 30),
    last=time(18),
    winter_months=frozenset({12, 1, 2}),
    winter_last=time(16, 30),
    after_school=time(16, 30),
    terms=((date(2026, 9, 1), date(2027, 1, 22)),),
    travel=timedelta(minutes=30),
    days_between=7,
    fewest_adults=2,
)
GIRL = Visited(girl=True, school_age=True, boarding=False)
WOMAN, MAN = (Member(sex, active=True, cleared=True) for sex in (Sex.FEMALE, Sex.MALE))
PAUSED, LAPSED = replace(MAN, active=False), replace(MAN, cleared=False)
LEADER, OTHER, ESCORT, STRANGER = 1, 2, 9, 77
SATURDAY = datetime(2026, 11, 28, 10, 0, tzinfo=CHINA)
MONDAY = datetime(2026, 11, 30, 10, 0, tzinfo=CHINA)


def a_plan(start: datetime = SATURDAY, minutes: int = 90, **given: Any) -> Plan:
    fields: dict[str, Any] = {
        "starts_at": start,
        "ends_at": start + timedelta(minutes=minutes),
        "place_kind": PlaceKind.STATION,
        "place_text": "工作站",
        "escort_id": ESCORT,
        "member_ids": frozenset({LEADER, OTHER}),
    }
    return Plan(**fields | given)


def the_facts(**given: Any) -> Facts:
    fields: dict[str, Any] = {
        "now": datetime(2026, 11, 24, 12, 0, tzinfo=CHINA),
        "limits": LIMITS,
        "child": GIRL,
        "pairing_open": True,
        "pairing_days": (date(2026, 11, 1), date(2027, 7, 1)),
        "consent_lacking": False,
        "members": {LEADER: WOMAN, OTHER: MAN},
        "local_ids": frozenset({ESCORT}),
    }
    return Facts(**fields | given)


def why_not(plan: Plan, **given: Any) -> set[Why]:
    return {problem.why for problem in problems(plan, the_facts(**given))}


def test_a_saturday_morning_with_two_volunteers_and_the_director_is_fine() -> None:
    assert problems(a_plan(), the_facts()) == []


@pytest.mark.parametrize(
    ("plan", "given_facts", "why"),
    [
        (a_plan(), {"pairing_open": False}, Why.PAIRING_NOT_OPEN),
        (a_plan(), {"pairing_days": (date(2026, 12, 1), date(2027, 7, 1))}, Why.OUTSIDE_PAIRING),
        (a_plan(), {"consent_lacking": True}, Why.NO_CONSENT),
        (a_plan(minutes=29), {}, Why.TOO_SHORT),
        (a_plan(minutes=-30), {}, Why.TOO_SHORT),
        (a_plan(minutes=181), {}, Why.TOO_LONG),
        (a_plan(SATURDAY.replace(hour=8, minute=29)), {}, Why.OUT_OF_HOURS),
        (a_plan(SATURDAY.replace(hour=16, minute=31)), {}, Why.OUT_OF_HOURS),
        (a_plan(SATURDAY.replace(hour=23)), {}, Why.NOT_ONE_DAY),
        (a_plan(), {"day_kind": DayKind.MAKEUP_WORKDAY}, Why.MAKEUP_WORKDAY),
        (a_plan(MONDAY), {}, Why.CLASS_HOURS),
        (a_plan(MONDAY.replace(hour=16, minute=29), 30), {}, Why.CLASS_HOURS),
        (a_plan(), {"child_days": frozenset({date(2026, 11, 22)})}, Why.TOO_OFTEN),
        (a_plan(), {"child_days": frozenset({date(2026, 12, 4)})}, Why.TOO_OFTEN),
        (a_plan(member_ids=frozenset({LEADER, STRANGER})), {}, Why.NOT_IN_TEAM),
        (a_plan(), {"members": {LEADER: WOMAN, OTHER: PAUSED}}, Why.NOT_ACTIVE),
        (a_plan(), {"members": {LEADER: WOMAN, OTHER: LAPSED}}, Why.NOT_CLEARED),
        (a_plan(member_ids=frozenset()), {}, Why.TOO_FEW_ADULTS),
        (a_plan(member_ids=frozenset({OTHER})), {}, Why.NO_WOMAN),
        (a_plan(), {"members": {LEADER: replace(WOMAN, sex=None), OTHER: MAN}}, Why.NO_WOMAN),
        (a_plan(escort_id=STRANGER), {}, Why.ESCORT_NOT_LOCAL),
        (a_plan(escort_id=STRANGER, member_ids=frozenset({LEADER})), {}, Why.TOO_FEW_ADULTS),
        (a_plan(place_kind=PlaceKind.HOME), {}, Why.HOME_NOT_AGREED),
    ],
)  # fmt: skip
def test_what_stands_against_a_plan(plan: Plan, given_facts: dict[str, Any], why: Why) -> None:
    assert why in why_not(plan, **given_facts)


def test_a_visit_is_planned_a_day_ahead() -> None:
    assert Why.TOO_SOON in why_not(a_plan(), now=SATURDAY - timedelta(hours=23, minutes=59))
    assert why_not(a_plan(), now=SATURDAY - timedelta(hours=24)) == set()


def test_in_winter_it_is_over_before_dark() -> None:
    december = datetime(2026, 12, 5, 15, 0, tzinfo=CHINA)
    assert why_not(a_plan(december, 90)) == set()
    assert why_not(a_plan(december, 91)) == {Why.OUT_OF_HOURS}


def test_a_school_child_is_visited_after_school_on_school_days() -> None:
    assert why_not(a_plan(MONDAY.replace(hour=16, minute=30), 90)) == set()


def test_a_boarder_is_at_school_all_week() -> None:
    boarder = replace(GIRL, boarding=True)
    assert why_not(a_plan(MONDAY.replace(hour=16, minute=30)), child=boarder) == {
        Why.AT_BOARDING_SCHOOL
    }
    assert why_not(a_plan(), child=boarder) == set()


@pytest.mark.parametrize(
    "free",
    [
        {"child": replace(GIRL, school_age=False)},
        {"day_kind": DayKind.HOLIDAY},
        {"limits": replace(LIMITS, terms=())},
    ],
)
def test_without_school_any_hour_of_the_day_is_fine(free: dict[str, Any]) -> None:
    assert why_not(a_plan(MONDAY), **free) == set()


def test_a_week_between_two_visits_is_enough() -> None:
    assert why_not(a_plan(), child_days=frozenset({date(2026, 11, 21), date(2026, 12, 5)})) == set()


def test_home_is_fine_when_the_guardian_has_agreed() -> None:
    assert why_not(a_plan(place_kind=PlaceKind.HOME, home_agreed=True)) == set()


def test_one_volunteer_with_the_escort_makes_two_adults() -> None:
    assert why_not(a_plan(member_ids=frozenset({LEADER}))) == set()


def test_an_escort_who_is_also_the_only_volunteer_is_one_adult() -> None:
    plan = a_plan(escort_id=LEADER, member_ids=frozenset({LEADER}))
    assert why_not(plan, local_ids=frozenset({LEADER})) == {Why.TOO_FEW_ADULTS}


@pytest.mark.parametrize(("gap", "overlaps"), [(-1, True), (29, True), (30, False), (500, False)])
@pytest.mark.parametrize("who", [LEADER, ESCORT, None])
def test_the_way_between_two_visits_counts(gap: int, overlaps: bool, who: int | None) -> None:
    plan = a_plan()
    other = Busy(who, plan.ends_at + timedelta(minutes=gap), plan.ends_at + timedelta(hours=9))
    earlier = Busy(
        who, plan.starts_at - timedelta(hours=9), plan.starts_at - timedelta(minutes=gap)
    )
    expected = {Why.CHILD_BUSY if who is None else Why.PERSON_BUSY} if overlaps else set()
    assert why_not(plan, busy=(other,)) == expected
    assert why_not(plan, busy=(earlier,)) == expected


def test_somebody_elses_visit_is_no_obstacle() -> None:
    plan = a_plan()
    assert why_not(plan, busy=(Busy(STRANGER, plan.starts_at, plan.ends_at),)) == set()


moments = st.builds(
    lambda days, minutes: datetime(2026, 8, 1, tzinfo=CHINA) + timedelta(days, minutes=minutes),
    st.integers(0, 210),
    st.integers(8 * 60, 18 * 60),
)
mostly = st.sampled_from([True, True, True, True, False])
ALL_YEAR: dict[str, Any] = {
    "now": datetime(2026, 7, 1, tzinfo=CHINA),
    "pairing_days": (date(2026, 7, 1), date(2027, 7, 1)),
}
kinds = st.sampled_from([None, *DayKind])
children = st.builds(Visited, st.booleans(), st.booleans(), st.booleans())
members = st.dictionaries(
    st.sampled_from([LEADER, OTHER, 3]),
    st.builds(Member, st.sampled_from([None, *Sex]), mostly, mostly),
    min_size=1,
)
plans = st.builds(
    a_plan,
    moments,
    st.integers(20, 200),
    place_kind=st.sampled_from(PlaceKind),
    member_ids=st.frozensets(st.sampled_from([LEADER, LEADER, OTHER, 3])),
    escort_id=st.sampled_from([ESCORT, ESCORT, ESCORT, STRANGER, LEADER]),
    home_agreed=st.booleans(),
)


@given(plans, children, members, kinds)
def test_no_plan_gets_through_that_breaks_a_rule(
    plan: Plan, child: Visited, team: dict[int, Member], kind: DayKind | None
) -> None:
    facts = the_facts(child=child, members=team, day_kind=kind, **ALL_YEAR)
    if problems(plan, facts):
        return
    start, end = plan.starts_at.astimezone(CHINA), plan.ends_at.astimezone(CHINA)
    chosen = [team[person] for person in plan.member_ids]
    assert chosen
    assert all(member.active and member.cleared for member in chosen)
    assert plan.escort_id == ESCORT
    assert not child.girl or any(member.sex is Sex.FEMALE for member in chosen)
    assert start.date() == end.date()
    assert time(8, 30) <= start.time()
    assert end.time() <= (time(16, 30) if start.month in {12, 1, 2} else time(18))
    assert timedelta(minutes=30) <= end - start <= timedelta(minutes=180)
    assert kind is not DayKind.MAKEUP_WORKDAY
    in_class = (
        start.weekday() < 5
        and kind is None
        and date(2026, 9, 1) <= start.date() <= date(2027, 1, 22)
    )
    if child.school_age and in_class:
        assert not child.boarding
        assert start.time() >= time(16, 30)
    assert plan.place_kind is not PlaceKind.HOME or plan.home_agreed


@given(plans, children, members, kinds)
def test_more_visits_never_make_a_plan_possible(
    plan: Plan, child: Visited, team: dict[int, Member], kind: DayKind | None
) -> None:
    free = the_facts(child=child, members=team, day_kind=kind)
    busy = replace(
        free,
        busy=(Busy(LEADER, plan.starts_at, plan.ends_at), Busy(None, plan.starts_at, plan.ends_at)),
        child_days=frozenset({plan.day}),
    )
    assert set(problems(plan, free)) <= set(problems(plan, busy))
    assert Problem(Why.TOO_OFTEN) in problems(plan, busy)


@given(moments, children, kinds)
def test_the_hours_shown_as_open_are_open(
    moment: datetime, child: Visited, kind: DayKind | None
) -> None:
    day = moment.date()
    hours = open_hours(day, child, kind, LIMITS)
    team = {LEADER: WOMAN, OTHER: MAN}
    facts = the_facts(child=child, members=team, day_kind=kind, **ALL_YEAR)
    if isinstance(hours, Why):
        whole_day = [
            datetime.combine(day, time(8, 30), CHINA) + timedelta(minutes=15 * n) for n in range(38)
        ]
        assert all(problems(a_plan(start, 30), facts) for start in whole_day)
    else:
        first, last = (datetime.combine(day, one, CHINA) for one in hours)
        assert problems(a_plan(first, 30), facts) == []
        assert problems(a_plan(last - timedelta(minutes=30), 30), facts) == []


def test_every_reason_has_words() -> None:
    said = {words(Problem(why), LIMITS, {}) for why in Why}
    assert len(said) == len(Why)
    assert words(Problem(Why.NOT_ACTIVE, 4), LIMITS, {4: "王样例"}).startswith("王样例：")


def test_where_to_meet_is_shown_from_two_days_before_to_a_day_after() -> None:
    end = SATURDAY + timedelta(minutes=90)
    shown = {
        SATURDAY - timedelta(hours=48, seconds=1): False,
        SATURDAY - timedelta(hours=48): True,
        end + timedelta(hours=24): True,
        end + timedelta(hours=24, seconds=1): False,
    }
    assert {moment: released(moment, SATURDAY, end) for moment in shown} == shown


def test_the_day_of_the_visit_is_a_day_in_china() -> None:
    assert on_the_day(SATURDAY.replace(hour=0, minute=1), SATURDAY)
    assert not on_the_day(SATURDAY - timedelta(hours=10, minutes=1), SATURDAY)


@given(st.integers(0, 600), st.integers(0, 3000))
def test_time_that_counts_ends_soon_after_the_plan(came: int, stayed: int) -> None:
    end = SATURDAY + timedelta(minutes=90)
    arrived = SATURDAY - timedelta(minutes=30) + timedelta(minutes=came)
    minutes = served(arrived, arrived + timedelta(minutes=stayed), end, timedelta(minutes=60))
    assert 0 <= minutes <= stayed
    assert minutes == 0 or arrived + timedelta(minutes=minutes) <= end + timedelta(minutes=60)


@given(moments)
def test_reminders_are_due_before_they_expire_and_before_the_visit(start: datetime) -> None:
    due = list(before(start))
    assert [one.kind for one in due] == ["visit_t7d", "visit_t2d", "visit_t2h"]
    for one in due:
        assert one.due_at < one.expire_at < start
    assert due[0].due_at.astimezone(CHINA).time() == time(10)
    assert [one.due_at - start for one in after(start)] == [timedelta(days=1), timedelta(days=2)]
