"""Whoever comes from somewhere finds the slots there and around first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.rules import Role
from campaigns.counties.rules import apart, minutes_between
from campaigns.models import Campaign, Slot
from campaigns.posters.models import CampaignPlace
from core.db import db
from places.models import Area
from places.rules import OrgKind
from tests.browser import Browser, Page
from tests.builders.campaigns import a_campaign, a_campaign_place, a_slot
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, an_organisation
from tests.builders.volunteers import a_volunteer
from tests.conftest import AtMost, BrowseAs

TILES = st.tuples(st.integers(0, 20), st.integers(0, 20))


def in_a_row(many: int = 4) -> tuple[Campaign, list[Area], list[Slot]]:
    """Return a campaign of the whole city with a slot in each county, from west to east."""
    campaign = a_campaign(area_id=a_city().id)
    counties = [a_county(tile_column=place, tile_row=0) for place in range(many)]
    return campaign, counties, [a_slot(campaign, county_id=one.id) for one in counties]


def order(page: Page) -> list[str]:
    """Return the slots' names in addresses, as the page lists them."""
    return [link.split("/")[2] for link in page.links("/slots/")]


def test_the_nearest_is_first_on_the_page_and_on_the_next_screen(
    visitor: Browser, at_most: AtMost
) -> None:
    campaign, counties, slots = in_a_row()
    expected = [slots[place].uid for place in (3, 2, 1, 0)]

    address, near = f"/campaigns/{campaign.slug}", counties[3].nbs_code
    with at_most(8):
        page = visitor.get(f"{address}?near={near}")
    with at_most(8):
        choose = visitor.get(f"{address}/join?near={near}")

    assert order(page) == order(choose) == expected
    assert f"按离{counties[3].name}由近到远排列" in page.text
    assert page.links(f"/join?near={counties[3].nbs_code}"), "the way on forgets from where"
    assert "路上估计 30 分钟" in choose.texts(".action")[0]
    assert "路上估计 165 分钟" in choose.texts(".action")[3]


def test_a_seat_that_is_free_comes_before_a_nearer_one_that_is_taken(visitor: Browser) -> None:
    campaign, counties, slots = in_a_row(2)
    full = a_slot(campaign, county_id=counties[0].id, capacity=1, taken=1, place="图书馆")

    page = visitor.get(f"/campaigns/{campaign.slug}/join?near={counties[0].nbs_code}")

    assert order(page) == [slots[0].uid, slots[1].uid, full.uid]


def test_a_county_on_no_map_comes_last_and_says_no_time(visitor: Browser) -> None:
    campaign, counties, slots = in_a_row(2)
    elsewhere = a_slot(campaign, county_id=a_county().id)

    page = visitor.get(f"/campaigns/{campaign.slug}/join?near={counties[1].nbs_code}")

    assert order(page) == [slots[1].uid, slots[0].uid, elsewhere.uid]
    assert "路上" not in page.texts(".action")[2]


@pytest.mark.parametrize("near", ["", "999999", "1407", "'"])
def test_from_nowhere_leads_to_the_plain_page(near: str, visitor: Browser) -> None:
    campaign, _counties, slots = in_a_row(2)

    answer = visitor.client.get(f"/campaigns/{campaign.slug}", query_string={"near": near})

    assert answer.headers["Location"] == f"/campaigns/{campaign.slug}"
    choose = visitor.get(f"/campaigns/{campaign.slug}/join", query_string={"near": near})
    assert order(choose) == [one.uid for one in slots]


def test_a_poster_leads_to_what_is_near_it(visitor: Browser) -> None:
    campaign, counties, slots = in_a_row(2)
    place = a_campaign_place(campaign, county_id=counties[1].id)

    page = visitor.get(f"/campaigns/{campaign.slug}?from={place.tag}")

    assert order(page)[0] == slots[1].uid
    assert page.links(f"near={counties[1].nbs_code}")
    assert page.links(f"from={place.tag}")


def test_the_poster_of_another_campaign_leads_to_the_plain_page(visitor: Browser) -> None:
    campaign, counties, slots = in_a_row(2)
    place = a_campaign_place(a_campaign(), county_id=counties[1].id)

    page = visitor.get(f"/campaigns/{campaign.slug}?from={place.tag}")

    assert order(page)[0] == slots[0].uid
    assert not page.links("near=")
    assert not page.soup.select('main a[href*="from="]')


def test_an_editor_says_where_a_poster_hangs(browse_as: BrowseAs) -> None:
    campaign, county = a_campaign(area_id=a_city().id), a_county(name="样例榆次区")
    editor = browse_as(a_member_of_staff(Role.EDITOR))

    page = editor.post(
        f"/manage/campaigns/{campaign.uid}/places",
        {"name": "图书馆大厅", "county": str(county.id)},
    )

    assert db.session.scalars(select(CampaignPlace.county_id)).one() == county.id
    assert "样例榆次区" in page.texts("tbody th")[0]


def test_who_is_signed_in_sets_out_from_the_school_else_from_their_county(
    browse_as: BrowseAs, at_most: AtMost
) -> None:
    campaign, counties, slots = in_a_row(3)
    school = an_organisation(OrgKind.UNIVERSITY, area=counties[1])
    at_school = browse_as(a_volunteer(counties[0], org_id=school.id).person_id)
    at_home = browse_as(a_volunteer(counties[2]).person_id)
    address = f"/campaigns/{campaign.slug}/join"

    with at_most(10):
        nearest = order(at_school.get(address))[0]

    assert nearest == slots[1].uid
    assert order(at_home.get(address))[0] == slots[2].uid
    assert order(at_home.get(f"{address}?near={counties[0].nbs_code}"))[0] == slots[0].uid


@given(TILES, TILES)
def test_the_way_there_is_as_long_as_the_way_back(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    there, back = apart(one, other), apart(other, one)

    assert there == back
    assert there is not None
    assert minutes_between(there, 45) >= minutes_between(0, 45) == 30
    assert minutes_between(there, 45) % 15 == 0
