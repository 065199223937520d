"""Writing, reviewing and publishing a campaign: three people, one after the other."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.models import Person
from accounts.rules import Role
from campaigns.manage.rules import MOVES, Check, Verb
from campaigns.models import Activity, Campaign, CampaignPartner, Slot
from campaigns.rules import NEXT, SlotKind, Stage
from campaigns.seats.rules import SeatState
from core.audit import AuditRow
from core.db import db
from messages.models import Message
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.campaigns import a_brand, a_campaign, a_sign_up, a_slot
from tests.builders.people import a_grant, a_member_of_staff, a_person
from tests.builders.places import a_city, a_county, an_organisation
from tests.conftest import NOON, AtMost, BrowseAs

TODAY = NOON.date()
As = Callable[[Role], Browser]


@pytest.fixture
def by(browse_as: BrowseAs) -> As:
    """Browse as somebody in a role that holds everywhere; the same person for the same role."""
    known: dict[Role, Browser] = {}

    def browse(role: Role) -> Browser:
        if role not in known:
            known[role] = browse_as(a_member_of_staff(role))
        return known[role]

    return browse


def a_form(**given: Any) -> dict[str, Any]:
    """Return what an editor fills in for a complete campaign."""
    fields: dict[str, Any] = {
        "slug": "qingnuan-2027",
        "title": "情暖新春",
        "summary": "过一个团圆年",
        "story": "去村里",
        "needed": "会讲故事的人",
        "risks": "路滑",
        "recruit_from": "2026-12-01",
        "recruit_until": "2026-12-20",
        "visits_from": "2027-01-16",
        "visits_until": "2027-02-03",
        "goal": "300",
    } | given
    fields.setdefault("brand", str(a_brand().id))
    fields.setdefault("area", str(a_city().id))
    if "host" not in fields:
        fields["host"] = str(an_organisation(OrgKind.CENTER).id)
    return fields


def one() -> Campaign:
    return db.session.scalars(select(Campaign)).one()


def press(browser: Browser, campaign: Campaign, verb: str, status: int = 200) -> Any:
    """Press the button of a step on the campaign's own page as it is now."""
    db.session.refresh(campaign)
    sent = {"version": str(campaign.version)}
    return browser.post(f"/manage/campaigns/{campaign.uid}/{verb}", sent, status=status)


def review(browser: Browser, campaign: Campaign, status: int = 200, **given: Any) -> Any:
    db.session.refresh(campaign)
    sent = {
        "version": str(campaign.version),
        "decision": "approve",
        "checks": [check.value for check in Check],
    } | given
    return browser.post(f"/manage/campaigns/{campaign.uid}/review", sent, status=status)


def test_moves_go_only_where_the_domain_allows() -> None:
    for move in MOVES.values():
        assert move.sources
        assert all(move.target in NEXT[stage] for stage in move.sources)


def test_every_step_of_the_domain_is_somebodys() -> None:
    possible = {(source, move.target) for move in MOVES.values() for source in move.sources}

    assert {(s, t) for s in Stage for t in NEXT[s]} - possible == {(Stage.SUSPENDED, Stage.RUNNING)}


def test_a_campaign_goes_from_the_first_word_to_the_archive(by: As, visitor: Browser) -> None:
    county = a_county()
    editor = by(Role.EDITOR)
    editor.post("/manage/campaigns/new", a_form())
    campaign = one()
    slots = {
        "counties": [str(county.id)],
        "kind": "pairing_visits",
        "role": "companion",
        "again": "once",
        "capacity": "12",
        "starts_on": "2027-01-16",
        "ends_on": "2027-02-03",
    }
    address = f"/manage/campaigns/{campaign.uid}/slots/new"
    editor.post(address, editor.get(address).form("new") | slots)
    press(editor, campaign, "submit")
    review(by(Role.SAFEGUARDING_LEAD), campaign)
    visitor.get("/campaigns/qingnuan-2027", status=404)
    press(by(Role.PUBLISHER), campaign, "publish")

    assert visitor.get("/campaigns/qingnuan-2027").heading == "情暖新春"
    for verb, stage in (
        ("start", Stage.RUNNING),
        ("wrap-up", Stage.WRAP_UP),
        ("report", Stage.PUBLISHED_REPORT),
        ("archive", Stage.ARCHIVED),
    ):
        press(by(Role.PUBLISHER), campaign, verb)
        assert campaign.stage is stage
    done = db.session.scalars(select(AuditRow.action).where(AuditRow.kind == "campaign")).all()
    assert done[:5] == [
        "create_campaign",
        "edit_slots",
        "submit_campaign",
        "approve_campaign",
        "publish_campaign",
    ]


