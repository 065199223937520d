"""Drafts of long forms: kept while one types, offered again, never of a form that has secrets."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from accounts.drafts import services
from accounts.drafts.models import FormDraft
from accounts.rules import Role
from campaigns.models import Campaign
from campaigns.rules import Stage
from core.db import db, transaction
from core.errors import RuleBroken
from tests.browser import Browser
from tests.builders.campaigns import a_campaign
from tests.builders.people import a_member_of_staff
from tests.conftest import NOON, BrowseAs, SetClock


@pytest.fixture
def editor_id(app: Flask) -> int:
    return a_member_of_staff(Role.EDITOR)


@pytest.fixture
def editor(editor_id: int, browse_as: BrowseAs) -> Browser:
    return browse_as(editor_id)


@pytest.fixture
def draft(app: Flask) -> Campaign:
    return a_campaign(stage=Stage.DRAFT)


def path_of(campaign: Campaign) -> str:
    return f"/manage/campaigns/{campaign.uid}/edit"


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(FormDraft)) or 0


def test_what_was_typed_is_offered_again_and_gone_once_it_is_sent(
    editor: Browser, draft: Campaign
) -> None:
    path = path_of(draft)
    form = editor.get(path).form(path)
    typed = form | {"story": "写到一半的故事", "summary": "一句话"}
    page = editor.post("/account/drafts", typed)
    assert "这是您 今天 12:00 存的草稿" in page.text
    assert "写到一半的故事" in page.html

    again = editor.get(path)
    assert "您 今天 12:00 存过一份草稿" in again.text
    assert "写到一半的故事" not in again.html
    assert "?draft=1" in again.links()

    taken_up = editor.get(f"{path}?draft=1").form(path)
    sent = taken_up | {"story": "写完的故事", "summary": "一句话", "needed": "人", "risks": "山路"}
    chosen = {"brand": str(draft.brand_id), "area": str(draft.area_id), "host": ""}
    editor.post(path, sent | chosen)

    assert kept() == 0
    db.session.expire_all()
    assert db.session.get_one(Campaign, draft.id).story == "写完的故事"


def test_a_script_is_told_the_time_and_nothing_else(editor: Browser, draft: Campaign) -> None:
    form = editor.get(path_of(draft)).form(path_of(draft))

    answer = editor.client.post(
        "/account/drafts",
        data=form | {"csrf_token": editor.token(), "story": "半句"},
        headers={"Sec-Fetch-Mode": "cors"},
    )

    assert (answer.status_code, answer.get_json()) == (200, {"said": "草稿已存 今天 12:00"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_draft_lies_sealed_without_tokens(
    editor: Browser, editor_id: int, draft: Campaign
) -> None:
    form = editor.get(path_of(draft)).form(path_of(draft))
    editor.post("/account/drafts", form | {"story": "只有我能看"})

    stored = db.session.execute(text("SELECT fields FROM form_drafts")).scalar_one()
    assert "只有我能看" not in stored
    assert "story" not in stored
    found = services.draft_of(editor_id, path_of(draft))
    assert found is not None
    names = {name for name, _value in found.pairs}
    assert "story" in names
    assert names.isdisjoint({"csrf_token", "form_key", "draft_of"})


@pytest.mark.parametrize(
    "path", ["/account", "/sign-in", "/children/new", "/nowhere", "", "//example.org", "/manage/x"]
)
def test_no_other_form_is_kept(editor: Browser, path: str) -> None:
    editor.post("/account/drafts", {"draft_of": path, "password": "geheim"}, status=409)

    assert kept() == 0


def test_nobody_finds_anothers_draft(editor: Browser, draft: Campaign, browse_as: BrowseAs) -> None:
    form = editor.get(path_of(draft)).form(path_of(draft))
    editor.post("/account/drafts", form | {"story": "我的半句"})

    other = browse_as(a_member_of_staff(Role.EDITOR))
    page = other.get(f"{path_of(draft)}?draft=1")

    assert "我的半句" not in page.html
    assert "存过一份草稿" not in page.text


def test_a_draft_is_thrown_away_by_its_button(editor: Browser, draft: Campaign) -> None:
    form = editor.get(path_of(draft)).form(path_of(draft))
    editor.post("/account/drafts", form | {"story": "不要了"})

    editor.post("/account/drafts/drop", editor.get(path_of(draft)).form("/account/drafts/drop"))

    assert kept() == 0


def test_what_somebody_else_has_changed_meanwhile_is_shown_beside_the_draft(
    editor: Browser, draft: Campaign
) -> None:
    path = path_of(draft)
    form = editor.get(path).form(path)
    editor.post("/account/drafts", form | {"story": "我的故事", "summary": "一句话"})
    with transaction() as session:
        one = session.get_one(Campaign, draft.id)
        one.story, one.version = "别人的故事", one.version + 1

    taken_up = editor.get(f"{path}?draft=1").form(path)
    chosen = {"brand": str(draft.brand_id), "area": str(draft.area_id), "host": ""}
    page = editor.post(
        path, taken_up | chosen | {"story": "我的故事", "summary": "一句话"}, status=409
    )

    assert "别人的故事" in page.text
    assert "我的故事" in page.html
    assert kept() == 1, "what was not saved is not forgotten"


def test_the_oldest_draft_makes_room_and_all_are_forgotten_in_a_month(
    editor_id: int, set_clock: SetClock
) -> None:
    for turn in range(services.MOST + 5):
        set_clock(NOON + timedelta(minutes=turn))
        services.save(editor_id, f"/manage/campaigns/{turn}/edit", [("story", str(turn))])

    assert kept() == services.MOST
    assert services.draft_of(editor_id, "/manage/campaigns/4/edit") is None
    assert services.draft_of(editor_id, "/manage/campaigns/5/edit") is not None

    set_clock(NOON + timedelta(days=31))
    assert services.draft_of(editor_id, "/manage/campaigns/24/edit") is None
    assert services.purge() == services.MOST


def test_a_draft_longer_than_any_form_is_refused(editor_id: int) -> None:
    with pytest.raises(RuleBroken, match="太长"):
        services.save(editor_id, "/manage/campaigns/new", [("story", "字" * 200_000)])
