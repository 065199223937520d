"""The big screen of a hall: what it says, what it keeps quiet, and that it looks after itself."""

import gzip
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from campaigns.rules import HALTED, Measure, Stage
from core import clock
from tests.browser import Browser, Page
from tests.builders.campaigns import a_campaign, a_count, a_slot
from tests.builders.places import a_city, a_county
from tests.conftest import AtMost
from tests.sites import RunningSite, running_site
from tests.test_house import ROOT

SLUG = "qingnuan-xinchun-2027"
LED = f"/campaigns/{SLUG}/led"
BUDGET = 20 * 1024


def figures(page: Page) -> list[str]:
    return page.texts(".led-figures li")


def test_a_hall_sees_slogan_needs_numbers_code_and_helplines(app: Flask, visitor: Browser) -> None:
    campaign = a_campaign(summary="陪孩子过一个团圆年。")
    a_slot(campaign, capacity=7)
    a_count(campaign, Measure.VOLUNTEERS, 123)

    page = visitor.get(f"/campaigns/{campaign.slug}/led")

    assert page.heading == campaign.title
    assert "陪孩子过一个团圆年。" in page.text
    assert "愿意每月去一次的人" in page.text
    assert page.texts(".led-lacks b") == ["7 人"]
    assert "123 名志愿者加入" in figures(page)
    assert len(figures(page)) == 4
    assert page.texts(".led-code h2") == ["扫码报名"]
    assert page.soup.select(".led-code svg path")
    assert page.texts("footer b") == ["110", "12345"]


def test_there_is_nothing_to_press_and_nothing_is_kept(app: Flask, visitor: Browser) -> None:
    slug = a_campaign().slug

    page = visitor.get(f"/campaigns/{slug}/led")

    assert page.soup.select("a, button, input, select, textarea, form, nav, details") == []
    assert visitor.cookie() == ""
    assert not visitor.client.get(f"/campaigns/{slug}/led").headers.getlist("Set-Cookie")


def test_small_numbers_about_children_stay_hidden_as_on_the_page(
    app: Flask, visitor: Browser
) -> None:
    campaign = a_campaign()
    a_count(campaign, Measure.PAIRINGS, 9)
    a_count(campaign, Measure.VISITS, 43)
    a_count(campaign, Measure.VISITS, 1000, day=clock.today() - timedelta(days=3))

    shown = figures(visitor.get(f"/campaigns/{campaign.slug}/led"))

    assert "45 次走访陪伴" in shown
    assert not [one for one in shown if "结对" in one]
    assert len(shown) == 4


def test_the_map_hides_small_counties(app: Flask, visitor: Browser) -> None:
    city = a_city()
    near = a_county(parent_id=city.id, tile_column=0, tile_row=0)
    far = [a_county(parent_id=city.id, tile_column=n, tile_row=1) for n in range(3)]
    campaign = a_campaign(area_id=city.id)
    a_count(campaign, Measure.PAIRINGS, 7, county_id=near.id)
    for county, many in zip(far, (20, 30, 41), strict=True):
        a_count(campaign, Measure.PAIRINGS, many, county_id=county.id)

    page = visitor.get(f"/campaigns/{campaign.slug}/led")

    assert page.texts(".led-map .n") == ["—", "—", "30", "40"]


@pytest.mark.parametrize("stage", sorted(HALTED))
def test_a_halted_campaign_says_so_without_numbers(
    app: Flask, visitor: Browser, stage: Stage
) -> None:
    campaign = a_campaign(stage=stage, published_at=clock.now(), summary="陪孩子过年")
    a_count(campaign, Measure.VOLUNTEERS, 987654)

    page = visitor.get(f"/campaigns/{campaign.slug}/led")

    assert page.soup.select(".led-halted")
    assert "987654" not in page.text
    assert figures(page) == []
    assert "陪孩子过年" not in page.text
    assert page.texts("footer b") == ["110", "12345"]


