"""Checking in without signing in: by one's own link, or by contact and code."""

from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from accounts.models import Person
from campaigns.models import Campaign, Slot
from campaigns.rules import SlotKind, SlotRole, Stage, Timing
from campaigns.seats.rules import SeatState
from campaigns.signups.day.checkin import services as checkin
from campaigns.signups.day.codes import queries as codes
from campaigns.signups.day.models import Attendance
from campaigns.signups.day.rules import code_of, step_of
from campaigns.signups.models import SignUp
from campaigns.signups.promises.services import ask_due, secret_of
from core import clock, logs
from core.audit import AuditRow
from core.db import db, transaction
from core.limits import LimitWindow
from tests.browser import Browser, Page
from tests.builders.campaigns import a_campaign, a_sign_up, a_slot, a_slot_of_today
from tests.builders.volunteers import an_active_volunteer
from tests.conftest import NOON, BrowseAs, SetClock

SECRET = "s" * 43
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MAIL = "li@example.org"


def a_seat(slot: Slot, **given: Any) -> SignUp:
    fields: dict[str, Any] = {
        "state": SeatState.CONFIRMED,
        "confirmed_at": NOON - 9 * DAY,
        "person_id": an_active_volunteer().person_id,
    }
    return a_sign_up(slot, **fields | given)


def code_now(slot: Slot) -> str:
    return code_of(codes.key(), slot.uid, step_of(clock.now()))


def wrong(slot: Slot) -> str:
    return str((int(code_now(slot)) + 1) % 10**6).zfill(6)


def state(one: SignUp) -> SeatState:
    db.session.expire_all()
    return db.session.get_one(SignUp, one.id).state


def days() -> list[tuple[int, bool]]:
    db.session.expire_all()
    rows = db.session.scalars(select(Attendance).order_by(Attendance.id))
    return [(row.sign_up_id, row.left_at is not None) for row in rows]


@pytest.fixture
def lines(app: Flask) -> Iterator[list[MutableMapping[str, Any]]]:
    logs.configure("info")
    with capture_logs() as found:
        yield found
    logs.configure("error")


# --- by one's own link ----------------------------------------------------------------------------


def by_link(visitor: Browser, secret: str, code: str, move: str = "arrived", **more: Any) -> Page:
    """Send the code from the page behind a link, as its form does."""
    sent, how = {"code": code, "move": move}, {"status": 302, "follow": False} | more
    return visitor.post(f"/sign-ups/day/{secret}", sent, **how)


def test_the_link_of_the_confirmation_checks_somebody_in_and_out(visitor: Browser) -> None:
    slot = a_slot_of_today()
    one = a_seat(slot, secret=SECRET)
    link = f"/sign-ups/day/{SECRET}"

    page = visitor.get(f"/sign-ups/confirm/{SECRET}")
    assert page.links("/sign-ups/day/") == [link]
    page = visitor.get(link)
    assert page.form("/sign-ups/day/")["move"] == "arrived"
    assert page.soup.select("img.qr")
    by_link(visitor, SECRET, code_now(slot))
    assert state(one) is SeatState.ARRIVED
    page = visitor.get(link)
    assert page.form("/sign-ups/day/")["move"] == "left"
    by_link(visitor, SECRET, code_now(slot), "left")

    assert state(one) is SeatState.COMPLETED
    assert days() == [(one.id, True)]
    rows = db.session.scalars(select(AuditRow).where(AuditRow.ref == one.uid)).all()
    assert [(row.action, row.actor_id) for row in rows] == [
        ("arrived", one.person_id), ("left", one.person_id),
    ]  # fmt: skip


def test_the_link_of_the_promise_does_too(visitor: Browser, set_clock: SetClock) -> None:
    slot = a_slot_of_today(starts_on=NOON.date() + 2 * DAY, ends_on=NOON.date() + 2 * DAY)
    one = a_seat(slot)
    assert ask_due() == 1
    db.session.expire_all()
    secret = secret_of(one)
    assert not visitor.get(f"/sign-ups/promise/{secret}").links("/sign-ups/day/")

    set_clock(NOON + 2 * DAY)
    assert visitor.get(f"/sign-ups/promise/{secret}").links("/sign-ups/day/")
    by_link(visitor, secret, code_now(slot))
    page = visitor.get(f"/sign-ups/promise/{secret}", status=410)
    assert page.links("/sign-ups/day/"), "to check out as well"

    assert state(one) is SeatState.ARRIVED


