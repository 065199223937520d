"""Writing in a real browser: keys for a little form, a preview, and drafts that survive."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from tests.sites import RunningSite, running_site
from tests.walkers import Walker

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with running_site(tmp_path_factory.mktemp("editing"), TONGXING_SCHEDULER="0") as site:
        yield site


@pytest.fixture(scope="module")
def editor(chromium: Chromium, running: RunningSite) -> Walker:
    account = running.accounts()["editor"]
    walker = Walker(running, chromium, 390, account["login"], account["password"])
    walker.open("/manage/campaigns/new")
    return walker


@pytest.fixture
def desk(editor: Walker, running: RunningSite) -> Window:
    """The form for a new campaign, with no draft of it."""
    with closing(sqlite3.connect(running.home / "tongxing.db")) as connection:
        connection.execute("DELETE FROM form_drafts")
        connection.commit()
    editor.open("/manage/campaigns/new")
    return editor.page


def drafts(home: Path) -> int:
    with closing(sqlite3.connect(home / "tongxing.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM form_drafts").fetchone()[0])


def test_keys_put_the_form_and_can_be_undone(desk: Window) -> None:
    story = desk.locator("#story")
    bar = desk.get_by_role("toolbar", name="格式：活动故事")
    story.fill("去山里\n带着书\n带着灯")

    story.evaluate("one => one.setSelectionRange(4, 11)")
    bar.get_by_role("button", name="列表").click()
    assert story.input_value() == "去山里\n- 带着书\n- 带着灯"
    bar.get_by_role("button", name="列表").click()
    assert story.input_value() == "去山里\n带着书\n带着灯"

    story.evaluate("one => one.setSelectionRange(0, 0)")
    bar.get_by_role("button", name="小标题").click()
    assert story.input_value().startswith("## 去山里\n")
    story.press("Control+z")
    assert story.input_value().startswith("去山里\n")

    story.evaluate("one => one.setSelectionRange(0, 3)")
    story.press("Control+b")
    assert story.input_value().startswith("**去山里**\n")
    assert (
        story.evaluate("one => one.value.slice(one.selectionStart, one.selectionEnd)") == "去山里"
    )


def test_the_preview_is_what_the_page_will_show(desk: Window) -> None:
    desk.locator("#story").fill("## 去哪里\n<b onclick=x>山</b>\n**慢慢走**")
    bar = desk.get_by_role("toolbar", name="格式：活动故事")

    bar.get_by_role("button", name="预览").click()

    shown = desk.get_by_role("region", name="预览：活动故事")
    expect(shown.locator("h3")).to_have_text("去哪里")
    expect(shown.locator("strong")).to_have_text("慢慢走")
    assert shown.locator("b").count() == 0
    bar.get_by_role("button", name="预览").click()
    expect(shown).to_be_hidden()


def test_what_is_typed_is_there_again_after_the_tab_was_closed(
    desk: Window, editor: Walker, running: RunningSite
) -> None:
    desk.locator("#title").fill("写到一半的活动")
    expect(desk.locator("[data-draft-said]")).to_contain_text("草稿已存 今天")
    assert drafts(running.home) == 1

    editor.open("/manage/campaigns/new")
    assert desk.locator("#title").input_value() == ""
    editor.follow("接着写")

    assert desk.locator("#title").input_value() == "写到一半的活动"


def test_without_network_the_text_stays_and_is_saved_later(
    desk: Window, editor: Walker, running: RunningSite
) -> None:
    desk.context.set_offline(True)
    desk.locator("#title").fill("山里没有信号")
    said = desk.locator("[data-draft-said]")
    expect(said).to_have_text("没有网络，文字还在这里，会再试")
    assert drafts(running.home) == 0

    desk.context.set_offline(False)

    expect(said).to_contain_text("草稿已存 今天")
    assert drafts(running.home) == 1
    assert all("ERR_INTERNET_DISCONNECTED" in one for one in editor.said), editor.said
    editor.said.clear()