def test_a_finished_campaign_asks_for_nobody(app: Flask, visitor: Browser) -> None:
    campaign = a_campaign(stage=Stage.WRAP_UP)
    a_slot(campaign)

    page = visitor.get(f"/campaigns/{campaign.slug}/led")

    assert page.soup.select(".led-needs") == []
    assert page.texts(".led-code h2") == ["扫码看看"]
    assert page.texts(".led-days b") == ["报名已结束"]


def test_a_draft_has_no_screen(app: Flask, visitor: Browser) -> None:
    visitor.get(f"/campaigns/{a_campaign(stage=Stage.DRAFT).slug}/led", status=404)


def test_the_screen_speaks_english(app: Flask, visitor: Browser) -> None:
    campaign = a_campaign()
    a_slot(campaign)

    page = visitor.get(f"/en/campaigns/{campaign.slug}/led")

    assert page.heading == campaign.title_en
    assert page.texts(".led-code h2") == ["Scan to join"]
    assert f"localhost/en/campaigns/{campaign.slug}" in page.texts(".led-code p")[0]


def test_a_screen_is_light_and_asks_little(app: Flask, visitor: Browser, at_most: AtMost) -> None:
    city = a_city()
    campaign = a_campaign(area_id=city.id)
    for column in range(11):
        county = a_county(parent_id=city.id, tile_column=column, tile_row=0)
        a_slot(campaign, county_id=county.id)
        a_count(campaign, Measure.PAIRINGS, 20, county_id=county.id)
    with at_most(8):
        page = visitor.get(f"/campaigns/{campaign.slug}/led")

    files = ("app.css", "css/pictures.css", "css/led.css", "led.js")
    own = [(ROOT / "static" / name).read_bytes() for name in files]
    assert len(page.html.encode()) <= BUDGET
    assert sum(len(gzip.compress(one)) for one in [page.html.encode(), *own]) <= BUDGET


# --- in a real browser ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with running_site(tmp_path_factory.mktemp("led")) as site:
        yield site


@pytest.fixture
def hall(running: RunningSite, chromium: Chromium) -> Iterator[Window]:
    """A screen of 1920 × 1080 whose clock the test moves."""
    context = chromium.new_context(
        viewport={"width": 1920, "height": 1080}, base_url=running.url, locale="zh-CN"
    )
    window = context.new_page()
    window.clock.install()
    window.add_init_script("Math.random = () => 0.5")  # it asks every 33 s, between two turns
    tell(running, "state = 'published', cause = NULL, withdrawn_at = NULL")
    window.goto(LED)
    yield window
    change(running, "stage = 'recruiting', title = '情暖新春'")
    context.close()


def change(site: RunningSite, values: str) -> None:
    with closing(sqlite3.connect(site.home / "tongxing.db", timeout=20)) as file, file:
        file.execute(f"UPDATE campaigns SET {values}, version = version + 1 WHERE slug = ?", [SLUG])  # noqa: S608 - ours