def test_the_link_alone_is_no_presence(
    visitor: Browser, lines: list[MutableMapping[str, Any]]
) -> None:
    slot, other = a_slot_of_today(), a_slot_of_today()
    one = a_seat(slot, secret=SECRET)

    for code in (wrong(slot), code_now(other)):
        page = by_link(visitor, SECRET, code, status=422)
        assert "签到码不对" in page.text
    by_link(visitor, SECRET, code_now(slot), "not_arrived", status=422)
    by_link(visitor, "B" * 43, code_now(slot), status=404)

    assert (state(one), days()) == (SeatState.CONFIRMED, [])
    told = [line["sign_up"] for line in lines if line["event"] == "day code refused"]
    assert told == [one.uid] * 2
    assert SECRET not in str(lines)


def test_ten_wrong_codes_behind_a_link_are_enough(visitor: Browser, set_clock: SetClock) -> None:
    slot = a_slot_of_today()
    one = a_seat(slot, secret=SECRET)
    for _turn in range(10):
        by_link(visitor, SECRET, wrong(slot), status=422)

    by_link(visitor, SECRET, code_now(slot), status=429)
    assert state(one) is SeatState.CONFIRMED
    set_clock(NOON + timedelta(seconds=301))
    by_link(visitor, SECRET, code_now(slot))

    assert state(one) is SeatState.ARRIVED


@pytest.mark.parametrize("held", [SeatState.HELD, SeatState.WAITING, SeatState.CANCELLED])
def test_the_link_of_whoever_has_no_seat_opens_no_day(visitor: Browser, held: SeatState) -> None:
    slot = a_slot_of_today()
    one = a_sign_up(slot, secret=SECRET, state=held, ticket=1)

    visitor.get(f"/sign-ups/day/{SECRET}", status=404)
    by_link(visitor, SECRET, code_now(slot), status=404)

    assert state(one) is held


def test_a_link_checks_in_on_its_day_only(visitor: Browser, set_clock: SetClock) -> None:
    slot = a_slot_of_today()
    one = a_seat(slot, secret=SECRET)
    set_clock(NOON - DAY)

    assert not visitor.get(f"/sign-ups/confirm/{SECRET}").links("/sign-ups/day/")
    page = by_link(visitor, SECRET, code_now(slot), status=422)

    assert "只有活动当天" in page.text
    assert state(one) is SeatState.CONFIRMED


# --- by contact and code --------------------------------------------------------------------------


def sent(visitor: Browser, slot: Slot, contact: str, **given: Any) -> Page:
    """Type a contact and the code on the page that the board's squares lead to."""
    url = f"/slots/{slot.uid}/check-in"
    status = given.pop("status", 200)
    fields = {"contact": contact, "code": code_now(slot), "move": "arrived"} | given
    return visitor.post(url, fields, status=status)


def test_somebody_types_their_contact_and_the_code_on_the_board(visitor: Browser) -> None:
    slot = a_slot_of_today()
    one, phone = a_seat(slot, email=MAIL), a_seat(slot, phone="15400001111")

    for contact in ("LI@Example.org", "154 0000 1111"):
        sent(visitor, slot, contact)
    assert [state(one), state(phone)] == [SeatState.ARRIVED] * 2
    sent(visitor, slot, MAIL, move="left")

    assert days() == [(one.id, True), (phone.id, False)]
    rows = db.session.scalars(select(AuditRow).where(AuditRow.ref == one.uid)).all()
    assert [(row.action, row.actor_id) for row in rows] == [("arrived", None), ("left", None)], (
        "nobody knows who typed it"
    )


def test_whoever_joined_with_one_click_types_what_their_account_has(visitor: Browser) -> None:
    slot = a_slot_of_today()
    one = a_seat(slot, email=MAIL)
    with transaction() as session:
        session.get_one(Person, one.person_id).phone = "15400002222"

    sent(visitor, slot, "15400002222")

    assert state(one) is SeatState.ARRIVED


def test_the_answer_is_the_same_to_the_letter_for_whoever_is_on_no_list(visitor: Browser) -> None:
    slot = a_slot_of_today()
    a_seat(slot, email=MAIL)
    a_sign_up(slot, email="held@example.org")
    a_seat(slot, email="gone@example.org", state=SeatState.CANCELLED)
    a_seat(a_slot_of_today(), email="other@example.org")
    unknown = ("nobody@example.org", "15499990000", "held@example.org", "gone@example.org")

    answers = {sent(visitor, slot, one).text for one in (MAIL, MAIL, *unknown, "other@example.org")}

    (answer,) = answers
    assert "收到了" in answer
    assert len(days()) == 1


