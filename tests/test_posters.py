"""Places where posters hang: their tags, and how often people came from each."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.rules import Role
from campaigns.funnel.models import FunnelCount
from campaigns.funnel.rules import Step
from campaigns.models import Campaign
from campaigns.posters.models import CampaignPlace
from campaigns.posters.rules import LETTERS, MOST_PLACES, a_tag, is_tag
from core import clock
from core.audit import AuditRow
from core.db import db
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_campaign_place
from tests.builders.people import a_member_of_staff
from tests.conftest import AtMost, BrowseAs
from tests.factories import saved


@pytest.fixture
def editor(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.EDITOR))


def looked_at(campaign: Campaign, tag: str, day: date, count: int) -> None:
    of = {"campaign_id": campaign.id, "area_id": campaign.area_id, "step": Step.VIEWED}
    saved(FunnelCount(**of, source=tag, day=day, count=count))


def test_a_tag_is_short_and_has_no_letter_that_looks_like_a_digit() -> None:
    tags = {a_tag() for _turn in range(500)}

    assert len(tags) == 500
    assert all(is_tag(one) and 6 <= len(one) <= 8 for one in tags)
    assert not set("ilo") & set(LETTERS)
    assert not any(map(is_tag, ("", "abc", "ABCDEFG", "abcdefg1", "abcdefg\n", "abcdefghj")))


def test_an_editor_adds_a_place_and_removes_it(editor: Browser) -> None:
    campaign = a_campaign()

    page = editor.post(f"/manage/campaigns/{campaign.uid}/places", {"name": "榆次图书馆大厅"})

    place = db.session.scalars(select(CampaignPlace)).one()
    assert page.texts("tbody th") == ["榆次图书馆大厅"]
    assert f"/campaigns/{campaign.slug}?from={place.tag}" in page.text
    looked_at(campaign, place.tag, clock.today(), 3)

    page = editor.post(f"/manage/places/{place.uid}/remove")

    assert page.texts("tbody th") == []
    assert db.session.scalars(select(FunnelCount.count)).all() == [3], "the sums stay"
    actions = db.session.scalars(select(AuditRow.action).where(AuditRow.kind == "campaign"))
    assert list(actions) == ["add_place", "remove_place"]


def test_the_same_place_is_not_added_twice(editor: Browser) -> None:
    campaign = a_campaign()
    a_campaign_place(campaign, name="车站")

    page = editor.post(f"/manage/campaigns/{campaign.uid}/places", {"name": "车站"}, status=422)

    assert "已经有这个张贴点了" in page.errors


def test_a_campaign_has_a_limited_number_of_places(editor: Browser) -> None:
    campaign = a_campaign()
    for _turn in range(MOST_PLACES):
        a_campaign_place(campaign)

    page = editor.post(f"/manage/campaigns/{campaign.uid}/places", {"name": "车站"}, status=422)

    assert f"一个活动最多 {MOST_PLACES} 个张贴点" in page.errors


def test_only_editors_change_places(app: Flask, browse_as: BrowseAs) -> None:
    place = a_campaign_place(a_campaign())
    publisher = browse_as(a_member_of_staff(Role.PUBLISHER))
    uid = db.session.scalars(select(CampaignPlace.uid)).one()
    listing = f"/manage/campaigns/{a_campaign().uid}/places"

    assert publisher.get(listing).soup.select("main form") == []
    publisher.post(listing, {"name": "车站"}, status=404)
    publisher.post(f"/manage/places/{uid}/remove", status=403)

    assert db.session.scalar(select(CampaignPlace.id)) == place.id


def test_the_list_tells_the_last_week_and_all(editor: Browser, at_most: AtMost) -> None:
    campaign = a_campaign()
    for _turn in range(10):
        place = a_campaign_place(campaign)
        for days_ago, count in ((0, 1), (6, 2), (7, 4)):
            day = clock.today() - timedelta(days=days_ago)
            looked_at(campaign, place.tag, day, count)

    with at_most(8):
        page = editor.get(f"/manage/campaigns/{campaign.uid}/places")

    assert page.texts("td[data-label=最近七天]") == ["3"] * 10
    assert [one[0] for one in page.texts("td[data-label=一共]")] == ["7"] * 10


def test_a_screens_code_carries_the_tag_of_its_place(app: Flask, visitor: Browser) -> None:
    place = a_campaign_place(campaign := a_campaign())
    address = f"/campaigns/{campaign.slug}/led"

    def code(query: str) -> str:
        return str(visitor.get(address + query).soup.select_one(".led-code svg path[stroke]"))

    assert code(f"?from={place.tag}") != code("")
    assert code("?from=zzzzzzz") == code("")
