"""What is withdrawn is gone from every face within a minute, and it is written down that it is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Role
from app import create_app
from campaigns.models import Campaign
from campaigns.rules import Stage
from campaigns.stories.desk.services import Checked, check
from campaigns.stories.models import Story, StoryProof
from campaigns.stories.proofs.rules import Answer, found
from campaigns.stories.proofs.services import prove
from campaigns.stories.proofs.views import visit
from campaigns.stories.rules import Cause, State
from campaigns.stories.services import sweep, sweep_drafts, withdraw
from children.consents.services import withdraw as withdraw_consent
from children.models import Child
from children.rules import Purpose
from core import clock
from core.audit import AuditRow
from core.db import db, transaction, writing
from core.errors import RuleBroken
from core.fences import everything
from core.pictures import file_of
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_reported_campaign
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, a_township, a_village
from tests.builders.stories import a_drawn_story, a_story, a_willing_child, concerns
from tests.conftest import NOON, BrowseAs, SetClock, settings_for

LINE = "一本书从村头传到村尾"
EVERYTHING = {"page", "card", "led", "poster", "report", "picture"}


@pytest.fixture
def kept_site(tmp_path: Path) -> Iterator[Flask]:
    """A site as it runs, that keeps its pages for longer than this test lasts."""
    app = create_app(settings_for(tmp_path, page_seconds=3600))
    with app.app_context(), everything():
        with writing():
            db.create_all()
        db.session.remove()
        yield app
        db.session.remove()
        db.engine.dispose()


def read(site: Flask, campaign: Campaign, end: str = "") -> str:
    with site.app_context():
        return site.test_client(use_cookies=False).get(f"/campaigns/{campaign.slug}{end}").text


def about_a_child(campaign: Campaign, **given: object) -> tuple[Story, Child]:
    village = a_village(a_township(a_county()))
    child = a_willing_child(village, Purpose.PUBLICATION, Purpose.ASSENT, Purpose.PHOTO)
    story = a_drawn_story(campaign, text=LINE, children=1, shows_children=True, **given)
    concerns(story, child)
    return story, child


def take_back(child: Child, purpose: Purpose = Purpose.PUBLICATION) -> None:
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    withdraw_consent(child.uid, purpose, by, lambda _child, _by: None)


def by_hand(story: Story) -> None:
    by = actor_for(a_member_of_staff(Role.PUBLISHER))
    withdraw(story.uid, "家里来电话", by=by)


def folder(site: Flask) -> Path:
    return Path(site.extensions["settings"].home) / "stories"


def stored(story: Story) -> Story:
    db.session.expire_all()
    return db.session.get_one(Story, story.id)


@pytest.mark.parametrize("purpose", [Purpose.PUBLICATION, Purpose.ASSENT, Purpose.PHOTO])
def test_a_kept_page_loses_the_story_with_the_very_next_request(
    kept_site: Flask, purpose: Purpose
) -> None:
    campaign = a_campaign()
    _story, child = about_a_child(campaign)
    assert LINE in read(kept_site, campaign)
    assert LINE in read(kept_site, campaign)

    take_back(child, purpose)

    assert LINE not in read(kept_site, campaign)
    assert LINE not in read(kept_site, campaign, "/led")


def test_a_kept_page_loses_what_the_desk_takes_back(kept_site: Flask) -> None:
    campaign = a_campaign()
    story = a_story(campaign, text=LINE)
    assert LINE in read(kept_site, campaign)

    by_hand(story)

    assert LINE not in read(kept_site, campaign)


def test_a_consent_that_runs_out_at_midnight_takes_the_story_with_it(
    kept_site: Flask, set_clock: SetClock
) -> None:
    campaign = a_campaign()
    about_a_child(campaign)
    assert LINE in read(kept_site, campaign)

    set_clock(NOON + timedelta(days=300))

    assert LINE not in read(kept_site, campaign)


def test_no_browser_keeps_a_page_or_picture_for_longer_than_a_minute(kept_site: Flask) -> None:
    story, _child = about_a_child(campaign := a_campaign())
    with kept_site.app_context():
        client = kept_site.test_client(use_cookies=False)
        page = client.get(f"/campaigns/{campaign.slug}").headers["Cache-Control"]
        picture = client.get(f"/stories/{story.picture_uid}/480.webp").headers["Cache-Control"]
        screen = client.get(f"/campaigns/{campaign.slug}/led").headers["Cache-Control"]

    assert page == "public, max-age=30, stale-while-revalidate=30"
    assert picture == "private, max-age=30"
    assert screen == "private, no-cache"


@pytest.mark.parametrize("cause", list(Cause))
def test_every_face_is_looked_at_and_the_answer_is_kept(
    app: Flask, set_clock: SetClock, cause: Cause
) -> None:
    campaign = a_reported_campaign()
    story, child = about_a_child(campaign)
    assert prove(visit) == 0
    if cause is Cause.CONSENT:
        take_back(child)
    else:
        by_hand(story)
    set_clock(NOON + timedelta(seconds=9))

    assert sweep(folder(app)) == (cause is Cause.CONSENT)
    assert prove(visit) == 1

    proof = db.session.scalars(select(StoryProof)).one()
    assert proof.gone
    assert proof.seconds == 9
    assert {one["face"] for one in proof.faces} == EVERYTHING - {"picture"}
    assert len(proof.faces) == 2 * 5, "both languages"
    assert {one["status"] for one in proof.faces} == {200}
    assert all(len(one["sha256"]) == 64 for one in proof.faces)
    assert stored(story).cause is cause
    rows = db.session.scalars(select(AuditRow.action).where(AuditRow.kind == "story")).all()
    assert {"withdraw_story", "prove_story_gone"} <= set(rows)
    assert prove(visit) == 0, "proved once"


def test_what_is_still_on_a_page_is_not_called_gone(app: Flask) -> None:
    story = a_story(campaign := a_campaign(), text=LINE)
    by_hand(story)
    a_story(campaign, text=LINE)

    prove(visit)

    proof = db.session.scalars(select(StoryProof)).one()
    assert not proof.gone
    assert {one["face"] for one in proof.faces if not one["gone"]} == {"page", "led"}
    assert prove(visit) == 1, "it is looked for again"


@pytest.mark.parametrize(("status", "gone"), [(200, True), (404, True), (503, False), (302, False)])
def test_an_answer_that_shows_nothing_proves_nothing(status: int, gone: bool) -> None:
    assert found("page /", Answer(status, b"", ""), ["书角"]).gone is gone


def test_the_picture_is_gone_at_once_and_its_files_after_it(app: Flask, visitor: Browser) -> None:
    story, child = about_a_child(a_campaign())
    uid, address = story.picture_uid, f"/stories/{story.picture_uid}/480.webp"
    assert uid is not None
    assert visitor.client.get(address).status_code == 200

    take_back(child)

    visitor.get(address, 404)
    assert file_of(folder(app), uid, 480).exists()
    sweep(folder(app))
    assert not file_of(folder(app), uid, 480).exists()
    assert stored(story).picture_uid is None


def test_a_withdrawn_picture_is_not_even_shown_at_the_desk(app: Flask, browse_as: BrowseAs) -> None:
    story = a_drawn_story()
    editor = browse_as(a_member_of_staff(Role.EDITOR))
    address = f"/stories/{story.picture_uid}/480.webp"
    assert editor.client.get(address).headers["Cache-Control"] == "no-store"

    by_hand(story)

    editor.get(address, 404)


def test_a_draft_whose_picture_was_replaced_leaves_no_file_behind(app: Flask) -> None:
    story = a_drawn_story(state=State.DRAFT)
    place = file_of(folder(app), str(story.picture_uid), 480)

    assert sweep_drafts(folder(app)) == 0
    assert place.exists()


def test_the_desk_reads_when_it_went_and_how_fast(
    app: Flask, browse_as: BrowseAs, set_clock: SetClock
) -> None:
    story = a_story(a_campaign(), text=LINE)
    publisher = browse_as(a_member_of_staff(Role.PUBLISHER))
    publisher.post(f"/manage/stories/{story.uid}/withdraw", {"note": "家里来电话"})
    assert "正在逐处核对" in publisher.get(f"/manage/stories/{story.uid}").text
    set_clock(NOON + timedelta(seconds=2))
    prove(visit)

    text = publisher.get(f"/manage/stories/{story.uid}").text

    assert "撤回于 今天 12:00:00：家里来电话" in text
    assert "今天 12:00:02 已从每一处消失，距撤回 2 秒" in text


def test_nobody_publishes_what_was_taken_back_between_two_checks(app: Flask) -> None:
    campaign = a_campaign()
    story, child = about_a_child(campaign, state=State.FINAL_CHECK)
    by = actor_for(a_member_of_staff(Role.PUBLISHER))
    take_back(child)

    with pytest.raises(RuleBroken, match="同意"):
        check(story.uid, Checked(("dignity",), "", story.version), by=by)

    assert stored(story).state is State.FINAL_CHECK


def test_what_was_published_a_moment_too_late_is_shown_to_nobody(
    app: Flask, visitor: Browser
) -> None:
    """Whoever read the consent before it was taken back may still write: pages read it again."""
    campaign = a_campaign()
    story, child = about_a_child(campaign, state=State.FINAL_CHECK)
    take_back(child)
    publish_without_looking(story)

    assert LINE not in visitor.get(f"/campaigns/{campaign.slug}").text
    sweep(folder(app))
    assert stored(story).state is State.WITHDRAWN


def publish_without_looking(story: Story) -> None:
    publisher_id = a_member_of_staff(Role.PUBLISHER)
    with transaction() as session:
        row = session.get_one(Story, story.id)
        row.state, row.published_by_id = State.PUBLISHED, publisher_id
        row.published_at = clock.now()


def test_what_is_agreed_to_stays(app: Flask) -> None:
    story, _child = about_a_child(a_campaign())

    assert sweep(folder(app)) == 0
    assert stored(story).state is State.PUBLISHED


def test_a_story_comes_back_neither_by_hand_nor_by_a_new_consent(app: Flask) -> None:
    story, child = about_a_child(a_campaign())
    take_back(child)
    sweep(folder(app))

    with pytest.raises(RuleBroken, match="已经撤回"):
        by_hand(story)
    assert stored(story).state is State.WITHDRAWN


def test_a_campaign_that_is_halted_shows_none_of_its_stories(app: Flask, visitor: Browser) -> None:
    campaign = a_campaign(stage=Stage.SUSPENDED, published_at=clock.now())
    a_story(campaign, text=LINE)

    assert LINE not in visitor.get(f"/campaigns/{campaign.slug}").text
    assert LINE not in visitor.get(f"/campaigns/{campaign.slug}/led").text
