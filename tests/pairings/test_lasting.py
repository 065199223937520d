"""How long pairings last: the young ones count until today, small numbers are not told."""

from datetime import datetime, time, timedelta
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Role
from core.zone import CHINA
from pairings.lasting.rules import Lives, line, seen_from_outside, survival
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from tests.browser import Browser
from tests.builders.campaigns import a_campaign
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county
from tests.builders.proposals import TODAY
from tests.conftest import AtMost, BrowseAs
from tests.pairings.test_forecast import table
from volunteers.teams.models import Team

URL = "/pairings/lasting"


def lasting(village: Area, team: Team, days: int, *, ended: int | None = None) -> Pairing:
    """Return a pairing that began so many days ago and, if it did, ended after some of them."""
    begun = TODAY - timedelta(days=days)
    fields: dict[str, object] = {"starts_on": begun, "introduced_on": begun}
    if ended is None:
        return a_pairing(a_consented_child(village), team, stage=Stage.ACTIVE, **fields)
    moment = datetime.combine(begun + timedelta(days=ended), time(12), CHINA)
    before = datetime.combine(begun - timedelta(days=9), time(12), CHINA)
    fields |= {"ended_at": moment, "proposed_at": before, "decided_at": before}
    fields |= {"goodbye_missing": "已经搬走", "handover": "没有"}
    return a_pairing(a_consented_child(village), team, stage=Stage.ENDED, **fields)


def test_who_is_too_young_is_neither_kept_nor_lost(
    coordinator: Browser, county: Area, village: Area, team: Team
) -> None:
    lasting(village, team, 400, ended=100)
    for days in (400, 30, 200, 200):
        lasting(village, team, days)
    a_pairing(a_consented_child(village), team)

    page = coordinator.get(URL)

    assert 'class="front" width="75.0"' in page.html, "a bar is a share of the whole"
    assert table(page, 0) == [
        [county.name, "5", "100% 看得到 4 个", "75% 看得到 3 个", "75% 看得到 1 个"]
    ]


def test_they_are_put_side_by_side_in_one_query(
    coordinator: Browser, village: Area, team: Team, at_most: AtMost
) -> None:
    campaign = a_campaign()
    one = lasting(village, team, 100)
    a_pairing(
        a_consented_child(village),
        team,
        stage=Stage.ACTIVE,
        campaign_id=campaign.id,
        introduced_on=one.introduced_on,
    )
    with at_most(6):
        rows = table(coordinator.get(f"{URL}?by=campaign"), 0)
    assert {row[0] for row in rows} == {campaign.title, "不属于任何活动"}
    (kind,) = table(coordinator.get(f"{URL}?by=kind"), 0)
    assert kind[:2] == ["个人志愿者", "2"]


def test_a_neighbour_sees_none_of_them_and_the_city_no_small_number(
    village: Area, team: Team, browse_as: BrowseAs
) -> None:
    lasting(village, team, 100)
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    assert "还没有开始过的结对" in neighbour.get(URL).text
    city = browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    assert table(city.get(URL), 0)[0][1:] == ["—"] * 4


def test_from_outside_no_share_tells_that_all_or_none_have_ended() -> None:
    told = seen_from_outside(line("one", [Lives(400, ended=False, many=23)]))
    assert (told.begun, told.marks[12].share, told.marks[12].known) == (25, None, 25)
    told = seen_from_outside(
        line("two", [Lives(50, ended=True, many=4), Lives(400, ended=False, many=23)])
    )
    assert (told.marks[3].share, told.marks[3].known) == (85, 25)


def test_a_share_of_nobody_observed_is_not_known() -> None:
    young = line("young", [Lives(10, ended=False, many=3)])
    assert (young.marks[3].share, young.marks[3].known) == (None, 0)
    gone = line("gone", [Lives(10, ended=True, many=3)])
    assert (gone.marks[3].share, gone.marks[3].known) == (0, 0)


@given(
    st.lists(st.builds(Lives, st.integers(0, 500), st.booleans(), st.integers(1, 9)), min_size=1),
    st.integers(1, 400),
)
def test_the_share_never_grows_and_is_exact_when_nobody_is_too_young(
    lives: list[Lives], day: int
) -> None:
    share, watched = survival(lives, day)
    later, fewer = survival(lives, day + 50)
    assert 0 <= later <= share <= 1
    assert fewer <= watched
    known = [one for one in lives if one.ended or one.days >= day]
    if known:
        alive = sum(one.many for one in known if one.days >= day)
        assert isclose(survival(known, day)[0], alive / sum(one.many for one in known))
