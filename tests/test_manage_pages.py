"""The pages of those who manage campaigns: whose they are, what they list and what they cost."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.models import Person
from accounts.rules import Role
from campaigns.manage.rules import MOVES, Verb
from campaigns.rules import Stage
from core.db import db
from tests.browser import Browser
from tests.builders.campaigns import a_brand, a_campaign, a_slot
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county
from tests.conftest import AtMost, BrowseAs
from tests.test_manage import TODAY, As, a_form, by, one
from tests.test_manage_slots import a_slot_form

__all__ = ["by"]  # the fixtures of its neighbour


def test_a_county_editor_keeps_to_the_county(browse_as: BrowseAs) -> None:
    mine, theirs = a_county(), a_county()
    editor = browse_as(a_member_of_staff(Role.EDITOR, area_id=mine.id))
    own, other = a_campaign(area_id=mine.id, stage=Stage.DRAFT), a_campaign(area_id=theirs.id)
    slot = a_slot(other)

    page = editor.get("/manage/campaigns")

    assert len(page.links("/manage/campaigns/")) >= 1
    assert own.title in page.text
    assert other.title not in page.text
    for address in ("", "/edit", "/slots/new"):
        editor.get(f"/manage/campaigns/{other.uid}{address}", status=404)
    for verb in ("submit", "withdraw"):
        editor.post(f"/manage/campaigns/{other.uid}/{verb}", {"version": "1"}, status=404)
    editor.get(f"/manage/slots/{slot.uid}", status=404)
    editor.post(f"/manage/slots/{slot.uid}/remove", status=404)
    refused = editor.post("/manage/campaigns/new", a_form(area=str(theirs.id)), status=422)
    assert refused.texts("#area-wrong")


def test_a_city_editor_works_for_its_counties(browse_as: BrowseAs) -> None:
    city = a_city()
    campaign = a_campaign(area_id=a_county(parent_id=city.id).id)
    editor = browse_as(a_member_of_staff(Role.EDITOR, area_id=city.id))

    assert editor.get(f"/manage/campaigns/{campaign.uid}").heading == campaign.title


ROUTES = [
    ("/manage/campaigns/new", Role.EDITOR),
    ("/manage/campaigns/{uid}/edit", Role.EDITOR),
    ("/manage/campaigns/{uid}/slots/new", Role.EDITOR),
    ("/manage/campaigns/{uid}/review", Role.SAFEGUARDING_LEAD),
    ("/manage/campaigns/{uid}/suspend", Role.PUBLISHER),
    ("/manage/campaigns/{uid}/cancel", Role.PUBLISHER),
]


@pytest.mark.parametrize(("address", "role"), ROUTES)
def test_each_page_is_its_roles_alone(address: str, role: Role, by: As, visitor: Browser) -> None:
    uid = a_campaign().uid

    by(role).get(address.format(uid=uid))
    for other in {Role.EDITOR, Role.SAFEGUARDING_LEAD, Role.PUBLISHER, Role.ADMIN} - {role}:
        by(other).get(address.format(uid=uid), status=403)
    visitor.get(address.format(uid=uid), status=302)


@pytest.mark.parametrize("address", ["/manage/campaigns/x", "/manage/campaigns/x/review"])
def test_a_missing_campaign_is_not_found(address: str, by: As) -> None:
    by(Role.SAFEGUARDING_LEAD).get(address, status=404)


def test_the_lists_are_what_the_home_page_counts(by: As, at_most: AtMost) -> None:
    a_campaign(stage=Stage.DRAFT, title="写到一半")
    a_campaign(stage=Stage.DRAFT, title="退回来的", review_note="太短")
    a_campaign(stage=Stage.SAFEGUARDING_REVIEW, title="等人审的")
    a_campaign(stage=Stage.APPROVED, title="等人发的")
    a_campaign(stage=Stage.RECRUITING, title="该开始的", visits_from=TODAY)
    late = {"visits_from": TODAY - timedelta(days=9), "visits_until": TODAY - timedelta(days=1)}
    a_campaign(stage=Stage.RUNNING, title="该收尾的", **late)

    for role, waiting in (
        (Role.EDITOR, {"returned": "退回来的", "draft": "写到一半"}),
        (Role.SAFEGUARDING_LEAD, {"review": "等人审的"}),
        (
            Role.PUBLISHER,
            {"approved": "等人发的", "to_start": "该开始的", "to_wrap_up": "该收尾的"},
        ),
    ):
        home = by(role).get("/home")
        assert len(home.texts(".action")) == len(waiting)
        for tab, title in waiting.items():
            (address,) = set(home.links(f"show={tab}"))
            with at_most(8):
                page = by(role).get(address)
            assert page.texts("tbody td:first-child") == [title]


def test_nothing_to_do_is_said_kindly(by: As) -> None:
    assert "都办完了" in by(Role.PUBLISHER).get("/home").text
    assert "还没有活动" in by(Role.PUBLISHER).get("/manage/campaigns").text
    assert "先建一个草稿" in by(Role.EDITOR).get("/manage/campaigns").text
    assert "这一栏是空的" in by(Role.PUBLISHER).get("/manage/campaigns?show=review").text


def test_the_list_costs_the_same_for_many(by: As, at_most: AtMost) -> None:
    brand, county = a_brand(), a_county()
    for _number in range(60):
        a_campaign(brand_id=brand.id, area_id=county.id)
    browser = by(Role.EDITOR)

    with at_most(8):
        page = browser.get("/manage/campaigns")

    assert len(page.texts("tbody tr")) == 50
    assert page.soup.select(".pager")


def test_the_page_of_a_campaign_tells_its_history(by: As, at_most: AtMost) -> None:
    by(Role.EDITOR).post("/manage/campaigns/new", a_form())
    campaign = one()
    name = db.session.scalars(select(Person.name).where(Person.id == campaign.edited_by_id)).one()

    with at_most(10):
        page = by(Role.EDITOR).get(f"/manage/campaigns/{campaign.uid}")

    assert f"新建草稿 {name}" in page.text
    assert "还没有设名额" in page.text


def test_a_second_press_changes_nothing(by: As) -> None:
    campaign = a_campaign(stage=Stage.APPROVED)
    sent = {"version": "1", "form_key": "k" * 22}
    address = f"/manage/campaigns/{campaign.uid}/publish"

    by(Role.PUBLISHER).post(address, sent)
    by(Role.PUBLISHER).post(address, sent)

    assert (campaign.stage, campaign.version) == (Stage.RECRUITING, 2)
    assert Verb.PUBLISH in MOVES


def test_a_draft_may_move_its_days_within_the_visits(by: As) -> None:
    slot = a_slot(a_campaign(stage=Stage.DRAFT))
    address, later = f"/manage/slots/{slot.uid}", TODAY + timedelta(days=45)

    by(Role.EDITOR).post(address, a_slot_form(starts_on=str(later)))
    page = by(Role.EDITOR).post(address, a_slot_form(ends_on="2028-01-01"), status=422)

    assert slot.starts_on == later
    assert "走访日期之内" in " ".join(page.errors)
