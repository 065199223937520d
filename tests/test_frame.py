"""The frame around every page: what a menu shows to whom, and in which order."""

import pytest

from accounts.rules import Role
from tests.browser import Browser, Page
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.conftest import BrowseAs

HEADINGS = ["日常工作", "办理", "信息保护和设置"]


def menu_of(page: Page) -> list[str]:
    return page.texts(".account-panel a")


@pytest.fixture
def coordinator(browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))


@pytest.fixture
def editor(browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.EDITOR))


def test_a_long_menu_is_read_under_headings(coordinator: Browser) -> None:
    page = coordinator.get("/home")

    assert page.texts(".menu-heading") == HEADINGS
    assert page.texts("main h3") == HEADINGS
    menu = menu_of(page)
    assert menu.index("小组") < menu.index("两人办理") < menu.index("数据删除")


def test_a_short_menu_needs_none(editor: Browser) -> None:
    page = editor.get("/home")

    assert page.texts(".menu-heading") == []
    assert page.texts("main h3") == []


def test_a_phone_shows_four_and_the_menu_has_the_rest(coordinator: Browser) -> None:
    page = coordinator.get("/home")

    bar, header = page.texts(".tabbar a"), page.texts(".nav a")
    assert bar == ["首页", "走访", "消息", "儿童档案"]
    assert header[:4] == bar
    assert set(header) <= {*bar, *menu_of(page)}
    hidden_when_wide = page.texts(".account-panel a.phone")
    assert hidden_when_wide == header[4:]


def test_who_has_a_menu_has_it_once(coordinator: Browser, visitor: Browser) -> None:
    assert "儿童档案" not in coordinator.get("/help").texts("footer a")
    assert "关爱活动" in visitor.get("/help").texts("footer a")


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.SAFEGUARDING_LEAD])
def test_whoever_checks_stories_finds_them_in_the_menu(role: Role, browse_as: BrowseAs) -> None:
    page = browse_as(a_member_of_staff(role)).get("/home")

    named = {str(a["href"]): a.get_text(strip=True) for a in page.soup.select("header.site a")}
    assert named["/manage/stories"] == "微故事"


def test_whoever_has_no_part_in_stories_does_not(coordinator: Browser) -> None:
    assert "/manage/stories" not in coordinator.get("/home").links()