def test_a_draft_keeps_everything_that_was_written(by: As) -> None:
    org = an_organisation(OrgKind.UNIVERSITY)
    form = a_form(partners=[str(org.id)], title_en="Warm", training_on="2026-12-26")

    page = by(Role.EDITOR).post("/manage/campaigns/new", form)

    campaign = one()
    assert page.url == f"/manage/campaigns/{campaign.uid}"
    assert (campaign.title, campaign.title_en, campaign.goal_volunteers) == (
        "情暖新春",
        "Warm",
        300,
    )
    assert campaign.stage is Stage.DRAFT
    assert db.session.scalars(select(CampaignPartner.org_id)).all() == [org.id]
    edit = by(Role.EDITOR).get(f"/manage/campaigns/{campaign.uid}/edit")
    assert edit.soup.select_one("#story").get_text().strip() == "去村里"  # type: ignore[union-attr]
    assert edit.soup.select(f"[name=partners][value='{org.id}'][checked]")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("slug", "情暖", "只用小写字母"),
        ("slug", "", "请填写这一项"),
        ("slug", "a" * 61, "最多 60 个字"),
        ("title", "", "请填写这一项"),
        ("title", "大" * 61, "最多 60 个字"),
        ("title", "情\x00暖", "含有无法识别的字符"),
        ("title", "情暖🎉", "请只用文字"),
        ("story", "大" * 2001, "最多 2000 个字"),
        ("recruit_from", "2026-02-30", "没有这一天"),
        ("recruit_until", "2026-11-30", "截止日期不能早于开始日期"),
        ("visits_until", "2027-01-15", "结束日期不能早于开始日期"),
        ("visits_from", "", "请填写这一项"),
        ("goal", "很多", ""),
        ("goal", "0", "请填 1 到 100000 的整数"),
        ("goal", "9" * 30, "请填 1 到 100000 的整数"),
        ("brand", "99999", ""),
        ("area", "abc", ""),
        ("host", "99999", ""),
        ("partners", "99999", ""),
    ],
)
def test_what_is_wrong_with_a_campaign_is_told_beside_its_field(
    field: str, value: str, told: str, by: As
) -> None:
    an_organisation(OrgKind.UNIVERSITY)

    page = by(Role.EDITOR).post("/manage/campaigns/new", a_form(**{field: value}), status=422)

    wrong = " ".join(page.texts(f"#{field}-wrong"))
    assert wrong
    assert told in wrong
    assert db.session.scalars(select(Campaign)).all() == []


def test_wide_digits_are_digits(by: As) -> None:
    form = a_form(goal="３００", recruit_from="２０２６年１２月１日")

    by(Role.EDITOR).post("/manage/campaigns/new", form)

    assert (one().goal_volunteers, str(one().recruit_from)) == (300, "2026-12-01")


def test_the_same_form_twice_makes_one_campaign(by: As) -> None:
    form = a_form(form_key="k" * 22)

    first = by(Role.EDITOR).post("/manage/campaigns/new", form)
    second = by(Role.EDITOR).post("/manage/campaigns/new", form)

    assert first.url == second.url
    assert one()


def test_an_address_is_given_once(by: As) -> None:
    a_campaign(slug="qingnuan-2027")

    page = by(Role.EDITOR).post("/manage/campaigns/new", a_form(), status=422)

    assert "网址已被别的活动用了" in " ".join(page.errors)


