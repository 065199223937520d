"""Words and pictures at the gate: what would tell whose child it is does not come through."""

import io
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from sqlalchemy import select

from accounts.rules import Role
from campaigns.rules import Stage
from campaigns.stories.models import Story
from campaigns.stories.rules import CELLS, Hands, Hiding, State, boxes
from campaigns.wording.queries import problems, problems_of_a_story
from campaigns.wording.rules import LABELS, Slip, days_ahead, said, slips
from core.db import db
from core.pictures import drawn_anew, file_of
from places.rules import OrgKind
from tests.browser import Browser, Page
from tests.builders.campaigns import a_campaign, a_picture, a_slot
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, a_township, a_village, an_organisation
from tests.builders.stories import a_story
from tests.conftest import NOON, BrowseAs

TODAY = NOON.date()


def kinds(text: str) -> set[Slip]:
    return {slip for slip, _what in slips(text, LABELS)}


@given(
    st.sampled_from(LABELS),
    st.text("，。的了天一", max_size=5),
    st.text("，。的了天一", max_size=5),
)
def test_no_label_comes_through_wherever_it_stands(label: str, before: str, after: str) -> None:
    assert Slip.LABEL in kinds(f"{before} {label} {after}")
    assert Slip.LABEL in kinds(
        f"{before}{' '.join(label) if not label.isascii() else label.upper()}"
    )


@given(st.integers(0, 17))
def test_the_age_of_a_child_does_not_come_through(age: int) -> None:
    assert Slip.AGE in kinds(f"有个孩子今年{age}岁，爱画画")
    assert Slip.AGE in kinds(f"她{age} 周岁了")


@given(st.integers(18, 99))
def test_the_age_of_an_adult_may_be_told(age: int) -> None:
    assert kinds(f"志愿者年满{age}岁") == set()


@pytest.mark.parametrize(
    "text", ["8–12 岁的孩子", "6岁到12岁", "14 岁以下", "16岁及以上", "每一个孩子",
             "一位小朋友笑了", "几个孩子", "两位志愿者", "10 个孩子", "35名学生", "100 多个孩子",
             "三十个孩子", "学校旁边", "拨打 110 或 12345", "a year of reading", "children read"],
)  # fmt: skip
def test_what_tells_of_nobody_comes_through(text: str) -> None:
    assert kinds(text) == set()


@given(st.integers(2, 500), st.sampled_from(["孩子", "儿童", "小朋友", "学生"]))
def test_only_large_and_round_counts_of_children_come_through(count: int, who: str) -> None:
    fine = count >= 10 and count % 5 == 0

    assert (Slip.COUNT in kinds(f"今天来了{count}个{who}")) is not fine
    assert (Slip.COUNT in kinds(f"{count} children came")) is not fine


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("两个孩子在读书", Slip.COUNT),
        ("二十三名儿童", Slip.COUNT),
        ("three children came", Slip.COUNT),
        ("九岁的他", Slip.AGE),
        ("十二岁那年", Slip.AGE),
        ("a 9-year-old boy", Slip.AGE),
        ("她在城关小学", Slip.SCHOOL),
        ("三年级二班", Slip.SCHOOL),
        ("电话 154 0000 0000", Slip.PHONE),
        ("微信 abcde123", Slip.ACCOUNT),
        ("an orphan of ours", Slip.LABEL),
    ],
)
def test_what_tells_of_somebody_does_not(text: str, slip: Slip) -> None:
    assert slip in kinds(text)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_a_day_that_is_still_to_come_is_found_and_a_past_one_is_not(day: date) -> None:
    for told in (f"{day.year}年{day.month}月{day.day}日", day.isoformat(), f"{day:%d %B %Y}"):
        assert bool(days_ahead(f"我们{told}，去", TODAY) or days_ahead(f"on {told}", TODAY)) is (
            day > TODAY
        ), told


@given(st.text(max_size=200))
def test_whatever_is_typed_the_gate_answers(text: str) -> None:
    slips(text, LABELS)
    days_ahead(text, TODAY)
    said(text, LABELS)


