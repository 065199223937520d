"""A story has a little form, and nothing in it runs, loads or leads elsewhere."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import richtext
from core.richtext import cleaned, shown
from tests.content.payloads import SCRIPTS

MARKS = ["<", ">", '"', "'", "&", "**", "[", "](", ")", "## ", "- ", "\n", "/campaigns",
         "//e.example",
         "javascript:", "a", "走", " ", "onerror=", "<img src=x>", "&lt;", "\\"]  # fmt: skip


def test_a_story_has_headings_lists_bold_and_links_of_ours(app: Flask) -> None:
    text = (
        "第一行\n\n## 去哪里\n- 山里\n- **村**里\n最后"
        "[看看](/campaigns?brand=a&b=1)和[全址](http://localhost/help)"
    )
    assert shown(text) == (
        "<p>第一行</p>\n<h3>去哪里</h3>\n<ul><li>山里</li><li><strong>村</strong>里</li></ul>\n"
        '<p>最后<a href="/campaigns?brand=a&amp;b=1">看看</a>和'
        '<a href="/help">全址</a></p>'
    )


def test_plain_lines_are_paragraphs_as_ever(app: Flask) -> None:
    assert shown("冬天的村庄很安静。\n我们去敲门 5<7 & 带着书") == (
        "<p>冬天的村庄很安静。</p>\n<p>我们去敲门 5&lt;7 &amp; 带着书</p>"
    )
    assert shown("") == ""


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/x", "//evil.example", "/\\evil.example", "javascript:alert`1`",
     "data:text/html,x", "/nowhere", "http://localhost.evil.example/", "mailto:a@example.org"],
)  # fmt: skip
def test_an_address_elsewhere_is_shown_and_not_followed(app: Flask, target: str) -> None:
    assert shown(f"[看]({target})") == f"<p>看（{target}）</p>"


@pytest.mark.parametrize("payload", SCRIPTS)
def test_nothing_that_runs_is_shown_or_kept(app: Flask, payload: str) -> None:
    for text in (payload, f"**{payload}**", f"## {payload}", f"[{payload}]({payload})"):
        assert harmless(shown(text))
    assert harmless(cleaned(payload)) or "<" not in shown(cleaned(payload)).striptags()


def harmless(markup: str) -> bool:
    page = BeautifulSoup(markup, "html.parser")
    for tag in page.find_all(True):
        allowed = {"href", "rel"} if tag.name == "a" else set()
        if tag.name not in richtext.TAGS or not set(tag.attrs) <= allowed:
            return False
    links = [str(tag["href"]) for tag in page.select("a")]
    return all(link.startswith("/") and not link.startswith(("//", "/\\")) for link in links)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(parts=st.lists(st.sampled_from(MARKS), max_size=25))
def test_no_mixture_of_marks_makes_more_than_it_may(app: Flask, parts: list[str]) -> None:
    text = "".join(parts)
    assert harmless(shown(text))
    assert harmless(shown(cleaned(text)))


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("<p>山里的<b>孩子</b></p>", "山里的孩子"),
        ("<script>alert(1)</script>走", "走"),
        ("走&lt;script&gt;alert(1)", "走&lt;script&gt;alert(1)"),
        ("<b>&lt;script&gt;x&lt;/script&gt;</b>走", "走"),
        ("5 < 7 & 8 > 3", "5 < 7 & 8 > 3"),
        ("普通的字", "普通的字"),
    ],
)
def test_pasted_html_loses_its_tags_when_it_is_saved(pasted: str, kept: str) -> None:
    assert cleaned(pasted) == kept


def test_cleaning_twice_changes_nothing_more() -> None:
    for payload in SCRIPTS:
        assert cleaned(cleaned(payload)) == cleaned(payload)


def test_a_very_long_text_takes_no_longer_than_it_is_long(app: Flask) -> None:
    for text in ("[" * 50_000, "**" * 50_000, "[a](" * 20_000, "<" * 50_000, "- \n" * 20_000):
        assert harmless(shown(text))