def test_saving_over_somebody_elses_change_is_refused_and_shown(
    by: As, browse_as: BrowseAs
) -> None:
    campaign = a_campaign(stage=Stage.DRAFT, story="最初")
    edit = f"/manage/campaigns/{campaign.uid}/edit"
    mine = by(Role.EDITOR).get(edit).form("/edit") | a_form(story="我写的")
    colleague = browse_as(a_member_of_staff(Role.EDITOR, name="样例同事"))
    colleague.post(edit, colleague.get(edit).form("/edit") | a_form(story="同事写的"))

    page = by(Role.EDITOR).post(edit, mine, status=409)

    assert "样例同事" in " ".join(page.errors)
    assert "同事写的" in page.text
    assert page.soup.select_one("#story").get_text().strip() == "我写的"  # type: ignore[union-attr]
    assert campaign.story == "同事写的"


def test_only_a_draft_is_changed(by: As) -> None:
    campaign = a_campaign(stage=Stage.RECRUITING)
    edit = f"/manage/campaigns/{campaign.uid}/edit"
    form = by(Role.EDITOR).get(edit).form("/edit") | a_form()

    page = by(Role.EDITOR).post(edit, form, status=422)

    assert "活动现在的阶段不能这样做" in " ".join(page.errors)
    assert campaign.story != "去村里"


def test_an_incomplete_campaign_is_not_submitted(by: As) -> None:
    campaign = a_campaign(stage=Stage.DRAFT, story="", risks="", host_id=None)

    page = press(by(Role.EDITOR), campaign, "submit", status=409)

    for told in ("活动故事", "风险告知", "主办单位", "名额"):
        assert told in page.text
    assert campaign.stage is Stage.DRAFT


def test_a_review_needs_every_check(by: As) -> None:
    campaign = a_campaign(stage=Stage.SAFEGUARDING_REVIEW)

    page = review(by(Role.SAFEGUARDING_LEAD), campaign, status=422, checks=["brand"])

    assert page.texts("#checks-wrong")
    assert campaign.stage is Stage.SAFEGUARDING_REVIEW


def test_sending_back_needs_a_reason_that_the_editor_reads(by: As) -> None:
    campaign = a_campaign(stage=Stage.SAFEGUARDING_REVIEW)
    lead = by(Role.SAFEGUARDING_LEAD)

    page = review(lead, campaign, status=422, decision="send-back", checks=[])
    assert page.texts("#reason-wrong")
    review(lead, campaign, decision="send-back", checks=[], reason="风险写得太少")

    assert campaign.stage is Stage.DRAFT
    assert "风险写得太少" in by(Role.EDITOR).get(f"/manage/campaigns/{campaign.uid}").text


def test_a_decision_is_about_what_was_seen(by: As) -> None:
    campaign = a_campaign(stage=Stage.SAFEGUARDING_REVIEW, version=3)

    page = review(by(Role.SAFEGUARDING_LEAD), campaign, status=422, version="2")

    assert "刚刚有人先改了" in " ".join(page.errors)
    assert campaign.stage is Stage.SAFEGUARDING_REVIEW


@pytest.mark.parametrize("version", ["", "x", "１", "9" * 30, "-1"])
def test_a_forged_version_changes_nothing(version: str, by: As) -> None:
    campaign = a_campaign(stage=Stage.APPROVED)

    by(Role.PUBLISHER).post(
        f"/manage/campaigns/{campaign.uid}/publish", {"version": version}, status=409
    )

    assert campaign.stage is Stage.APPROVED


def everything(browse_as: BrowseAs) -> tuple[Browser, int]:
    """Return somebody who holds all three roles."""
    person_id = a_person().id
    for role in (Role.EDITOR, Role.SAFEGUARDING_LEAD, Role.PUBLISHER):
        a_grant(person_id, role)
    return browse_as(person_id), person_id


