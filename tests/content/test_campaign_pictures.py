"""A campaign's picture: added by an editor, reviewed, shown, and off every page when it has to."""

import io
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from accounts.rules import Role
from campaigns.models import Campaign
from campaigns.pictures import services
from campaigns.pictures.models import CampaignPicture
from campaigns.rules import Stage
from core import pictures
from core.audit import AuditRow
from core.db import db, transaction
from tests.browser import Browser, Page
from tests.builders.campaigns import a_campaign, a_picture
from tests.builders.people import a_member_of_staff
from tests.conftest import AtMost, BrowseAs
from tests.content import hostile_pictures
from tests.content.hostile_pictures import SECRET_TEXT, a_photo_with_its_place


@pytest.fixture
def editor(browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.EDITOR))


@pytest.fixture
def folder(app: Flask) -> Path:
    home: Path = app.extensions["settings"].home
    return home / "pictures"


def uploaded(
    browser: Browser, campaign: Campaign, data: bytes | None = None, status: int = 200, **given: Any
) -> Page:
    data = hostile_pictures.a_picture() if data is None else data
    fields = {
        "picture": (io.BytesIO(data), "样例小明.html"),
        "alt": "雪后的山路",
        "alt_en": "A mountain road after snow",
        "unrecognisable": "y",
    }
    return browser.post(f"/manage/campaigns/{campaign.uid}/picture", fields | given, status=status)


def the_one() -> CampaignPicture | None:
    return db.session.scalar(select(CampaignPicture))


def test_an_editors_picture_is_reviewed_and_then_everybody_sees_it(
    editor: Browser, browse_as: BrowseAs, visitor: Browser
) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)

    page = uploaded(editor, campaign, a_photo_with_its_place())

    assert page.notices == ["图片已保存"]
    found = the_one()
    assert found is not None
    assert [row[0] for row in found.sizes] == [480, 960, 1000]
    assert page.soup.select_one("img.photo")["alt"] == "雪后的山路"  # type: ignore[index]  # is there
    at = f"/pictures/{found.uid}/480.webp"
    assert visitor.client.get(at).status_code == 404  # a draft is nobody's yet
    assert editor.client.get(at).headers["Cache-Control"] == "no-store"

    with transaction():
        campaign.stage = Stage.SAFEGUARDING_REVIEW
    lead = browse_as(a_member_of_staff(Role.SAFEGUARDING_LEAD))
    assert lead.get(f"/manage/campaigns/{campaign.uid}/review").soup.select("img.photo")

    with transaction():
        campaign.stage = Stage.RECRUITING
    for where in ("/", "/campaigns", f"/campaigns/{campaign.slug}"):
        assert visitor.get(where).soup.select("img.photo"), where
    english = visitor.get(f"/en/campaigns/{campaign.slug}").soup.select_one("img.photo")
    assert english["alt"] == "A mountain road after snow"  # type: ignore[index]  # is there


def test_every_served_size_tells_nothing_but_what_it_shows(
    editor: Browser, visitor: Browser
) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    uploaded(editor, campaign, a_photo_with_its_place())
    with transaction():
        campaign.stage = Stage.RECRUITING
    found = the_one()
    assert found is not None

    for width, height in found.sizes:
        answer = visitor.client.get(f"/pictures/{found.uid}/{width}.webp")
        assert answer.content_type == "image/webp"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, max-age=86400, immutable"
        for word in (SECRET_TEXT, b"Exif", b"EXIF", b"GPS", b"XMP ", "小明".encode()):
            assert word not in answer.data
        with Image.open(io.BytesIO(answer.data)) as opened:
            assert opened.size == (width, height)
            assert not dict(opened.getexif())


def test_nothing_of_the_upload_itself_is_kept(editor: Browser, app: Flask, folder: Path) -> None:
    uploaded(editor, a_campaign(stage=Stage.DRAFT), a_photo_with_its_place())

    home: Path = app.extensions["settings"].home
    kept = [file for file in home.rglob("*") if file.is_file() and file.name != "world.db"]
    assert len(list(folder.iterdir())) == 3
    for file in kept:
        assert SECRET_TEXT not in file.read_bytes(), file
        assert "小明" not in file.name


@pytest.mark.parametrize("what", hostile_pictures.HOSTILE)
def test_of_a_hostile_file_nothing_is_kept(editor: Browser, folder: Path, what: str) -> None:
    reason, made = hostile_pictures.HOSTILE[what]
    campaign, data = a_campaign(stage=Stage.DRAFT), made()

    if len(data) > 10 * 1024 * 1024 + 64 * 1024:
        page = uploaded(editor, campaign, data, status=413)
        assert page.heading == "提交的内容太大"
    else:
        page = uploaded(editor, campaign, data, status=422)
        assert reason in " ".join(page.errors)
    assert the_one() is None
    assert not folder.exists()


