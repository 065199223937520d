"""What somebody finds who has a seat: where it stands, what is to do, their code, a picture."""

import io
from datetime import timedelta

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, update

from accounts.queries import actor_for
from campaigns.cards.joined.drawing import drawn
from campaigns.cards.joined.texts import joined_of
from campaigns.models import Campaign, Slot
from campaigns.queries import edition
from campaigns.rules import HALTED, Measure, Stage
from campaigns.seats.rules import SeatState
from campaigns.signups.models import SignUp
from campaigns.signups.own import services as own
from core import clock
from core.db import db, transaction
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_count, a_sign_up, a_slot, a_slot_of_today
from tests.builders.volunteers import a_volunteer, an_active_volunteer, an_evidence, cleared
from tests.conftest import AtMost, BrowseAs
from tests.test_readiness import TODAY, a_slot_in
from tests.test_signups import SECRET, a_form
from volunteers.models import Volunteer
from volunteers.rules import EvidenceKind

NEXT_WEEK = TODAY + timedelta(days=7)


def a_group_slot(campaign: Campaign | None = None) -> Slot:
    return a_slot_of_today(campaign, starts_on=NEXT_WEEK, ends_on=NEXT_WEEK)


def joined(slot: Slot, volunteer: Volunteer, *, queue: bool = False) -> str:
    return f"/my/sign-ups/{own.join(slot.uid, queue=queue, by=actor_for(volunteer.person_id))}"


def slug_of(slot: Slot) -> str:
    return db.session.get_one(Campaign, slot.campaign_id).slug


def test_one_click_leads_to_ones_own_seat_with_its_code(
    browse_as: BrowseAs, at_most: AtMost
) -> None:
    slot, volunteer = a_group_slot(), an_active_volunteer()
    browser = browse_as(volunteer.person_id)

    page = browser.post(f"/slots/{slot.uid}/join", {})
    uid = db.session.scalars(select(SignUp.uid)).one()
    with at_most(8):
        again = browser.get(f"/my/sign-ups/{uid}")

    assert page.heading == again.heading == "我的这次报名"
    assert page.soup.select_one("img.qr[src^='data:image/svg+xml']")
    assert page.links(f"/slots/{slot.uid}.ics")
    assert page.soup.select_one(f"img[src*='/campaigns/{slug_of(slot)}/joined.png']")
    assert f"http://localhost/campaigns/{slug_of(slot)}" in page.text


def test_the_link_in_the_mail_leads_there_too(visitor: Browser) -> None:
    slot = a_group_slot()
    a_sign_up(slot, secret=SECRET)

    page = visitor.post(f"/sign-ups/confirm/{SECRET}")

    assert page.heading == "我的这次报名"
    assert page.soup.select_one("img.qr")


def test_whoever_has_only_the_link_sees_the_code_behind_it(visitor: Browser, app: Flask) -> None:
    slot = a_group_slot()
    a_sign_up(slot, secret=SECRET)
    before = visitor.get(f"/sign-ups/confirm/{SECRET}")
    visitor.post(f"/sign-ups/confirm/{SECRET}")

    after = Browser(app).get(f"/sign-ups/confirm/{SECRET}")

    assert not before.soup.select("img")
    assert after.soup.select_one("img.qr")
    assert after.soup.select_one("img[src*='joined.png']")


def test_visits_that_are_agreed_upon_have_no_board_and_no_code(browse_as: BrowseAs) -> None:
    volunteer = an_active_volunteer()
    address = joined(a_slot_in(30), volunteer)

    page = browse_as(volunteer.person_id).get(address)

    assert not page.soup.select("img.qr")


def test_who_waits_reads_the_place_in_the_queue(browse_as: BrowseAs) -> None:
    slot = a_slot_of_today(starts_on=NEXT_WEEK, ends_on=NEXT_WEEK, capacity=1)
    joined(slot, a_volunteer())
    joined(slot, a_volunteer(), queue=True)
    last = a_volunteer()
    address = joined(slot, last, queue=True)

    page = browse_as(last.person_id).get(address)

    assert "您排在第 2 位" in page.text
    assert not page.soup.select("img.qr, progress")


