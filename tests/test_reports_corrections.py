"""A published report is corrected by two people, and only the last version is the public's."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from accounts.queries import actor_for
from accounts.rules import Role
from campaigns.models import Campaign
from campaigns.pages.queries import version
from campaigns.reports.models import ClosingReport
from campaigns.reports.services import (
    Correction,
    Seen,
    correct,
    give_up_correction,
)
from campaigns.rules import Measure, Stage
from campaigns.stories.services import withdraw
from children.consents.services import withdraw as withdraw_consent
from children.rules import Purpose
from core import clock
from core.db import db
from core.errors import NotYours
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_correction, a_count, a_reported_campaign
from tests.builders.corrections import (
    NEW,
    OLD,
    an_editor_who_publishes,
    audited,
    mend,
    of,
    press,
    read,
    versions,
)
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.places import a_county, a_township, a_village
from tests.builders.stories import a_drawn_story, a_story, a_willing_child, concerns
from tests.conftest import NOON, BrowseAs, SetClock
from tests.factories import saved


@pytest.fixture
def editor(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.EDITOR))


@pytest.fixture
def publisher(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.PUBLISHER))


@pytest.fixture
def campaign(app: Flask) -> Campaign:
    return a_reported_campaign()


# --- from the desk to the public ------------------------------------------------------------------


@pytest.mark.parametrize("stage", [Stage.PUBLISHED_REPORT, Stage.ARCHIVED])
def test_one_corrects_another_publishes_and_everybody_reads_when_and_why(
    app: Flask, browse_as: BrowseAs, visitor: Browser, set_clock: SetClock, stage: Stage
) -> None:
    campaign = a_reported_campaign(stage=stage)
    editor, publisher = (
        a_member_of_staff(role, name=name)
        for role, name in ((Role.EDITOR, "样例编辑"), (Role.PUBLISHER, "样例发布人"))
    )
    before = read(visitor, campaign).html
    set_clock(NOON + timedelta(days=9))

    page = mend(browse_as(editor), campaign, text_en="## This winter\nThanks to all volunteers.")

    assert page.url == of(campaign, "versions")
    assert page.texts(".changes del") == [f"删去：{OLD}。", "删去：Thanks to everybody who came."]
    assert page.texts(".changes ins") == [f"加上：{NEW}。", "加上：Thanks to all volunteers."]
    assert read(visitor, campaign).html == before, "public is still what was published"

    told = press(browse_as(publisher), campaign, "publish")

    assert "更正已公布" in told.text
    page = read(visitor, campaign)
    assert "2026年12月3日 周四 更正：更正了称呼" in page.text
    assert NEW in page.text
    assert OLD not in page.text
    assert "2026年11月24日" in page.text, "when there was a report first"
    english = read(visitor, campaign, "/en")
    assert "Thanks to all volunteers." in english.text
    assert "Corrected on Thu 3 Dec 2026: 更正了称呼" in english.text
    assert audited(campaign) == ["write_correction", "publish_correction"]
    history = browse_as(publisher).get(f"/manage/campaigns/{campaign.uid}").text
    assert "公布总结的更正" in history
    assert "样例发布人：更正了称呼" in history


def test_the_reason_is_told_in_the_readers_language(
    editor: Browser, publisher: Browser, visitor: Browser, campaign: Campaign
) -> None:
    mend(editor, campaign, reason_en="A word was wrong")
    press(publisher, campaign, "publish")

    assert "Corrected on Tue 24 Nov 2026: A word was wrong" in read(visitor, campaign, "/en").text


def test_the_numbers_stay_as_they_were_told(
    editor: Browser, publisher: Browser, visitor: Browser
) -> None:
    campaign = a_campaign(stage=Stage.PUBLISHED_REPORT)
    figures: dict[str, object] = {"joined": {}, "pairings": {"cells": {}, "total": None}} | {
        "visits": {"cells": {}, "total": 45}, "hours": None
    }  # fmt: skip
    saved(
        ClosingReport(
            campaign_id=campaign.id, text=OLD, written_by_id=a_person().id,
            published_by_id=a_person().id, published_at=clock.now(), figures=figures,
        )
    )  # fmt: skip
    a_count(campaign, Measure.VISITS, 1000, day=clock.today() - timedelta(days=50))

    mend(editor, campaign)
    press(publisher, campaign, "publish")

    assert "45 次走访" in " ".join(read(visitor, campaign).text.split())
    assert [one.figures for one in versions(campaign)] == [figures, figures]


def test_pages_that_are_kept_ready_are_made_anew_when_it_is_public_and_not_before(
    editor: Browser, publisher: Browser, visitor: Browser, campaign: Campaign
) -> None:
    before = version()
    mend(editor, campaign)
    assert version() == before

    press(publisher, campaign, "publish")

    assert version() != before
    assert NEW in read(visitor, campaign).text
    answer = visitor.client.get(f"/campaigns/{campaign.slug}/report")
    assert answer.headers["Cache-Control"] == "private, no-cache"


# --- two people -----------------------------------------------------------------------------------


def test_nobody_publishes_what_they_corrected(
    app: Flask, browse_as: BrowseAs, campaign: Campaign
) -> None:
    both = browse_as(an_editor_who_publishes())
    mend(both, campaign)
    assert not both.get(of(campaign, "versions")).soup.select("form[action$='/publish']")

    page = press(both, campaign, "publish", status=409)

    assert "两个不同的人" in page.text
    assert versions(campaign)[-1].published_at is None


def test_nor_what_somebody_else_has_written_on_in(
    editor: Browser, browse_as: BrowseAs, publisher: Browser, campaign: Campaign
) -> None:
    both = browse_as(an_editor_who_publishes())
    mend(both, campaign)
    mend(editor, campaign, text="改了又改")

    assert "两个不同的人" in press(both, campaign, "publish", status=409).text
    assert "您动过笔" in both.get(of(campaign, "versions")).text
    press(publisher, campaign, "publish")

    assert versions(campaign)[-1].published_at


def test_whoever_wrote_an_earlier_version_may_publish_a_later_one(
    editor: Browser, publisher: Browser, browse_as: BrowseAs, campaign: Campaign,
    set_clock: SetClock,
) -> None:  # fmt: skip
    both = browse_as(an_editor_who_publishes())
    mend(both, campaign)
    press(publisher, campaign, "publish")
    set_clock(NOON + timedelta(minutes=1))
    mend(editor, campaign, text="再改一次")

    press(both, campaign, "publish")

    assert versions(campaign)[-1].published_at


def test_nor_does_anybody_publish_a_first_report_they_have_written_in(
    editor: Browser, browse_as: BrowseAs
) -> None:
    campaign = a_campaign(
        stage=Stage.WRAP_UP, visits_from=NOON.date() - timedelta(60),
        visits_until=NOON.date() - timedelta(20),
    )  # fmt: skip
    both = browse_as(an_editor_who_publishes())
    address = f"/manage/campaigns/{campaign.uid}/closing-report"
    for writer in (both, editor):
        writer.post(address, writer.get(address).form("closing") | {"text": OLD})
    db.session.refresh(campaign)

    sent = {"version": str(campaign.version)}
    page = both.post(f"/manage/campaigns/{campaign.uid}/report", sent, 409)

    assert "两个不同的人" in page.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"number": 0},
        {"given_up_at": NOON},
        {"published_at": NOON},
    ],
)
def test_the_database_keeps_the_rules_too(campaign: Campaign, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError):
        a_correction(campaign, **wrong)


def test_the_database_lets_only_one_correction_wait(campaign: Campaign) -> None:
    a_correction(campaign)
    with pytest.raises(IntegrityError):
        a_correction(campaign)


def test_the_database_knows_two_people_of_a_correction_too(campaign: Campaign) -> None:
    one = a_person().id
    with pytest.raises(IntegrityError):
        a_correction(campaign, written_by_id=one, published_by_id=one, published_at=NOON)


@pytest.mark.parametrize("role", [Role.SAFEGUARDING_LEAD, Role.EDITOR])
def test_only_a_publisher_publishes(
    app: Flask, browse_as: BrowseAs, campaign: Campaign, role: Role
) -> None:
    a_correction(campaign)

    press(browse_as(a_member_of_staff(role)), campaign, "publish", status=403)


def test_an_editor_of_another_county_finds_nothing_to_correct(
    app: Flask, campaign: Campaign
) -> None:
    stranger = actor_for(a_member_of_staff(Role.EDITOR, area_id=a_county().id))
    said = Correction("别的", "", "改", "", 2, 0)

    with pytest.raises(NotYours):
        correct(campaign.uid, said, by=stranger)
    with pytest.raises(NotYours):
        give_up_correction(campaign.uid, Seen(2, 1), by=stranger)


# --- the gates of the first publication -----------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "said", "told"),
    [
        ("text", "我们陪了3个孩子。", "3个孩子"),
        ("text", "谢谢可怜的孩子", "可怜"),
        ("text_en", "We met 3 children.", "3 children"),
        ("reason", "不该写那个8岁的孩子", "8岁"),
        ("reason_en", "It named an orphan", "orphan"),
    ],
)
def test_every_word_passes_the_gate_the_reason_too(
    editor: Browser, campaign: Campaign, field: str, said: str, told: str
) -> None:
    page = mend(editor, campaign, 422, **{field: said})

    assert any(told in one for one in page.errors), page.errors
    assert len(versions(campaign)) == 1


@pytest.mark.parametrize("field", ["text", "text_en", "reason", "reason_en"])
def test_words_are_looked_at_again_when_it_is_published(
    publisher: Browser, visitor: Browser, campaign: Campaign, field: str
) -> None:
    """A word may have come onto the list since it was written."""
    a_correction(campaign, **{field: "可怜的 orphan"})
    page = publisher.get(of(campaign, "versions"))
    assert "公布更正前还差" in page.text
    assert not page.soup.select("form[action$='/publish']")

    assert "不能写" in press(publisher, campaign, "publish", status=409).text
    assert OLD in read(visitor, campaign).text


@pytest.mark.parametrize("by", ["consent", "desk"])
def test_a_story_that_is_taken_back_leaves_the_corrected_report_too(
    publisher: Browser, visitor: Browser, campaign: Campaign, by: str
) -> None:
    child = a_willing_child(
        a_village(a_township(a_county())), Purpose.PUBLICATION, Purpose.ASSENT, Purpose.PHOTO
    )
    story = a_drawn_story(campaign, text="一本书从村头传到村尾", children=1, shows_children=True)
    concerns(story, child)
    a_correction(campaign)
    press(publisher, campaign, "publish")
    assert "一本书从村头传到村尾" in read(visitor, campaign).text

    if by == "consent":
        coordinator = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
        withdraw_consent(child.uid, Purpose.PUBLICATION, coordinator, lambda _child, _by: None)
    else:
        lead = actor_for(a_member_of_staff(Role.PUBLISHER))
        withdraw(story.uid, "家里来电话", by=lead)

    assert "一本书从村头传到村尾" not in read(visitor, campaign).html
    assert NEW in read(visitor, campaign).text


def test_a_story_that_lacks_a_yes_does_not_come_with_a_correction(
    publisher: Browser, visitor: Browser, campaign: Campaign
) -> None:
    a_story(campaign, text="一本书从村头传到村尾", children=1)
    a_correction(campaign)
    press(publisher, campaign, "publish")

    assert "一本书从村头传到村尾" not in read(visitor, campaign).html


def test_a_pasted_script_stays_words(
    editor: Browser, publisher: Browser, visitor: Browser, campaign: Campaign
) -> None:
    mend(editor, campaign, text="好 <script>alert(1)</script>话", reason="<b>称呼</b>")
    press(publisher, campaign, "publish")

    page = read(visitor, campaign)
    assert "alert(1)" not in page.html
    assert "&lt;b&gt;称呼" in page.html


def test_a_correction_says_why(editor: Browser, campaign: Campaign) -> None:
    assert "请填写这一项" in " ".join(mend(editor, campaign, 422, reason=" ").errors)


def test_what_changes_nothing_is_no_correction(editor: Browser, campaign: Campaign) -> None:
    text = versions(campaign)[0].text.replace("\n", "\r\n\r\n")

    assert "没有要更正的" in " ".join(mend(editor, campaign, 422, text=text).errors)


def test_a_report_may_be_as_long_as_its_form_says(editor: Browser, campaign: Campaign) -> None:
    mend(editor, campaign, text="长" * 4000)

    assert "最多 4000 个字" in " ".join(mend(editor, campaign, 422, text="长" * 4001).errors)
