"""Versions of a report at the desk: what waits, who was faster, what was public before."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Role
from campaigns.models import Campaign
from campaigns.reports.rules import Mark, changed, changes
from campaigns.rules import Stage, lines
from core import clock
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_correction, a_reported_campaign
from tests.builders.corrections import MENDED, NEW, OLD, audited, mend, of, press, read, versions
from tests.builders.people import a_member_of_staff, a_person
from tests.conftest import AtMost, BrowseAs


@pytest.fixture
def editor(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.EDITOR))


@pytest.fixture
def publisher(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.PUBLISHER))


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return a_reported_campaign()


@pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.WRAP_UP, Stage.ARCHIVED])
def test_where_nothing_was_published_there_is_nothing_to_correct(
    editor: Browser, stage: Stage
) -> None:
    campaign = a_campaign(stage=stage)

    for end in ("correction", "versions"):
        assert "没有公布过总结" in editor.get(of(campaign, end), 409).text
    editor.post(of(campaign), MENDED | {"number": "1", "version": "0"}, 409)
    assert versions(campaign) == []


# --- two at once ----------------------------------------------------------------------------------


def test_the_second_of_two_is_told_and_sees_both_texts(
    app: Flask, browse_as: BrowseAs, campaign: Campaign
) -> None:
    slow = browse_as(a_member_of_staff(Role.EDITOR))
    form = slow.get(of(campaign)).form(of(campaign))
    mend(browse_as(a_member_of_staff(Role.EDITOR)), campaign, text="先写的")

    page = slow.post(of(campaign), form | MENDED | {"text": "后写的"}, status=409)

    assert "刚刚有别人写了" in " ".join(page.errors)
    assert "先写的" in page.texts(".alert.warn")[0]
    assert page.texts("textarea#text") == ["后写的"]
    assert [one.text for one in versions(campaign)][1:] == ["先写的"]
    latest = slow.get(of(campaign)).form(of(campaign))
    slow.post(of(campaign), latest | {"text": "先写的和后写的"})
    assert [one.text for one in versions(campaign)][1:] == ["先写的和后写的"]


@pytest.mark.parametrize("verb", ["publish", "give-up"])
def test_whoever_writes_on_in_what_is_settled_is_told(
    editor: Browser, publisher: Browser, campaign: Campaign, verb: str
) -> None:
    mend(editor, campaign)
    form = editor.get(of(campaign)).form(of(campaign))
    press(publisher, campaign, verb)

    page = editor.post(of(campaign), form | {"text": "接着改"}, status=409)

    assert "刚刚有别人写了" in " ".join(page.errors)
    assert NEW in page.text if verb == "publish" else OLD in page.text
    assert [one.text for one in versions(campaign)][1:] == [MENDED["text"]]


@pytest.mark.parametrize("verb", ["publish", "give-up"])
def test_nobody_acts_on_a_correction_they_have_not_seen(
    editor: Browser, publisher: Browser, campaign: Campaign, verb: str
) -> None:
    mend(editor, campaign)
    seen = publisher.get(of(campaign, "versions")).form(f"/{verb}")
    mend(editor, campaign, text="又改过")

    page = publisher.post(of(campaign, f"correction/{verb}"), seen, 409)

    assert "刚刚有别人写了" in page.text
    last = versions(campaign)[-1]
    assert (last.text, last.published_at, last.given_up_at) == ("又改过", None, None)


# --- what is not public ---------------------------------------------------------------------------


def test_a_correction_is_given_up_and_stays_for_the_desk(
    editor: Browser, publisher: Browser, visitor: Browser, campaign: Campaign
) -> None:
    mend(editor, campaign)

    page = press(editor, campaign, "give-up")

    assert "更正已放弃" in page.text
    assert "已放弃，没有公开过" in page.text
    assert NEW in page.text
    assert OLD in read(visitor, campaign).text
    assert "更正：" not in read(visitor, campaign).text
    assert audited(campaign) == ["write_correction", "give_up_correction"]
    press(publisher, campaign, "publish", status=409)

    mend(editor, campaign, text="重新写的")
    press(publisher, campaign, "publish")
    assert "重新写的" in read(visitor, campaign).text


def test_earlier_versions_stay_for_those_who_work_on_the_campaign_and_nobody_else(
    app: Flask, browse_as: BrowseAs, visitor: Browser, campaign: Campaign
) -> None:
    writer, last = (
        a_member_of_staff(role, name=name)
        for role, name in ((Role.EDITOR, "样例编辑"), (Role.PUBLISHER, "样例发布人"))
    )
    for text, reason in (("第二版", "理由一"), ("第三版", "理由二")):
        mend(browse_as(writer), campaign, text=text, reason=reason)
        press(browse_as(last), campaign, "publish")

    for role in (Role.EDITOR, Role.SAFEGUARDING_LEAD, Role.PUBLISHER):
        page = browse_as(a_member_of_staff(role)).get(of(campaign, "versions"))
        assert page.texts("h3 .tag") == ["现在公开", "以前公开过", "以前公开过"]
        assert page.texts("section h3")[0].startswith("第 2 次更正")
        for said in (OLD, "第二版", "第三版", "理由一", "理由二"):
            assert said in page.text
        assert page.text.count("样例编辑 · 今天 12:00") == 2
        assert page.text.count("样例发布人 · 今天 12:00") == 2

    for face in ("report", "", "led"):
        told = visitor.get(f"/campaigns/{campaign.slug}/{face}".rstrip("/")).html
        assert not [said for said in ("这个冬天", "第二版", "理由一") if said in told]
    assert "理由二" in read(visitor, campaign).text
    browse_as(a_member_of_staff(Role.COORDINATOR)).get(of(campaign, "versions"), 403)


def test_the_reason_of_what_waits_is_not_public(
    editor: Browser, visitor: Browser, campaign: Campaign
) -> None:
    mend(editor, campaign)

    for face in ("report", "", "led"):
        told = visitor.get(f"/campaigns/{campaign.slug}/{face}".rstrip("/")).html
        assert MENDED["reason"] not in told
        assert NEW not in told


def test_a_publisher_is_told_that_english_was_left_as_it_was(
    editor: Browser, publisher: Browser, campaign: Campaign
) -> None:
    mend(editor, campaign)
    assert "英文一个字没改" in publisher.get(of(campaign, "versions")).text

    mend(editor, campaign, text_en="Thanks to all volunteers.")
    assert "英文一个字没改" not in publisher.get(of(campaign, "versions")).text


def test_what_waits_stands_on_the_publishers_first_page_and_in_a_list(
    editor: Browser, publisher: Browser, campaign: Campaign
) -> None:
    other = a_reported_campaign()
    mend(editor, campaign)

    assert "等您公布的总结更正" in publisher.get("/home").text
    listed = publisher.get("/manage/campaigns?show=corrected").links()
    assert f"/manage/campaigns/{campaign.uid}" in listed
    assert f"/manage/campaigns/{other.uid}" not in listed
    assert of(campaign, "versions") in publisher.get(f"/manage/campaigns/{campaign.uid}").links()

    press(publisher, campaign, "publish")
    assert "等您公布的总结更正" not in publisher.get("/home").text


def test_what_is_typed_is_kept_as_a_draft(editor: Browser, campaign: Campaign) -> None:
    form = editor.get(of(campaign)).form(of(campaign))
    page = editor.post("/account/drafts", form | {"text": "写到一半", "reason": "半句"})

    assert "写到一半" in page.html
    assert "接着写" in editor.get(of(campaign)).text


def test_versions_ask_little_and_come_in_pages(
    publisher: Browser, campaign: Campaign, at_most: AtMost
) -> None:
    for turn in range(12):
        a_correction(
            campaign, text=f"第{turn}版", published_by_id=a_person().id, published_at=clock.now()
        )
    a_correction(campaign)

    with at_most(14):
        page = publisher.get(of(campaign, "versions"))

    assert len(page.texts("h3 .tag")) == 10
    more = next(link for link in page.links() if "after=" in link)
    assert len(publisher.get(more).texts("h3 .tag")) == 3


def test_a_corrected_report_asks_little(visitor: Browser, at_most: AtMost) -> None:
    campaign = a_reported_campaign()
    a_correction(campaign, published_by_id=a_person().id, published_at=clock.now())

    with at_most(9):
        read(visitor, campaign)


# --- what a correction changes --------------------------------------------------------------------

TEXTS = st.lists(st.sampled_from(["一", "二", "三", ""]), max_size=8).map("\n".join)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_the_changes(before: str, after: str) -> None:
    found = changes(before, after)

    assert [line for mark, line in found if mark is not Mark.NEW] == lines(before)
    assert [line for mark, line in found if mark is not Mark.GONE] == lines(after)
    assert changed(before, after) is any(mark is not Mark.SAME for mark, _line in found)
