"""The closing report: written by one, published by another, with numbers that change no more."""

from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.rules import Role
from campaigns.models import Campaign
from campaigns.numbers.rules import Figures, laid_aside, taken_up
from campaigns.reports.models import ClosingReport
from campaigns.rules import Cell, Measure, Stage, Table, publishable
from core import clock
from core.audit import AuditRow
from core.db import db
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_count, a_reported_campaign
from tests.builders.people import a_grant, a_member_of_staff, a_person
from tests.builders.places import a_city, a_county
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.factories import saved

OVER = {"visits_from": NOON.date() - timedelta(60), "visits_until": NOON.date() - timedelta(20)}


@pytest.fixture
def editor(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.EDITOR))


@pytest.fixture
def publisher(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.PUBLISHER))


def a_campaign_that_is_over(**given: object) -> Campaign:
    return a_campaign(**OVER | {"stage": Stage.WRAP_UP} | given)


def write(browser: Browser, campaign: Campaign, status: int = 200, **texts: str) -> list[str]:
    address = f"/manage/campaigns/{campaign.uid}/closing-report"
    sent = {"text": "## 这个冬天\n**谢谢**每一位来过的人。"} | texts
    return browser.post(address, browser.get(address).form("closing") | sent, status).errors


def publish(browser: Browser, campaign: Campaign, status: int = 200) -> str:
    db.session.refresh(campaign)
    sent = {"version": str(campaign.version)}
    return browser.post(f"/manage/campaigns/{campaign.uid}/report", sent, status).text


def test_whoever_began_a_report_does_not_publish_it_whoever_wrote_last(
    editor: Browser, browse_as: BrowseAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = count()
    monkeypatch.setattr(clock, "wall", lambda: NOON + timedelta(milliseconds=next(turns)))
    person_id = a_member_of_staff(Role.EDITOR)
    a_grant(person_id, Role.PUBLISHER)
    both, campaign = browse_as(person_id), a_campaign_that_is_over()
    write(both, campaign)
    write(editor, campaign, text="改了又改")

    assert "两个不同的人" in publish(both, campaign, status=409)


def test_one_writes_another_publishes_and_everybody_reads(
    editor: Browser, publisher: Browser, visitor: Browser
) -> None:
    campaign = a_campaign_that_is_over()
    a_count(campaign, Measure.VOLUNTEERS, 123)
    write(editor, campaign, text_en="Thanks to everybody who came.")
    visitor.get(f"/campaigns/{campaign.slug}/report", status=404)
    assert "每一位来过的人" in publisher.get(f"/manage/campaigns/{campaign.uid}").text

    publish(publisher, campaign)

    page = visitor.get(f"/campaigns/{campaign.slug}/report")
    assert page.heading == f"总结：{campaign.title}"
    assert page.texts("article h3") == ["这个冬天"]
    assert page.texts("article strong") == ["谢谢"]
    assert "123名志愿者" in page.texts(".figure")
    assert page.soup.select("[data-print]")
    english = visitor.get(f"/en/campaigns/{campaign.slug}/report")
    assert "Thanks to everybody who came." in english.text
    assert (
        f"/campaigns/{campaign.slug}/report" in visitor.get(f"/campaigns/{campaign.slug}").links()
    )
    actions = db.session.scalars(select(AuditRow.action).where(AuditRow.ref == campaign.uid))
    assert list(actions) == ["write_report", "report_campaign"]


def test_published_numbers_change_no_more(
    editor: Browser, publisher: Browser, visitor: Browser
) -> None:
    campaign = a_campaign_that_is_over()
    a_count(campaign, Measure.VISITS, 43)
    write(editor, campaign)
    publish(publisher, campaign)

    a_count(campaign, Measure.VISITS, 1000, day=clock.today() - timedelta(days=50))

    for page in ("report", "", "led"):
        told = visitor.get(f"/campaigns/{campaign.slug}/{page}".rstrip("/")).text
        assert "45 次走访" in told


def test_the_report_suppresses_small_numbers(
    editor: Browser, publisher: Browser, visitor: Browser
) -> None:
    city = a_city()
    counties = [a_county(parent_id=city.id) for _turn in range(4)]
    campaign = a_campaign_that_is_over(area_id=city.id)
    for county, many in zip(counties, (7, 20, 30, 41), strict=True):
        a_count(campaign, Measure.PAIRINGS, many, county_id=county.id)
    write(editor, campaign)
    publish(publisher, campaign)

    cells = visitor.get(f"/campaigns/{campaign.slug}/report").texts("tbody td:nth-of-type(2)")

    assert cells == ["—", "—", "30", "40"]
    kept = db.session.scalars(select(ClosingReport.figures)).one()
    assert sorted(str(one) for one in kept["pairings"]["cells"].values()) == [
        "30", "40", "None", "None",
    ]  # fmt: skip


def test_nobody_publishes_what_they_wrote(app: Flask, browse_as: BrowseAs) -> None:
    both = a_member_of_staff(Role.EDITOR)
    a_grant(both, Role.PUBLISHER)
    campaign = a_campaign_that_is_over()
    write(browse_as(both), campaign)

    told = publish(browse_as(both), campaign, status=409)

    assert "两个不同的人" in told
    assert db.session.get_one(Campaign, campaign.id).stage is Stage.WRAP_UP


def test_the_database_knows_two_people_too(app: Flask) -> None:
    one = a_person().id
    with pytest.raises(IntegrityError):
        saved(
            ClosingReport(
                campaign_id=a_campaign().id, text="总结", written_by_id=one,
                published_by_id=one, published_at=clock.now(),
            )
        )  # fmt: skip


def test_without_a_report_nothing_is_published(publisher: Browser) -> None:
    campaign = a_campaign_that_is_over()

    assert "还没有写总结" in publish(publisher, campaign, status=409)
    assert not publisher.get(f"/manage/campaigns/{campaign.uid}").soup.select(
        "form[action$=report]"
    )


def test_a_report_waits_until_the_last_numbers_may_be_told(
    app: Flask, browse_as: BrowseAs, set_clock: SetClock
) -> None:
    last = NOON.date() - timedelta(days=13)
    campaign = a_campaign_that_is_over(visits_until=last)
    write(browse_as(a_member_of_staff(Role.EDITOR)), campaign)
    publisher = a_member_of_staff(Role.PUBLISHER)
    assert "2026-11-25" in publish(browse_as(publisher), campaign, status=409)

    set_clock(NOON + timedelta(days=1))
    publish(browse_as(publisher), campaign)

    assert db.session.get_one(Campaign, campaign.id).stage is Stage.PUBLISHED_REPORT


def test_a_publisher_publishes_only_what_they_have_seen(
    editor: Browser, publisher: Browser
) -> None:
    campaign = a_campaign_that_is_over()
    write(editor, campaign)
    db.session.refresh(campaign)
    seen = {"version": str(campaign.version)}
    write(editor, campaign, text="另一篇")

    publisher.post(f"/manage/campaigns/{campaign.uid}/report", seen, status=409)

    assert db.session.scalars(select(ClosingReport.published_at)).one() is None


def test_two_editors_do_not_overwrite_each_other(app: Flask, browse_as: BrowseAs) -> None:
    campaign = a_campaign_that_is_over()
    address = f"/manage/campaigns/{campaign.uid}/closing-report"
    slow = browse_as(a_member_of_staff(Role.EDITOR))
    form = slow.get(address).form("closing")
    write(browse_as(a_member_of_staff(Role.EDITOR)), campaign, text="先写的")

    page = slow.post(address, form | {"text": "后写的"}, status=422)

    assert "活动刚刚有人改过" in " ".join(page.errors)
    assert db.session.scalars(select(ClosingReport.text)).all() == ["先写的"]


@pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.PUBLISHED_REPORT, Stage.ARCHIVED])
def test_a_report_is_written_while_the_campaign_is_wrapped_up(
    editor: Browser, stage: Stage
) -> None:
    campaign = a_campaign_that_is_over(stage=stage)

    editor.get(f"/manage/campaigns/{campaign.uid}/closing-report", status=409)


