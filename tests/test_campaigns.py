"""The public pages of campaigns."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.rules import NEXT, Door, Measure, Recruitment, SlotKind, Stage, map_step
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.campaigns import a_brand, a_campaign, a_count, a_partner, a_slot
from tests.builders.places import a_city, a_county, an_organisation
from tests.conftest import NOON, AtMost

TODAY = NOON.date()
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("stage", "days", "free", "door"),
    [
        (Stage.RECRUITING, (0, 0), 1, Door.OPEN),
        (Stage.RUNNING, (-5, 5), 1, Door.OPEN),
        (Stage.RECRUITING, (-5, 5), 0, Door.FULL),
        (Stage.RECRUITING, (1, 5), 9, Door.UPCOMING),
        (Stage.RECRUITING, (-5, -1), 9, Door.CLOSED),
        (Stage.WRAP_UP, (-5, 5), 9, Door.CLOSED),
        (Stage.SUSPENDED, (-5, 5), 9, Door.CLOSED),
    ],
)
def test_the_door_is_open_on_the_right_days(
    stage: Stage, days: tuple[int, int], free: int, door: Door
) -> None:
    first, last = (TODAY + one * DAY for one in days)

    assert Recruitment(stage, first, last).door(TODAY, free) is door


def test_every_stage_leads_to_stages_only() -> None:
    assert set(NEXT) == set(Stage)


@pytest.mark.parametrize(("value", "step"), [(None, 0), (0, 0), (1, 1), (25, 1), (26, 2), (100, 4)])
def test_a_tile_is_the_darker_the_more(value: int | None, step: int) -> None:
    assert map_step(value, 100) == step


def test_the_front_page_shows_what_one_can_join(visitor: Browser, at_most: AtMost) -> None:
    a_slot(a_campaign(title="可以报名"))
    a_campaign(title="还没发布", stage=Stage.APPROVED)
    a_campaign(title="早就过去", stage=Stage.ARCHIVED)

    with at_most(8):
        page = visitor.get("/")

    assert page.texts(".card h3") == ["可以报名", "全部活动和往期"]
    assert "还没发布" not in page.text


def test_the_front_page_is_kind_when_there_is_nothing(visitor: Browser) -> None:
    assert "现在没有正在招募的活动" in visitor.get("/").text


def test_the_front_page_adds_up_what_may_be_told(visitor: Browser) -> None:
    for pairings in (103, 4):
        campaign = a_campaign()
        a_count(campaign, Measure.VOLUNTEERS, 7)
        a_count(campaign, Measure.PAIRINGS, pairings)

    page = visitor.get("/")

    assert page.texts(".figure") == ["14名志愿者加入", "105个孩子有了结对小组"]


def test_the_list_costs_the_same_for_many(visitor: Browser, at_most: AtMost) -> None:
    brand = a_brand()
    county = a_county()
    for number in range(30):
        a_campaign(
            brand_id=brand.id,
            area_id=county.id,
            visits_from=TODAY + number * DAY,
            visits_until=TODAY + 40 * DAY,
        )

    with at_most(8):
        first = visitor.get("/campaigns")
    with at_most(8):
        second = visitor.get(str(first.soup.select(".pager a")[0]["href"]))

    assert (len(first.texts(".card h3")), len(second.texts(".card h3"))) == (24, 6)
    assert not second.soup.select(".pager")


def test_the_list_is_by_brand(visitor: Browser) -> None:
    mine, other = a_brand(slug="mine"), a_brand()
    a_campaign(brand_id=mine.id, title="这个品牌")
    a_campaign(brand_id=other.id, title="别的品牌", stage=Stage.ARCHIVED)

    assert visitor.get("/campaigns").texts("h2") == ["正在进行", "往期"]
    assert visitor.get("/campaigns?brand=mine").texts(".card h3") == ["这个品牌"]
    assert "这里还没有活动" in visitor.get("/campaigns?brand=nobodys").text
    visitor.get("/campaigns?brand=%F0%9F%98%80&after=%F0%9F%98%80")


def test_a_campaign_tells_all_one_has_to_know(visitor: Browser, at_most: AtMost) -> None:
    city = a_city()
    county = a_county(name="榆次区", parent_id=city.id)
    host = an_organisation(OrgKind.CENTER, name="晋中市未成年人救助保护中心")
    campaign = a_campaign(title="情暖新春", area_id=city.id, host_id=host.id)
    a_partner(campaign, an_organisation(OrgKind.UNIVERSITY, name="示例大学").id)
    slot = a_slot(campaign, county_id=county.id, taken=3)
    a_slot(campaign, county_id=county.id, kind=SlotKind.GROUP_ACTIVITY, taken=10)
    a_count(campaign, Measure.VOLUNTEERS, 3, county_id=county.id)

    with at_most(8):
        page = visitor.get(f"/campaigns/{campaign.slug}")

    assert page.heading == "情暖新春"
    for told in ("冬天的村庄很安静。", "会讲故事的人", "山路冬季可能结冰", host.name, "示例大学"):
        assert told in page.text
    assert page.links(f"/slots/{slot.uid}/join")
    assert len(page.links("/slots/")) == 2, "a full one too: people queue there"
    assert "已满" in page.text
    assert page.links(f"/campaigns/{campaign.slug}/join")
    assert len(page.html) < 40_000


def test_a_campaign_speaks_english_where_it_can(visitor: Browser) -> None:
    campaign = a_campaign(
        title="情暖新春", title_en="Warm New Year", story="冬天", story_en="", risks_en="Ice"
    )

    page = visitor.get(f"/en/campaigns/{campaign.slug}")

    assert page.heading == "Warm New Year"
    assert "冬天" in page.text
    assert "Ice" in page.text
    assert all(link.startswith("/en") for link in page.links("/join"))


def test_numbers_about_children_wait_and_hide(visitor: Browser) -> None:
    city = a_city()
    counties = [a_county(name=name, parent_id=city.id) for name in ("甲县", "乙县", "丙县", "丁县")]
    campaign = a_campaign(area_id=city.id)
    for county, pairings in zip(counties, (4, 12, 33, 57), strict=True):
        a_count(campaign, Measure.PAIRINGS, pairings, county_id=county.id)
    a_count(campaign, Measure.VISITS, 90, county_id=counties[3].id, day=TODAY - 13 * DAY)
    a_count(campaign, Measure.VOLUNTEERS, 2, county_id=counties[0].id, day=TODAY)

    page = visitor.get(f"/campaigns/{campaign.slug}")

    assert page.texts("details tbody tr") == [
        "甲县 2 — —",
        "乙县 0 — —",
        "丙县 0 35 —",
        "丁县 0 55 —",
    ]
    assert page.texts("aside .figure") == ["2名志愿者", "90个孩子结对"]


def test_numbers_about_children_are_told_after_two_weeks(visitor: Browser) -> None:
    campaign = a_campaign()
    a_count(campaign, Measure.VISITS, 44, day=TODAY - 14 * DAY)
    a_count(campaign, Measure.MINUTES, 44 * 60, day=TODAY - 14 * DAY)

    page = visitor.get(f"/campaigns/{campaign.slug}")

    assert page.texts("aside .figure") == ["0名志愿者", "45次走访", "45小时陪伴"]


def test_the_map_shows_the_counties_that_are_on_it(visitor: Browser) -> None:
    city = a_city()
    for column in range(2):
        a_county(parent_id=city.id, tile_column=column, tile_row=0)
    campaign = a_campaign(area_id=city.id)

    assert len(visitor.get(f"/campaigns/{campaign.slug}").soup.select(".map rect")) == 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"stage": Stage.ARCHIVED}, "这一期的报名已经结束"),
        ({"recruit_from": TODAY + DAY}, "开始报名，到时再来看看"),
        ({}, "选一个县排队"),
    ],
)
def test_a_campaign_says_why_one_cannot_join(
    given: dict[str, Any], told: str, visitor: Browser
) -> None:
    campaign = a_campaign(**given)
    a_slot(campaign, taken=10)

    page = visitor.get(f"/campaigns/{campaign.slug}")
    choose = visitor.get(f"/campaigns/{campaign.slug}/join")

    assert told in page.text
    assert bool(page.links("/slots/")) == bool(choose.links("/slots/")) == (not given)


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.SAFEGUARDING_REVIEW, Stage.APPROVED])
def test_nobody_sees_what_is_not_published(stage: Stage, visitor: Browser) -> None:
    visitor.get(f"/campaigns/{a_campaign(stage=stage).slug}", status=404)


@pytest.mark.parametrize(
    ("stage", "told"), [(Stage.SUSPENDED, "暂停了"), (Stage.CANCELLED, "取消了")]
)
def test_a_halted_campaign_keeps_its_address_and_a_word(
    stage: Stage, told: str, visitor: Browser
) -> None:
    shown = a_campaign(stage=stage, published_at=NOON)
    never = a_campaign(stage=stage)

    page = visitor.get(f"/campaigns/{shown.slug}")

    assert told in page.text
    assert "冬天的村庄" not in page.text
    visitor.get(f"/campaigns/{shown.slug}/join", status=404)
    visitor.get(f"/campaigns/{never.slug}", status=404)


def test_a_missing_campaign_is_not_found(visitor: Browser) -> None:
    visitor.get("/campaigns/nothing-here", status=404)


@pytest.mark.parametrize("address", ["/", "/campaigns"])
def test_looking_around_leaves_no_cookie(address: str, visitor: Browser) -> None:
    a_slot(a_campaign())

    assert "Set-Cookie" not in visitor.client.get(address).headers