@pytest.mark.parametrize("missing", ["picture", "alt", "unrecognisable"])
def test_a_picture_needs_words_and_somebody_who_has_looked(editor: Browser, missing: str) -> None:
    given: dict[str, Any] = {missing: ""}
    page = uploaded(editor, a_campaign(stage=Stage.DRAFT), status=422, **given)

    assert page.texts(f"#{missing}-wrong")
    assert the_one() is None


def test_only_a_draft_takes_a_picture(editor: Browser) -> None:
    for stage in set(Stage) - {Stage.DRAFT}:
        campaign = a_campaign(stage=stage)
        page = uploaded(editor, campaign, status=422)
        assert "活动现在的阶段不能这样做" in " ".join(page.errors)
    assert the_one() is None


def test_a_new_picture_takes_the_place_of_the_old_one(editor: Browser, folder: Path) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    first = a_picture(campaign).uid

    uploaded(editor, campaign)

    found = the_one()
    assert found is not None
    assert found.uid != first
    assert editor.client.get(f"/pictures/{first}/480.webp").status_code == 404


def test_a_picture_can_be_taken_off_a_draft(editor: Browser) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    a_picture(campaign)

    page = editor.post(f"/manage/campaigns/{campaign.uid}/picture/remove")

    assert page.notices == ["图片已拿掉"]
    assert the_one() is None
    told = db.session.scalars(select(AuditRow.action).where(AuditRow.ref == campaign.uid)).all()
    assert told == ["remove_picture"]


def test_whoever_added_the_picture_does_not_review_it(browse_as: BrowseAs) -> None:
    person_id = a_member_of_staff(Role.EDITOR)
    campaign = a_campaign(stage=Stage.DRAFT, edited_by_id=None)

    uploaded(browse_as(person_id), campaign)

    db.session.refresh(campaign)
    assert campaign.edited_by_id == person_id


def halted(campaign: Campaign, verb: str, browse_as: BrowseAs) -> None:
    publisher = browse_as(a_member_of_staff(Role.PUBLISHER))
    sent = {"reason": "图上有门牌", "version": str(campaign.version)}
    publisher.post(f"/manage/campaigns/{campaign.uid}/{verb}", sent)


def test_a_suspended_campaigns_picture_is_gone_at_once(
    visitor: Browser, browse_as: BrowseAs
) -> None:
    campaign = a_campaign(published_at=None)
    at = f"/pictures/{a_picture(campaign).uid}/480.webp"
    assert visitor.client.get(at).status_code == 200

    halted(campaign, "suspend", browse_as)

    assert visitor.client.get(at).status_code == 404


def test_a_cancelled_campaigns_picture_is_forgotten(
    visitor: Browser, browse_as: BrowseAs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = a_campaign()
    a_picture(campaign)

    halted(campaign, "cancel", browse_as)

    assert the_one() is None
    monkeypatch.setattr(pictures, "_age", lambda _file: 2 * pictures.YOUNG)
    assert services.sweep(folder) == 1
    assert not list(folder.iterdir())


def test_a_picture_without_its_file_or_in_another_size_is_not_there(
    visitor: Browser, folder: Path
) -> None:
    found = a_picture()
    assert visitor.client.get(f"/pictures/{found.uid}/481.webp").status_code == 404
    assert visitor.client.get(f"/pictures/..%2F{found.uid}/480.webp").status_code == 404

    pictures.file_of(folder, found.uid, 480).unlink()
    assert visitor.client.get(f"/pictures/{found.uid}/480.webp").status_code == 404


def test_a_second_upload_at_once_is_asked_to_come_back(
    editor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "PATIENCE", 0.01)
    monkeypatch.setattr(pictures, "_gate", gate := threading.Lock())
    with gate:
        page = uploaded(editor, a_campaign(stage=Stage.DRAFT), status=503)

    assert page.heading == "正忙，请稍等再试"
    assert "请过几秒再传一次" in page.text


def test_much_is_taken_only_where_a_picture_is_asked_for(editor: Browser) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    large = {"title": (io.BytesIO(bytes(2 * 1024 * 1024)), "a.jpg")}

    page = editor.post(f"/manage/campaigns/{campaign.uid}/edit", large, status=413)

    assert page.heading == "提交的内容太大"


def test_pictures_cost_the_public_pages_no_query_more(visitor: Browser, at_most: AtMost) -> None:
    campaigns = [a_campaign() for _turn in range(5)]
    for campaign in campaigns:
        a_picture(campaign)
    with at_most(4):
        visitor.get("/campaigns")
    with at_most(8):
        visitor.get(f"/campaigns/{campaigns[0].slug}")
