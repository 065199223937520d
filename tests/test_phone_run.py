"""From a poster's code to a seat, on a phone: light to load, two screens, a seat at the end."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from tests.sites import RunningSite, running_site
from tests.walkers import Walker

pytestmark = pytest.mark.browser
BUDGET = 60 * 1024
"""Bytes that the first view may take over the network, everything counted."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with running_site(tmp_path_factory.mktemp("phone"), TONGXING_SCHEDULER="0") as site:
        yield site


def asked(site: RunningSite, question: str) -> Any:
    with closing(sqlite3.connect(site.home / "tongxing.db")) as connection:
        return connection.execute(question).fetchone()[0]


@pytest.mark.parametrize("javascript", [True, False], ids=["", "without-scripts"])
def test_somebody_with_a_phone_has_a_seat_after_two_screens(
    javascript: bool, chromium: Chromium, running: RunningSite
) -> None:
    tag = asked(running, "SELECT tag FROM campaign_places ORDER BY id LIMIT 1")
    slug = asked(
        running,
        "SELECT slug FROM campaigns JOIN campaign_places ON campaign_id = campaigns.id"
        " ORDER BY campaign_places.id LIMIT 1",
    )
    before = asked(running, "SELECT count(*) FROM sign_ups WHERE state = 'held'")
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", java_script_enabled=javascript,
        base_url=running.url, is_mobile=True, has_touch=True,
    )  # fmt: skip
    page, screens = context.new_page(), 0
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    taken: list[float] = []
    network.on("Network.loadingFinished", lambda told: taken.append(told["encodedDataLength"]))

    page.goto(f"/campaigns/{slug}?from={tag}")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(taken) <= BUDGET, f"{sum(taken)} bytes"

    page.get_by_role("link", name="我要报名").first.tap()
    page.wait_for_load_state()
    screens += 1
    page.locator("main .actions a").first.tap()
    page.wait_for_load_state()
    screens += 1
    page.get_by_label("姓名").fill("样例手机")
    page.get_by_label("手机号或邮箱").fill(f"phone{int(javascript)}@example.org")
    page.get_by_label("学校或单位").fill("示例大学")
    page.locator("[name=agree]").check()
    page.get_by_role("button", name="提交报名").tap()
    page.wait_for_url("**/sign-ups/sent**")

    assert screens == 2
    assert asked(running, "SELECT count(*) FROM sign_ups WHERE state = 'held'") == before + 1
    context.close()


def test_nothing_moves_sideways_on_the_smallest_phones(
    chromium: Chromium, running: RunningSite
) -> None:
    slug = asked(running, "SELECT slug FROM campaigns WHERE stage = 'recruiting' LIMIT 1")
    walker = Walker(running, chromium, 320)
    for path in (f"/campaigns/{slug}", f"/campaigns/{slug}/join", "/groups", "/"):
        walker.open(path)