def test_an_empty_report_is_not_kept(editor: Browser) -> None:
    assert "请填写这一项" in " ".join(write(editor, a_campaign_that_is_over(), 422, text=" "))


def test_a_pasted_script_stays_words(editor: Browser, publisher: Browser, visitor: Browser) -> None:
    campaign = a_campaign_that_is_over()
    write(editor, campaign, text="好 <script>alert(1)</script><b onclick=x>话</b>")
    publish(publisher, campaign)

    page = visitor.get(f"/campaigns/{campaign.slug}/report")

    assert "alert(1)" not in page.html
    assert "话" in page.text


def test_a_campaign_without_a_report_has_no_such_page(app: Flask, visitor: Browser) -> None:
    campaign = a_campaign(stage=Stage.ARCHIVED)

    visitor.get(f"/campaigns/{campaign.slug}/report", status=404)
    assert "看这一期的总结" not in visitor.get(f"/campaigns/{campaign.slug}").text


def test_a_report_asks_little(app: Flask, visitor: Browser, at_most: AtMost) -> None:
    city = a_city()
    for _turn in range(11):
        a_county(parent_id=city.id)
    campaign = a_reported_campaign(area_id=city.id, stage=Stage.ARCHIVED)

    with at_most(8):
        visitor.get(f"/campaigns/{campaign.slug}/report")


COUNTS = st.dictionaries(st.integers(1, 50), st.integers(0, 300), max_size=12)


@given(COUNTS, COUNTS, COUNTS, st.none() | st.integers(10, 900))
def test_what_is_laid_aside_is_taken_up_as_it_was(
    joined: dict[int, int], pairings: dict[int, int], visits: dict[int, int], hours: int | None
) -> None:
    figures = Figures(joined, publishable(pairings), publishable(visits), Cell(hours))

    assert taken_up(laid_aside(figures)) == figures
    assert isinstance(taken_up(laid_aside(figures)).pairings, Table)