def test_a_story_names_no_village_and_a_campaign_may(app: Flask) -> None:
    county = a_county(name="示例县")
    a_village(a_township(county, name="示例乡"), name="示例村")

    assert len(problems_of_a_story("在示例乡示例村，我们读书")) == 2
    assert problems_of_a_story("在示例县，我们读书") == []
    assert problems("在示例乡示例村集合") == []


def test_a_story_is_refused_with_what_to_change(app: Flask, browse_as: BrowseAs) -> None:
    campaign = a_campaign()
    editor = browse_as(a_member_of_staff(Role.EDITOR))
    tomorrow = NOON + timedelta(days=1)
    sent = {
        "text": f"{tomorrow.month}月{tomorrow.day}日去看留守儿童，他 9 岁。",
        "about": "nobody",
    }

    page = editor.post(f"/manage/campaigns/{campaign.uid}/stories/new", sent, 422)

    assert len([one for one in page.errors if "不能写" in one]) == 3


def test_a_campaign_with_a_label_is_not_reviewed(app: Flask, browse_as: BrowseAs) -> None:
    host = an_organisation(OrgKind.CENTER)
    campaign = a_campaign(stage=Stage.DRAFT, host_id=host.id, story="陪伴孤儿。")
    a_slot(campaign)
    editor = browse_as(a_member_of_staff(Role.EDITOR))

    page = editor.post(f"/manage/campaigns/{campaign.uid}/submit", {"version": "1"}, 409)
    assert "不能写“孤儿”" in page.text


def test_the_words_of_a_picture_are_looked_at_with_the_campaign(
    app: Flask, browse_as: BrowseAs
) -> None:
    campaign = a_campaign(stage=Stage.APPROVED)
    a_picture(campaign, alt="可怜的孩子")
    publisher = browse_as(a_member_of_staff(Role.PUBLISHER))

    page = publisher.post(f"/manage/campaigns/{campaign.uid}/publish", {"version": "1"}, 409)

    assert "不能写“可怜”" in page.text


def test_a_report_tells_of_no_small_number_of_children(app: Flask, browse_as: BrowseAs) -> None:
    campaign = a_campaign(stage=Stage.WRAP_UP)
    editor = browse_as(a_member_of_staff(Role.EDITOR))
    sent = {"text": "我们陪了3个孩子。", "version": "1"}

    page = editor.post(f"/manage/campaigns/{campaign.uid}/closing-report", sent, 422)

    assert any("3个孩子" in one for one in page.errors), page.errors


# --- hands


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_whoever_had_it_in_hand_may_not_take_the_next_step(
    author: int, first: int, second: int, person: int
) -> None:
    hands = Hands(author, first, second)

    assert hands.bar(person, State.SECOND_CHECK) is (person in {author, first})
    assert hands.bar(person, State.FINAL_CHECK) is (person in {author, second})
    assert hands.bar(None, State.FINAL_CHECK)


# --- pictures


@given(st.sets(st.sampled_from(CELLS)))
def test_the_boxes_of_all_cells_leave_no_gap(cells: set[str]) -> None:
    found = boxes(cells)

    assert len(found) == len(cells)
    assert all(0 <= left < right <= 1000 and 0 <= top < foot <= 1000
               for left, top, right, foot in found)  # fmt: skip
    for left, top, _right, _foot in boxes(CELLS):
        assert left == 0 or any(right >= left for _l, _t, right, _f in boxes(CELLS))
        assert top == 0 or any(foot >= top for _l, _t, _r, foot in boxes(CELLS))


def test_what_is_no_cell_hides_nothing_by_mistake() -> None:
    with pytest.raises(ValueError, match="9-9"):
        boxes(["9-9"])


def a_checkerboard(**saved_with: object) -> bytes:
    """Return a photograph of fine squares: whatever is blurred shows none of them."""
    picture = Image.new("RGB", (800, 600), "white")
    ink = ImageDraw.Draw(picture)
    for top in range(0, 600, 10):
        for left in range(0, 800, 20):
            ink.rectangle((left + top % 20, top, left + top % 20 + 9, top + 9), "black")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, **saved_with)
    return out.getvalue()


def spread(picture: Image.Image) -> float:
    """Return how far the darkest and the lightest point lie apart."""
    dark, light = picture.convert("L").getextrema()
    return float(light) - float(dark)  # type: ignore[arg-type]  # of one band


