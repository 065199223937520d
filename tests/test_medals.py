"""Medals: for hours, on one's own page, compared with nobody."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Role
from core import clock
from core.parameters import ParameterValue
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.volunteers import a_volunteer, an_hour_entry
from tests.conftest import BrowseAs
from tests.factories import saved
from volunteers.medals.rules import Medal, earned

DAY = date(2026, 11, 2)
NEXT = DAY + timedelta(days=1)
days = st.lists(st.integers(0, 20_000), max_size=8)


def test_a_medal_carries_the_day_on_which_its_hours_were_full() -> None:
    served = [(DAY, 50 * 60 - 1), (NEXT, 1)]
    assert earned(served, {}, [50, 100], NEXT) == [Medal(50, NEXT)]
    assert earned(served[:1], {}, [50, 100], NEXT) == []


def test_a_longer_way_to_a_medal_takes_none_away_and_a_shorter_one_gives_it_today() -> None:
    served = [(DAY, 60 * 60)]
    later = DAY + timedelta(days=9)
    assert earned(served, {NEXT: [80]}, [50], later) == [Medal(50, DAY)]
    assert earned(served, {NEXT: [60, 0, -1]}, [80], later) == [Medal(60, later)]


@given(days, st.lists(st.integers(1, 900), max_size=5), st.lists(st.integers(1, 900), max_size=5))
def test_more_hours_and_other_steps_never_cost_a_medal(
    minutes: list[int], first: list[int], second: list[int]
) -> None:
    served = [(DAY + timedelta(days=place), more) for place, more in enumerate(minutes)]
    today = DAY + timedelta(days=len(minutes))
    before = {one.hours for one in earned(served, {}, first, today)}
    after = earned([*served, (today, 60)], {today: second}, first, today)
    assert before <= {one.hours for one in after}


def test_somebody_sees_their_own_medals_and_the_centre_does_not(browse_as: BrowseAs) -> None:
    county = a_county()
    mine, other = a_volunteer(county), a_volunteer(county)
    an_hour_entry(mine, minutes=120 * 60)
    an_hour_entry(other, minutes=40 * 60)
    page = browse_as(mine.person_id).get("/volunteers/me").text
    assert "满 100 小时" in page
    assert "满 300 小时" not in page
    assert "奖章" not in browse_as(other.person_id).get("/volunteers/me").text
    desk = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county.id))
    for path in (f"/volunteers/{mine.uid}", "/volunteers"):
        assert "奖章" not in desk.get(path).text


def test_the_centre_may_set_other_steps(browse_as: BrowseAs) -> None:
    mine = a_volunteer()
    an_hour_entry(mine, minutes=20 * 60)
    steps = {"value": [20]}
    name, today = "volunteers.medal_hours", clock.today()
    saved(ParameterValue(name=name, effective_from=today, value=steps, source="本站设计"))
    assert "满 20 小时" in browse_as(mine.person_id).get("/volunteers/me").text
