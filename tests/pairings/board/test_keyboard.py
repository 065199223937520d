"""The board in a real browser: arrows and digits, focus in sight, the undo that goes by itself."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page as Window

from children.models import Child
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.proposals import TODAY
from tests.builders.runs import a_run
from tests.builders.volunteers import a_team
from tests.test_axe import RUN, Onlooker
from tests.test_matrix import Caller

pytestmark = pytest.mark.browser
FOCUSED = "() => document.activeElement.getAttribute('href')"


@pytest.fixture
def children(village: Area, county: Area) -> list[Child]:
    """Two children, the more urgent one first, and three teams."""
    found = [
        a_consented_child(village, open_since=TODAY - timedelta(days=days)) for days in (70, 10)
    ]
    for _turn in range(3):
        a_team(county)
    a_run(county.id)
    return found


@pytest.fixture
def window(coordinator: Browser, children: list[Child], chromium: Chromium) -> Iterator[Window]:
    onlooker = Onlooker(chromium)
    onlooker.caller = Caller(coordinator.app, None)
    onlooker.caller.client = coordinator.client
    onlooker.window.set_viewport_size({"width": 1440, "height": 900})
    yield onlooker.window
    onlooker.window.context.close()


def test_arrows_walk_in_the_list_and_enter_opens(window: Window, children: list[Child]) -> None:
    window.goto("/board")

    window.keyboard.press("ArrowDown")
    assert window.evaluate(FOCUSED) == f"/board/{children[0].uid}"
    window.keyboard.press("ArrowDown")
    window.keyboard.press("ArrowDown")  # there is no third
    assert window.evaluate(FOCUSED) == f"/board/{children[1].uid}"
    window.keyboard.press("ArrowUp")
    window.keyboard.press("Enter")

    window.wait_for_url(f"**/board/{children[0].uid}")


def test_arrows_go_to_the_teams_and_a_digit_chooses_one(
    window: Window, children: list[Child]
) -> None:
    window.goto(f"/board/{children[1].uid}")
    second = window.locator("[data-key='2']").get_attribute("href")

    window.keyboard.press("ArrowDown")
    assert window.evaluate(FOCUSED) == f"/board/{children[1].uid}"
    window.keyboard.press("ArrowRight")
    assert window.evaluate(FOCUSED) == window.locator("[data-key='1']").get_attribute("href")
    window.keyboard.press("2")

    window.wait_for_url(f"**{second}")


def test_outside_the_lists_arrows_and_digits_are_nobodys_keys(
    window: Window, children: list[Child]
) -> None:
    window.goto(f"/board/{children[1].uid}")
    link = window.locator("header a").first
    link.focus()

    window.keyboard.press("2")
    window.keyboard.press("ArrowDown")

    assert window.url.endswith(children[1].uid)
    assert link.evaluate("one => one === document.activeElement")


def test_what_is_typed_into_a_field_is_no_command(window: Window, children: list[Child]) -> None:
    window.goto("/board?days=30")

    window.locator("#name").fill("")
    window.locator("#name").press("1")
    window.locator("#name").press("ArrowDown")

    assert window.locator("#name").input_value() == "1"
    assert window.evaluate("() => document.activeElement.id") == "name"


def test_two_are_compared_never_three(window: Window, children: list[Child]) -> None:
    window.goto(f"/board/{children[0].uid}")
    boxes = window.locator("input[name=team]")
    for place in range(3):
        boxes.nth(place).check()

    assert [boxes.nth(place).is_checked() for place in range(3)] == [False, True, True]
    window.locator("button", has_text="并排对比").click()
    window.wait_for_url("**/compare?team=*&team=*")
    window.evaluate(AXE_SCRIPT)
    assert window.evaluate(RUN) == []


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_on_a_filled_board(
    window: Window, children: list[Child], width: int, language: str
) -> None:
    window.set_viewport_size({"width": width, "height": 900})
    uid = children[1].uid
    found = []
    for path in ("/board?days=14", f"/board/{uid}", "/board/proposals", "/board/teams"):
        window.goto(language + path)
        window.evaluate(AXE_SCRIPT)
        found += [f"{path}: {told}" for told in window.evaluate(RUN)]
        wide = window.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        found += [f"{path}: {wide} px too wide"] if wide > 0 else []

    assert found == []