def test_what_is_done_is_counted_and_one_step_comes_next(browse_as: BrowseAs) -> None:
    slot, volunteer = a_slot_in(30), a_volunteer()
    an_evidence(volunteer, EvidenceKind.IDENTITY)
    address = joined(slot, volunteer)
    browser = browse_as(volunteer.person_id)

    page = browser.get(address)
    bar = page.soup.select_one("progress")
    listed = browser.get("/my/sign-ups")

    assert bar
    assert (bar["max"], bar["value"]) == ("7", "2")
    assert "7 步办好了 2 步" in page.text
    assert "名额为您留到 2026年12月17日" in page.text
    assert page.links("/volunteers/me/pledge")
    assert "7 步办好了 2 步" in listed.text
    assert listed.links(address)
    an_evidence(volunteer, EvidenceKind.PLEDGE)
    waits = browser.get(address)
    assert "县中心正在办理入职查询" in waits.text
    assert waits.texts("#todo ~ p a") == ["看看办到哪一步"]


def test_only_what_the_slot_asks_for_is_counted(browse_as: BrowseAs) -> None:
    day = TODAY + timedelta(days=20)
    slot = a_slot_of_today(starts_on=day, ends_on=day, trained=True)
    volunteer = a_volunteer(sex=None)
    address = joined(slot, volunteer)
    browser = browse_as(volunteer.person_id)

    page = browser.get(address)

    assert "1 步办好了 0 步" in page.text
    assert not page.links("/volunteers/me/profile")
    an_evidence(volunteer, EvidenceKind.TRAINING)
    assert "手续都齐了" in browser.get(address).text


def test_who_is_in_service_has_nothing_to_do(browse_as: BrowseAs) -> None:
    volunteer, other = an_active_volunteer(), cleared(a_volunteer())

    ready = browse_as(volunteer.person_id).get(joined(a_slot_in(30), volunteer))
    nearly = browse_as(other.person_id).get(joined(a_slot_in(30), other))

    assert "手续都齐了" in ready.text
    assert "7 步办好了 6 步" in nearly.text


def test_nobody_sees_anothers_seat(browse_as: BrowseAs) -> None:
    address = joined(a_slot_in(30), a_volunteer())

    browse_as(a_volunteer().person_id).get(address, status=404)


@pytest.mark.parametrize("stage", sorted(HALTED))
def test_of_a_halted_campaign_nothing_is_passed_on(browse_as: BrowseAs, stage: Stage) -> None:
    slot, volunteer = a_group_slot(a_campaign(published_at=clock.now())), a_volunteer()
    address, slug = joined(slot, volunteer), slug_of(slot)
    browser = browse_as(volunteer.person_id)
    browser.client.get(f"/campaigns/{slug}/joined.png")

    with transaction() as session:
        session.execute(update(Campaign).values(stage=stage))

    assert "叫上朋友" not in browser.get(address).text
    browser.get(f"/campaigns/{slug}/joined.png", status=404)


def test_the_picture_is_the_same_for_everybody_and_of_nobody(
    app: Flask, visitor: Browser, at_most: AtMost
) -> None:
    slot = a_slot()
    slug = slug_of(slot)
    a_count(db.session.get_one(Campaign, slot.campaign_id), Measure.PAIRINGS, 987654)
    a_sign_up(slot, name="李样例", state=SeatState.CONFIRMED)
    address = f"/campaigns/{slug}/joined.png"
    first = visitor.client.get(address)
    with at_most(2):
        again = visitor.client.get(address)

    assert first.content_type == "image/png"
    assert first.data == again.data
    assert Image.open(io.BytesIO(first.data)).size == (1080, 1440)
    assert len(first.data) <= 120 * 1024
    assert visitor.cookie() == ""
    with app.test_request_context():
        card = joined_of(edition(slug))
    assert card
    assert not {"李样例", "987654"} & set(" ".join(card.texts).split())
    assert drawn(card) == drawn(card)


def test_a_title_the_font_lacks_has_an_address_to_pass_on_and_no_picture(
    visitor: Browser,
) -> None:
    slot = a_slot(a_campaign(title="双囍临门"))

    page = visitor.post(f"/slots/{slot.uid}/join", a_form())

    assert not page.soup.select("img")
    assert f"http://localhost/campaigns/{slug_of(slot)}" in page.text
    visitor.get(f"/campaigns/{slug_of(slot)}/joined.png", status=404)


def test_the_share_card_and_the_picture_lie_side_by_side(app: Flask, visitor: Browser) -> None:
    slug = a_campaign().slug
    for _turn in range(2):
        for name in ("card", "joined"):
            assert visitor.client.get(f"/campaigns/{slug}/{name}.png").status_code == 200

    kept = sorted(one.name for one in (app.extensions["settings"].home / "cards").glob("*"))

    assert kept == [f"{slug}.joined.zh_Hans.1.png", f"{slug}.zh_Hans.1.png"]