def test_nobody_reviews_what_they_wrote(browse_as: BrowseAs) -> None:
    browser, person_id = everything(browse_as)
    campaign = a_campaign(stage=Stage.SAFEGUARDING_REVIEW, edited_by_id=person_id)

    page = review(browser, campaign, status=422)

    assert "三个不同的人" in " ".join(page.errors)
    assert campaign.stage is Stage.SAFEGUARDING_REVIEW


def test_nobody_reviews_what_they_wrote_before_a_colleague_did(browse_as: BrowseAs, by: As) -> None:
    browser, _person_id = everything(browse_as)
    campaign = a_campaign(stage=Stage.DRAFT, host_id=an_organisation(OrgKind.CENTER).id)
    edit = f"/manage/campaigns/{campaign.uid}/edit"
    a_slot(campaign, starts_on=TODAY + timedelta(60), ends_on=TODAY + timedelta(60))
    browser.post(edit, browser.get(edit).form("/edit") | a_form())
    by(Role.EDITOR).post(edit, by(Role.EDITOR).get(edit).form("/edit") | a_form(story="新"))
    press(by(Role.EDITOR), campaign, "submit")

    page = review(browser, campaign, status=422)

    assert "三个不同的人" in " ".join(page.errors)


@pytest.mark.parametrize("column", ["edited_by_id", "reviewed_by_id"])
def test_nobody_publishes_what_they_wrote_or_reviewed(column: str, browse_as: BrowseAs) -> None:
    browser, person_id = everything(browse_as)
    campaign = a_campaign(stage=Stage.APPROVED, **{column: person_id})

    page = press(browser, campaign, "publish", status=409)

    assert "三个不同的人" in page.text
    assert campaign.stage is Stage.APPROVED


def test_a_step_out_of_turn_is_refused(by: As) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)

    page = press(by(Role.PUBLISHER), campaign, "publish", status=409)

    assert "阶段" in page.text


def test_suspending_needs_a_reason_and_can_be_undone(by: As) -> None:
    campaign = a_campaign(stage=Stage.RUNNING, published_at=NOON)
    address = f"/manage/campaigns/{campaign.uid}/suspend"
    publisher = by(Role.PUBLISHER)
    form = publisher.get(address).form("/suspend")

    page = publisher.post(address, form | {"reason": ""}, status=422)
    assert page.texts("#reason-wrong")
    publisher.post(address, form | {"reason": "核对地点"})
    halted = campaign.stage
    press(publisher, campaign, "resume")

    assert (halted, campaign.stage) == (Stage.SUSPENDED, Stage.RECRUITING)


def test_a_suspended_campaign_may_be_mended_under_review(by: As) -> None:
    campaign = a_campaign(stage=Stage.SUSPENDED, reviewed_by_id=a_person().id)

    press(by(Role.EDITOR), campaign, "withdraw")

    assert (campaign.stage, campaign.reviewed_by_id) == (Stage.DRAFT, None)


def test_cancelling_tells_who_has_joined_and_frees_who_has_not(by: As) -> None:
    campaign = a_campaign(stage=Stage.RECRUITING, published_at=NOON, title="情暖新春")
    slot = a_slot(campaign)
    joined = a_sign_up(
        slot, state=SeatState.CONFIRMED, person_id=a_person(email=None, phone="15400000009").id
    )
    pending = a_sign_up(slot)
    address = f"/manage/campaigns/{campaign.uid}/cancel"
    form = by(Role.PUBLISHER).get(address).form("/cancel")

    by(Role.PUBLISHER).post(address, form | {"reason": "大雪"})

    (message,) = db.session.scalars(select(Message)).all()
    assert (message.kind, message.person_id) == ("sign_up_called_off", joined.person_id)
    assert (pending.state, slot.taken) == (SeatState.CANCELLED, 1)


