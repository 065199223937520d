"""The pages that stand by themselves."""

import pytest

from tests.browser import Browser
from tests.conftest import AtMost

PAGES = ["/help", "/privacy", "/about", "/accessibility"]


@pytest.mark.parametrize("address", PAGES)
def test_everybody_may_read_it_in_both_languages(
    address: str, visitor: Browser, at_most: AtMost
) -> None:
    with at_most(2):
        chinese = visitor.get(address)
    english = visitor.get("/en" + address)

    assert chinese.soup.html["lang"] == "zh-Hans"  # type: ignore[index]  # every page has one
    assert english.soup.html["lang"] == "en"  # type: ignore[index]  # every page has one


@pytest.mark.parametrize("address", PAGES)
def test_reading_leaves_no_cookie(address: str, visitor: Browser) -> None:
    assert "Set-Cookie" not in visitor.client.get(address).headers


def test_help_names_the_police_before_everything_else(visitor: Browser) -> None:
    page = visitor.get("/help")

    assert page.links("tel:")[:3] == ["tel:12345", "tel:110", "tel:12345"]
    assert page.soup.select("[data-quick-exit]")


def test_every_page_leads_to_the_rules_of_privacy(visitor: Browser) -> None:
    page = visitor.get("/")

    for address in ("/about", "/privacy", "/accessibility"):
        assert page.links(address)


def test_the_rules_of_privacy_say_which_version_they_are(visitor: Browser) -> None:
    assert "2026-11" in visitor.get("/privacy").text
