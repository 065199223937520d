"""Posters: what they say, in letters that the font has, on lines that break where they may."""

import re
from itertools import pairwise

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Role
from campaigns.posters.drawing import ARTS, art_of, drawn
from campaigns.posters.texts import poster_of
from campaigns.queries import edition
from campaigns.rules import Measure, Stage
from core import clock
from core.paper import FONT, NEVER_FIRST, NEVER_LAST, broken, fitted, known, missing
from tests.browser import Browser
from tests.builders.campaigns import a_brand, a_campaign, a_campaign_place, a_count
from tests.builders.people import a_member_of_staff
from tests.conftest import BrowseAs
from tests.test_house import ROOT

SHEETS = {"a4": (595.276, 841.89), "a3": (841.847, 1190.612)}
WORDS = st.text(alphabet="陪孩子过年，。“”（）《》abc de/f·1 ", max_size=80)


@pytest.fixture
def editor(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.EDITOR))


def by_columns(text: str, size: float) -> float:
    return size * sum(1 if ord(one) > 0x2E80 else 0.5 for one in text)


def test_the_font_has_all_of_gb_2312_and_the_dot_of_names() -> None:
    rows = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    chinese = {two.decode("gb2312", "ignore") for two in rows} - {""}

    assert len(chinese) == 6763
    assert missing(*chinese, "·—“”，。《》（）：；！？、", "Aé1") == ""
    assert missing("堃喆淼㛃䶮") == ""
    assert FONT.stat().st_size <= 4 * 1024 * 1024
    assert (FONT.parent / "tongxing-sans.OFL.txt").read_text().count("Adobe") >= 1


def test_what_the_font_lacks_is_named_once() -> None:
    assert missing("孩子😀和\n😀", "𠮷") == "😀𠮷"
    assert ord("囍") not in known()


@given(WORDS, st.integers(4, 40))
def test_lines_keep_every_word_and_none_is_too_wide(text: str, width: int) -> None:
    lines = broken(text, width, 1, by_columns)

    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        whole = len(broken(line, 0.1, 1, by_columns)) == 1
        assert by_columns(line, 1) <= width or whole


@given(WORDS, st.integers(6, 40))
def test_no_line_begins_or_ends_with_the_wrong_mark(text: str, width: int) -> None:
    words = " ".join(text.split())
    lines = broken(words, width, 1, by_columns)

    for before, after in pairwise(lines):
        spaced = f"{before} {after}" in words
        assert spaced or after[0] not in NEVER_FIRST
        assert spaced or before[-1] not in NEVER_LAST


def test_a_long_text_becomes_smaller_instead_of_leaving_its_box() -> None:
    found = fitted("陪孩子过年" * 40, (100, 50), 20, by_columns)

    assert found.size < 20
    assert len(found.lines) * found.size * 1.4 <= 50
    assert all(by_columns(line, found.size) <= 100 for line in found.lines)


@pytest.mark.parametrize("size", ["a4", "a3"])
def test_staff_print_a_poster_for_each_place(editor: Browser, size: str) -> None:
    place = a_campaign_place(a_campaign())

    answer = editor.client.get(f"/manage/places/{place.uid}/poster-{size}.pdf")

    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", answer.data)
    assert box
    assert tuple(map(float, box.groups())) == pytest.approx(SHEETS[size], abs=0.01)
    assert len(answer.data) <= 400 * 1024
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_poster_says_what_the_page_says_and_no_number_about_children(app: Flask) -> None:
    campaign = a_campaign(title="情暖新春·共护未来")
    a_count(campaign, Measure.PAIRINGS, 987654)
    place = a_campaign_place(campaign, name="榆次图书馆大厅")

    with app.test_request_context():
        poster = poster_of(edition(campaign.slug), place.tag)

    words = " ".join(poster.texts)
    for told in ("情暖新春·共护未来", campaign.summary, "会讲故事的人", "扫码报名", "110", "12345"):
        assert told in words
    assert f"/campaigns/{campaign.slug}" in poster.address
    assert poster.code.endswith(f"/campaigns/{campaign.slug}?from={place.tag}")
    assert "987654" not in words
    assert "榆次图书馆大厅" not in words
    assert missing(*poster.texts) == ""


def test_each_place_has_a_code_of_its_own_and_a_poster_is_the_same_each_time(app: Flask) -> None:
    campaign = edition(a_campaign().slug)
    with app.test_request_context():
        one, other = poster_of(campaign, "abcdefg"), poster_of(campaign, "hjkmnpq")

    assert drawn(one, "a4") == drawn(one, "a4")
    assert drawn(one, "a4") != drawn(other, "a4")


def test_a_poster_is_printed_in_english_too(editor: Browser) -> None:
    place = a_campaign_place(campaign := a_campaign())

    answer = editor.client.get(f"/en/manage/places/{place.uid}/poster-a4.pdf")

    assert campaign.title_en.encode() in answer.data.replace(b"\\", b"")
    assert b"(en)" in answer.data


def test_a_character_outside_the_font_is_said_in_words(editor: Browser) -> None:
    place = a_campaign_place(a_campaign(title="双囍临门😀"))

    page = editor.get(f"/manage/places/{place.uid}/poster-a4.pdf", status=409)

    assert "囍😀" in page.text


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.APPROVED, Stage.SUSPENDED, Stage.CANCELLED])
def test_only_a_public_campaign_has_posters(editor: Browser, stage: Stage) -> None:
    place = a_campaign_place(a_campaign(stage=stage, published_at=clock.now()))

    page = editor.get(f"/manage/places/{place.uid}/poster-a4.pdf", status=409)

    assert "活动公开期间才能印海报" in page.text


def test_every_brand_has_its_picture(app: Flask) -> None:
    macros = (ROOT / "templates/_macros/art.html").read_text()
    named = set(re.findall(r'name == "(\w+)"', macros))

    assert named == ARTS
    assert {art_of(name).size for name in (*ARTS, "unheard of")} == {(1800, 1000)}
    assert a_brand().art in ARTS