def test_what_is_hidden_is_hidden_in_every_size_and_for_good() -> None:
    for one in drawn_anew(a_checkerboard(), boxes(["0-0", "1-0"])):
        with Image.open(io.BytesIO(one.file)) as picture:
            hidden = picture.crop((8, 8, picture.width // 4 - 8, picture.height // 6 - 8))
            beside = picture.crop((picture.width // 2, 0, picture.width, picture.height // 2))
            assert spread(hidden) < 40
            assert spread(beside) > 120


def squares(*, turned: bool) -> bytes:
    """Return a white picture with fine squares in its first cell, or the same with colours turned.

    Each fourth of the cell has the same mean colour in both.
    """
    picture = Image.new("RGB", (1600, 1200), "white")
    for top in range(0, 200, 5):
        for left in range(0, 200, 5):
            dark = ((left + top) // 5 % 2 == 0) is not turned
            picture.paste("black" if dark else "white", (left, top, left + 5, top + 5))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_what_was_hidden_cannot_be_brought_back() -> None:
    """Two pictures that differ under the mask only become the very same file."""
    one, other = squares(turned=False), squares(turned=True)

    assert drawn_anew(one) != drawn_anew(other)
    assert drawn_anew(one, boxes(["0-0"])) == drawn_anew(other, boxes(["0-0"]))


def with_place() -> bytes:
    """Return a photograph that says where, when and by what it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Zhaoxiangji"
    exif[0x0132] = "2026:11:20 10:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 41.0, 0.0), 3: "E", 4: (112.0, 44.0, 0.0)})
    return a_checkerboard(exif=exif)


def send(browser: Browser, story: Story, status: int = 200, **typed: object) -> Page:
    sent = {
        "picture": (io.BytesIO(with_place()), "DCIM_0001.jpg"),
        "hiding": "masked",
        "cells": ["0-0", "1-0"],
        "alt": "窗边的一排书",
        "unrecognisable": "y",
    } | typed
    return browser.post(f"/manage/stories/{story.uid}/picture", sent, status)


@pytest.fixture
def editor(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.EDITOR))


def test_a_picture_comes_without_its_place_its_day_and_its_faces(
    app: Flask, editor: Browser
) -> None:
    story = a_story(state=State.DRAFT)
    send(editor, story)

    db.session.expire_all()
    kept = db.session.scalars(select(Story)).one()
    home = app.extensions["settings"].home
    assert kept.hiding is Hiding.MASKED
    assert kept.picture_uid is not None
    files = [file_of(home / "stories", kept.picture_uid, width) for width, _high in kept.sizes]
    assert sorted((home / "stories").iterdir()) == sorted(files), "the original is kept nowhere"
    for file in files:
        body = file.read_bytes()
        assert not [mark for mark in (b"EXIF", b"Exif", b"Zhaoxiangji", b"2026:11") if mark in body]
        with Image.open(file) as picture:
            assert not picture.getexif()
            assert (
                spread(picture.crop((8, 8, picture.width // 4 - 8, picture.height // 6 - 8))) < 40
            )


def test_faces_that_are_said_to_be_there_have_to_be_marked(editor: Browser) -> None:
    story = a_story(state=State.DRAFT)

    assert any("每一格" in one for one in send(editor, story, 422, cells=[]).errors)
    assert send(editor, story, 422, cells=["9-9"]).errors
    assert any("认得出" in one for one in send(editor, story, 422, unrecognisable="").errors)


def test_a_picture_of_children_belongs_to_a_story_about_them(editor: Browser) -> None:
    story = a_story(state=State.DRAFT)

    page = send(editor, story, 422, shows_children="y")

    assert any("几个孩子有关" in one for one in page.errors)


def test_the_words_of_a_picture_pass_the_same_gate(editor: Browser) -> None:
    story = a_story(state=State.DRAFT)

    assert any("残疾儿童" in one for one in send(editor, story, 422, alt="残疾儿童的手").errors)


def test_a_picture_is_changed_in_drafts_only(editor: Browser) -> None:
    story = a_story(state=State.FIRST_CHECK)

    assert any("看过最新的" in one for one in send(editor, story, 422).errors)