def fits(window: Window) -> list[str]:
    """Return which parts of the screen are larger than their place."""
    wide: list[str] = window.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll(
             '.screen, .panel, .led-code, .led-map, .led-figures li, .led footer')]
           .filter(one => one.scrollHeight > one.clientHeight + 2
                       || one.scrollWidth > one.clientWidth + 2)
           .map(one => one.className || one.tagName)"""
    )
    return wide


@pytest.mark.browser
def test_the_panels_take_turns_and_fit_the_screen(hall: Window) -> None:
    seen = []
    for _turn in range(6):
        assert fits(hall) == []
        assert hall.locator(".panel:visible").count() == 1
        seen.append(hall.locator(".panel:visible").inner_text())
        hall.clock.run_for(12_000)
        hall.wait_for_timeout(500)  # the fresh copy comes in real time

    assert len(set(seen[:5])) == 5, "slogan, needs, two stories, numbers"
    assert seen[5] == seen[0]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["", "/en"])
def test_whoever_wants_less_motion_sees_all_at_once(
    running: RunningSite, chromium: Chromium, language: str
) -> None:
    context = chromium.new_context(
        viewport={"width": 1920, "height": 1080}, base_url=running.url, reduced_motion="reduce"
    )
    said: list[str] = []
    window = context.new_page()
    window.on("console", lambda message: said.append(message.text))
    window.goto(language + LED)

    assert window.locator(".panel:visible").count() == 3
    assert fits(window) == []
    assert said == []
    context.close()


@pytest.mark.browser
def test_a_screen_brings_itself_up_to_date(hall: Window, running: RunningSite) -> None:
    change(running, "title = '情暖新春又一年'")

    hall.clock.fast_forward("01:30")

    expect(hall.locator("h1")).to_have_text("情暖新春又一年")
    expect(hall).to_have_title(re.compile("^情暖新春又一年"))
    assert hall.locator(".panel:visible").count() == 1


@pytest.mark.browser
def test_without_network_the_last_good_copy_stays_and_grows_silent_about_days(
    hall: Window,
) -> None:
    before = hall.locator(".led-figures li:not([data-dated])").all_text_contents()
    hall.context.set_offline(True)

    hall.clock.fast_forward("23:00:00")
    expect(hall.locator(".led-days")).to_be_visible()
    hall.clock.fast_forward("02:00:00")

    expect(hall.locator(".led-days")).to_be_hidden()
    assert hall.locator("[data-dated]:visible").count() == 0
    assert hall.locator(".led-figures li:not([data-dated])").all_text_contents() == before
    assert hall.locator(".led-code svg").is_visible()

    hall.context.set_offline(False)
    hall.clock.fast_forward("01:30")
    expect(hall.locator(".led-days")).to_be_visible()


@pytest.mark.browser
def test_a_campaign_that_is_suspended_leaves_the_screen_by_itself(
    hall: Window, running: RunningSite
) -> None:
    change(running, "stage = 'suspended'")
    hall.clock.fast_forward("01:30")

    expect(hall.locator(".led-halted h2")).to_have_text("这个活动暂停了")
    assert hall.locator(".led-figures").count() == 0

    change(running, "stage = 'draft'")
    hall.clock.fast_forward("01:30")
    expect(hall.locator(".led-halted h2")).to_have_text("这个活动现在没有公开页面")
    assert hall.locator("footer").is_visible()


@pytest.mark.browser
def test_a_reload_after_a_power_cut_shows_the_screen_again(hall: Window) -> None:
    hall.reload()

    expect(hall.locator(".panel:visible")).to_have_count(1)
    assert fits(hall) == []


@pytest.mark.browser
def test_a_story_leaves_a_screen_that_hears_nothing_for_a_minute(hall: Window) -> None:
    assert hall.locator(".led-story").count() == 2
    hall.context.set_offline(True)

    hall.clock.run_for(58_000)

    assert hall.locator(".led-story").count() == 0
    assert hall.locator(".panel:visible").count() == 1
    hall.context.set_offline(False)
    hall.clock.fast_forward("01:30")
    expect(hall.locator(".led-story")).to_have_count(2)


@pytest.mark.browser
def test_a_withdrawn_story_leaves_every_screen_within_a_minute(
    hall: Window, running: RunningSite
) -> None:
    tell(running, "state = 'withdrawn', cause = 'desk', withdrawn_at = published_at")

    hall.clock.fast_forward(41_000)  # in one step: what is asked for comes in real time

    expect(hall.locator(".led-story")).to_have_count(0)


def tell(site: RunningSite, values: str) -> None:
    with closing(sqlite3.connect(site.home / "tongxing.db", timeout=20)) as file, file:
        file.execute(f"UPDATE stories SET {values} WHERE published_at IS NOT NULL")  # noqa: S608 - ours