def a_slot_form(**given: Any) -> dict[str, Any]:
    return {
        "kind": "group_activity",
        "timing": "window",
        "again": "once",
        "role": "companion",
        "with_children": "y",
        "least": "0",
        "least_women": "0",
        "least_experienced": "0",
        "most_party": "1",
        "changeover": "0",
        "capacity": "20",
        "starts_on": str(TODAY + timedelta(days=40)),
        "ends_on": str(TODAY + timedelta(days=50)),
    } | given


def test_slots_are_opened_in_many_counties_at_once(by: As) -> None:
    city = a_city()
    ids = [str(a_county(parent_id=city.id).id) for _number in range(3)]
    campaign = a_campaign(stage=Stage.DRAFT, area_id=city.id)

    by(Role.EDITOR).post(f"/manage/campaigns/{campaign.uid}/slots/new", a_slot_form(counties=ids))

    slots = db.session.scalars(select(Slot)).all()
    assert [str(slot.county_id) for slot in slots] == ids
    assert {slot.capacity for slot in slots} == {20}
    assert db.session.scalars(select(Activity.kind)).one() is SlotKind.GROUP_ACTIVITY


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"counties": []}, "至少选一个县"),
        ({"counties": ["99999"]}, ""),
        ({"capacity": "0"}, "请填 1 到 5000 的整数"),
        ({"capacity": "多"}, ""),
        ({"kind": "party"}, ""),
        ({"starts_on": "2026-02-30"}, "没有这一天"),
        ({"ends_on": "2026-11-01"}, "结束日期不能早于开始日期"),
        ({"ends_on": "2028-01-01"}, "走访日期之内"),
    ],
)
def test_wrong_slots_are_not_opened(given: dict[str, Any], told: str, by: As) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    form = a_slot_form(counties=[str(campaign.area_id)]) | given

    page = by(Role.EDITOR).post(f"/manage/campaigns/{campaign.uid}/slots/new", form, status=422)

    assert told in " ".join(page.errors)
    assert db.session.scalars(select(Slot)).all() == []


def test_a_slot_is_opened_once(by: As) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    form = a_slot_form(counties=[str(campaign.area_id)])
    address = f"/manage/campaigns/{campaign.uid}/slots/new"
    by(Role.EDITOR).post(address, form)

    page = by(Role.EDITOR).post(address, form, status=422)

    assert "改那一个" in " ".join(page.errors)


def test_places_never_fall_below_what_is_taken(by: As) -> None:
    slot = a_slot(taken=7)

    page = by(Role.EDITOR).post(f"/manage/slots/{slot.uid}", a_slot_form(capacity="6"), status=422)
    assert "已有 7 人" in " ".join(page.errors)
    by(Role.EDITOR).post(f"/manage/slots/{slot.uid}", a_slot_form(capacity="7"))

    assert (slot.capacity, slot.taken) == (7, 7)


def test_the_days_of_a_public_slot_stay(by: As) -> None:
    slot = a_slot()
    before = slot.starts_on

    by(Role.EDITOR).post(
        f"/manage/slots/{slot.uid}", a_slot_form(starts_on=str(TODAY + timedelta(days=45)))
    )

    assert (slot.starts_on, slot.capacity) == (before, 20)


def test_a_slot_nobody_joined_may_go(by: As) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    used, unused = a_slot(campaign), a_slot(campaign, kind=SlotKind.GROUP_ACTIVITY)
    a_sign_up(used, state=SeatState.ABANDONED)

    page = by(Role.EDITOR).post(f"/manage/slots/{used.uid}/remove", status=409)
    by(Role.EDITOR).post(f"/manage/slots/{unused.uid}/remove")

    assert "已有人报过" in page.text
    assert db.session.scalars(select(Slot.uid)).all() == [used.uid]


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


def test_places_are_opened_in_drafts_only(by: As) -> None:
    campaign = a_campaign(stage=Stage.APPROVED)
    form = a_slot_form(counties=[str(campaign.area_id)])

    page = by(Role.EDITOR).post(f"/manage/campaigns/{campaign.uid}/slots/new", form, status=422)

    assert "只有草稿能改" in " ".join(page.errors)