def test_leaving_without_having_come_is_answered_the_same_way(visitor: Browser) -> None:
    slot = a_slot_of_today()
    one = a_seat(slot, email=MAIL)

    answers = {sent(visitor, slot, who, move="left").text for who in (MAIL, "nobody@example.org")}

    assert len(answers) == 1
    assert (state(one), days()) == (SeatState.CONFIRMED, [])


def test_a_wrong_code_is_told_and_tells_nothing_of_the_contact(visitor: Browser) -> None:
    slot, other = a_slot_of_today(), a_slot_of_today()
    one = a_seat(slot, email=MAIL)

    answers = {
        sent(visitor, slot, who, code=code, status=422).text.replace(who, "")
        for who in (MAIL, "nobody@example.org")
        for code in (wrong(slot), code_now(other))
    }

    (answer,) = answers
    assert "签到码不对" in answer
    assert state(one) is SeatState.CONFIRMED


def test_ten_tries_for_a_contact_are_enough_known_or_not(
    visitor: Browser, set_clock: SetClock
) -> None:
    slot = a_slot_of_today()
    one = a_seat(slot, email=MAIL)

    for who in (MAIL, "nobody@example.org"):
        for _turn in range(10):
            sent(visitor, slot, who, code=wrong(slot), status=422)
        sent(visitor, slot, who, status=429)
    assert state(one) is SeatState.CONFIRMED
    assert MAIL not in str([row.key for row in db.session.scalars(select(LimitWindow))])
    set_clock(NOON + timedelta(seconds=301))
    sent(visitor, slot, MAIL)

    assert state(one) is SeatState.ARRIVED


def test_one_address_tries_so_many_contacts_and_no_more(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkin, "PER_ADDRESS", replace(checkin.PER_ADDRESS, most=3))
    slot = a_slot_of_today()
    for number in range(3):
        sent(visitor, slot, f"n{number}@example.org")

    sent(visitor, slot, "n4@example.org", status=429)


def test_the_log_of_a_try_names_nobody(
    visitor: Browser, lines: list[MutableMapping[str, Any]]
) -> None:
    slot = a_slot_of_today()
    a_seat(slot, email=MAIL)
    sent(visitor, slot, MAIL, code=wrong(slot), status=422)
    sent(visitor, slot, "nobody@example.org")

    told = [line["event"] for line in lines if line["event"].startswith("day ")]
    assert told == ["day code refused", "day contact noted nothing"]
    assert "@example.org" not in str(lines)


@pytest.mark.parametrize(
    "given",
    [
        {"starts_on": NOON.date() + DAY, "ends_on": NOON.date() + DAY},
        {"kind": SlotKind.PAIRING_VISITS, "timing": Timing.WINDOW},
    ],
)
def test_there_is_no_checking_in_without_a_board(visitor: Browser, given: dict[str, Any]) -> None:
    slot = a_slot_of_today(**given)
    one = a_seat(slot, email=MAIL)

    assert "只有活动当天" in visitor.get(f"/slots/{slot.uid}/check-in").text
    assert "只有活动当天" in sent(visitor, slot, MAIL, status=422).text

    assert state(one) is SeatState.CONFIRMED


def test_a_slot_that_is_not_public_has_no_such_page(visitor: Browser) -> None:
    slot = a_slot_of_today(a_campaign(stage=Stage.DRAFT))

    visitor.get(f"/slots/{slot.uid}/check-in", status=404)
    visitor.get(f"/slots/{'A' * 22}/check-in", status=404)
    sent(visitor, slot, MAIL, status=404)


def test_the_board_and_the_large_code_lead_there(browse_as: BrowseAs, app: Flask) -> None:
    slot = a_slot_of_today()
    campaign = db.session.get_one(Campaign, slot.campaign_id)
    leader = a_slot(
        campaign,
        kind=SlotKind.GROUP_ACTIVITY,
        timing=Timing.FIXED,
        role=SlotRole.LEADER,
        starts_on=slot.starts_on,
        ends_on=slot.ends_on,
    )
    browser = browse_as(a_seat(leader).person_id or 0)

    assert browser.get(f"/slots/{slot.uid}/day").links("/check-in")
    page = browser.get(f"/slots/{slot.uid}/day/code")
    assert page.soup.select("img.qr[src^='data:image/svg+xml']")
