"""Style sheets and addresses of languages as they leave: small, and whole."""

import gzip
import re

from flask import Flask
from playwright.sync_api import Browser as Chromium

from core import assets
from tests.browser import Browser
from tests.test_house import ROOT

RULES = """text => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return [...sheet.cssRules].map(rule => rule.cssText);
}"""


def test_the_lean_sheet_says_what_the_sheets_say(chromium: Chromium) -> None:
    joined = "\n".join((ROOT / "static" / name).read_text() for name in assets.SHEETS)
    page = chromium.new_page()
    try:
        full, lean = (page.evaluate(RULES, text) for text in (joined, assets.lean(joined)))
    finally:
        page.close()
    assert len(full) > 10
    assert [_plain(rule) for rule in lean] == [_plain(rule) for rule in full]


def _plain(rule: str) -> str:
    """White space in values of our own (`--font: a, b`) is kept as written and says nothing."""
    return re.sub(r"\s*([,{};])\s*", r"\1", " ".join(rule.split()))


def test_what_stands_in_quotes_is_left_alone() -> None:
    given = (
        """/* it's a note */ a::after , b { content: "/* , ; */  x"; background: url('a , b') }"""
    )
    assert assets.lean(given) == (
        """a::after,b{content: "/* , ; */  x";background: url('a , b')}"""
    )


def test_the_sheet_of_a_page_is_lean_and_packed(visitor: Browser) -> None:
    (address,) = (
        str(link["href"])
        for link in visitor.get("/").soup.select("link[rel=stylesheet]")
        if assets.JOINED in str(link["href"])
    )
    answer = visitor.client.get(address, headers={"Accept-Encoding": "gzip"})
    text = gzip.decompress(answer.data).decode()
    assert "/*" not in text
    assert "\n" not in text
    written = sum((ROOT / "static" / name).stat().st_size for name in assets.SHEETS)
    assert len(text) < 0.75 * written
    assert answer.cache_control.max_age == 365 * 24 * 3600


def test_each_language_of_a_page_is_told_by_its_whole_address(app: Flask) -> None:
    """Search engines pass over anything less: the audit «hreflang» of Lighthouse."""
    expected = {
        "zh-Hans": "http://localhost/campaigns?county=1",
        "en": "http://localhost/en/campaigns?county=1",
    }
    for path in ("/campaigns?county=1", "/en/campaigns?county=1"):
        links = Browser(app).get(path).soup.select("link[rel=alternate][hreflang]")
        assert {str(link["hreflang"]): str(link["href"]) for link in links} == expected
