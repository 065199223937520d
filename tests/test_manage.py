"""Writing, reviewing and publishing a campaign: three people, one after the other."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.rules import Role
from campaigns.manage.rules import MOVES, Check
from campaigns.models import Campaign, CampaignPartner
from campaigns.rules import NEXT, Stage
from campaigns.seats.rules import SeatState
from core.audit import AuditRow
from core.db import db
from messages.models import Message
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.campaigns import a_brand, a_campaign, a_sign_up, a_slot
from tests.builders.people import a_grant, a_member_of_staff, a_person
from tests.builders.places import a_city, a_county, an_organisation
from tests.conftest import NOON, BrowseAs, SetClock

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


def test_a_campaign_goes_from_the_first_word_to_the_archive(
    by: As, visitor: Browser, browse_as: BrowseAs, set_clock: SetClock
) -> None:
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
    for verb, stage in (("start", Stage.RUNNING), ("wrap-up", Stage.WRAP_UP)):
        press(by(Role.PUBLISHER), campaign, verb)
        assert campaign.stage is stage
    set_clock(NOON + timedelta(days=120))
    writer, publisher = (
        browse_as(a_member_of_staff(role)) for role in (Role.EDITOR, Role.PUBLISHER)
    )
    address = f"/manage/campaigns/{campaign.uid}/closing-report"
    writer.post(address, writer.get(address).form("closing") | {"text": "谢谢每一位"})
    for verb, stage in (("report", Stage.PUBLISHED_REPORT), ("archive", Stage.ARCHIVED)):
        press(publisher, campaign, verb)
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
