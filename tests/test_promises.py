"""Still coming? Asked twice, answered by one tap, and what becomes of those who say nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Role
from campaigns.models import Campaign, Slot
from campaigns.rules import Stage, Timing
from campaigns.seats.rules import SEATED, SeatState
from campaigns.signups.leaving.services import call_off, leave_own
from campaigns.signups.models import SignUp
from campaigns.signups.own import services as own
from campaigns.signups.promises.rules import Answer, turn
from campaigns.signups.promises.services import answer, ask_due, secret_of
from campaigns.signups.services import Wish, sign_up
from campaigns.signups.telling.services import link_secret
from core import clock
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import RuleBroken
from messages.models import Message
from messages.rules import State
from messages.texts import render
from tests.browser import Browser
from tests.builders.campaigns import a_sign_up, a_slot_of_today
from tests.builders.people import a_member_of_staff
from tests.builders.volunteers import an_active_volunteer
from tests.conftest import NOON, BrowseAs, SetClock
from tests.races import ENGINES, at_once, site_on

TEN = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
"""Ten in the morning in Jinzhong, when the slot begins."""
HOUR = timedelta(hours=1)


def a_slot_of_the_first(**given: Any) -> Slot:
    day = TEN.date()
    return a_slot_of_today(**{"starts_on": day, "ends_on": day, **given})


def a_seat(slot: Slot, **given: Any) -> SignUp:
    return a_sign_up(slot, **{"state": SeatState.CONFIRMED, "confirmed_at": NOON, **given})


def fresh(one: SignUp) -> SignUp:
    db.session.expire_all()
    return db.session.get_one(SignUp, one.id)


def questions() -> list[Message]:
    db.session.expire_all()
    found = select(Message).where(Message.kind == "sign_up_promise").order_by(Message.id)
    return list(db.session.scalars(found))


# --- when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "which"), [(73, 0), (72, 1), (25, 1), (24, 2), (1, 2), (0, 0)])
def test_the_first_question_comes_three_days_before_the_second_one_day(
    before: int, which: int
) -> None:
    assert turn(TEN, TEN - before * HOUR) == which


def test_everybody_is_asked_once_and_once_again(app: Flask, set_clock: SetClock) -> None:
    one = a_seat(a_slot_of_the_first())

    asked = []
    for before in (73, 72, 71, 24, 23):
        set_clock(TEN - before * HOUR)
        asked.append(ask_due())

    assert asked == [0, 1, 0, 1, 0]
    first, second = questions()
    assert [first.params["again"], second.params["again"]] == [False, True]
    assert (first.expire_at, second.expire_at) == (TEN - 24 * HOUR, TEN)
    secrets = {link_secret(row.params["sealed"], one.uid) for row in (first, second)}
    assert secrets == {secret_of(fresh(one))}, "both links open the same page"


def test_without_fixed_hours_the_day_begins_at_nine(app: Flask, set_clock: SetClock) -> None:
    a_seat(a_slot_of_the_first(timing=Timing.WINDOW, from_minute=0, until_minute=1440))

    set_clock(TEN - 74 * HOUR)
    assert ask_due() == 0
    set_clock(TEN - 73 * HOUR)

    assert ask_due() == 1


def test_whoever_has_just_confirmed_is_not_asked_at_once(app: Flask, set_clock: SetClock) -> None:
    slot = a_slot_of_the_first()
    a_seat(slot, confirmed_at=TEN - 71 * HOUR)
    a_seat(slot, confirmed_at=TEN - 23 * HOUR)

    set_clock(TEN - 70 * HOUR)
    assert ask_due() == 0
    set_clock(TEN - 22 * HOUR)

    assert ask_due() == 1


@pytest.mark.parametrize("state", [one for one in SeatState if one is not SeatState.CONFIRMED])
def test_nobody_without_a_seat_is_asked(app: Flask, set_clock: SetClock, state: SeatState) -> None:
    a_seat(a_slot_of_the_first(), state=state, ticket=1)

    set_clock(TEN - 72 * HOUR)

    assert ask_due() == 0


# --- the answer -----------------------------------------------------------------------------------


def asked_with_link(set_clock: SetClock, slot: Slot, **given: Any) -> tuple[SignUp, str]:
    one = a_seat(slot, **given)
    set_clock(TEN - 72 * HOUR)
    ask_due()
    return fresh(one), secret_of(fresh(one))


def test_looking_at_the_link_answers_nothing_and_one_tap_does(
    visitor: Browser, set_clock: SetClock
) -> None:
    one, secret = asked_with_link(set_clock, a_slot_of_the_first())
    for _turn in range(2):
        page = visitor.get(f"/sign-ups/promise/{secret}")
    assert page.texts("main button") == ["我来", "来不了"]
    assert fresh(one).promised_at is None

    page = visitor.post(f"/sign-ups/promise/{secret}/comes", {})

    assert "您说了会来" in page.text
    assert fresh(one).promised_at == TEN - 72 * HOUR
    set_clock(TEN - 24 * HOUR)
    assert ask_due() == 0, "who has said yes is left in peace"
    row = db.session.scalars(select(AuditRow).where(AuditRow.ref == one.uid)).one()
    assert (row.action, row.fields) == ("promise", ["promised_at"])


def test_a_no_gives_the_seat_to_the_next_at_once(visitor: Browser, set_clock: SetClock) -> None:
    slot = a_slot_of_the_first(capacity=1)
    one = a_seat(slot)
    sign_up(slot.uid, Wish("样例", "next@example.org", "个人", queue=True))
    set_clock(TEN - 72 * HOUR)
    ask_due()

    page = visitor.post(
        f"/sign-ups/promise/{secret_of(fresh(one))}/stays", {}, status=302, follow=False
    )

    rows = db.session.execute(select(SignUp.contact, SignUp.state)).all()
    assert {row.contact: row.state for row in rows} == {
        one.contact: SeatState.CANCELLED,
        "next@example.org": SeatState.OFFERED,
    }
    db.session.refresh(slot)
    assert slot.taken == 1
    page = visitor.get(f"/sign-ups/promise/{secret_of(fresh(one))}", status=410)
    assert "您的名额已经让出" in page.text


def test_a_yes_may_become_a_no_but_not_the_other_way(app: Flask, set_clock: SetClock) -> None:
    one, secret = asked_with_link(set_clock, a_slot_of_the_first())
    answer(secret, Answer.COMES)
    answer(secret, Answer.STAYS)

    with pytest.raises(RuleBroken):
        answer(secret, Answer.COMES)

    assert fresh(one).state is SeatState.CANCELLED


def test_a_made_up_link_opens_nothing(visitor: Browser, set_clock: SetClock) -> None:
    one, secret = asked_with_link(set_clock, a_slot_of_the_first())
    bent = ("A" if secret[0] != "A" else "B") + secret[1:]

    visitor.get(f"/sign-ups/promise/{bent}", status=404)
    visitor.post(f"/sign-ups/promise/{bent}/stays", {}, status=404, follow=False)
    visitor.post(f"/sign-ups/promise/{secret}/perhaps", {}, status=404, follow=False)

    assert fresh(one).state is SeatState.CONFIRMED
    assert fresh(one).promised_at is None


def test_nothing_is_answered_once_it_has_begun(visitor: Browser, set_clock: SetClock) -> None:
    one, secret = asked_with_link(set_clock, a_slot_of_the_first())
    set_clock(TEN)

    assert "现在不用回答了" in visitor.get(f"/sign-ups/promise/{secret}").text
    visitor.post(f"/sign-ups/promise/{secret}/stays", {}, status=409, follow=False)

    assert fresh(one).state is SeatState.CONFIRMED


def test_whoever_comes_back_after_leaving_has_another_link(
    visitor: Browser, app: Flask, set_clock: SetClock
) -> None:
    volunteer = an_active_volunteer()
    slot, me = a_slot_of_the_first(), actor_for(volunteer.person_id)
    uid = own.join(slot.uid, by=me)
    one = db.session.scalars(select(SignUp).where(SignUp.uid == uid)).one()
    set_clock(TEN - 72 * HOUR)
    ask_due()
    secret = secret_of(fresh(one))
    answer(secret, Answer.STAYS)

    set_clock(TEN - 71 * HOUR)
    assert own.join(slot.uid, by=me) == uid

    visitor.get(f"/sign-ups/promise/{secret}", status=404)
    again = fresh(one)
    assert (again.state, again.asked, again.promise_hash) == (SeatState.CONFIRMED, 0, None)
    set_clock(TEN - 24 * HOUR)
    assert ask_due() == 1
    assert secret_of(fresh(one)) != secret


@pytest.mark.parametrize("how", ["answers", "leaves", "called off"])
def test_a_question_that_waits_for_the_morning_is_taken_back(
    app: Flask, set_clock: SetClock, how: str
) -> None:
    slot = a_slot_of_the_first(from_minute=1320, until_minute=1400)
    volunteer = an_active_volunteer()
    one = a_seat(slot, person_id=volunteer.person_id)
    set_clock(TEN + 12 * HOUR - 72 * HOUR)  # ten in the evening
    assert ask_due() == 1
    (question,) = [row for row in questions() if row.dedup_key.endswith("inapp")]
    assert question.state is State.PENDING

    if how == "answers":
        answer(secret_of(fresh(one)), Answer.COMES)
    elif how == "leaves":
        leave_own(one.uid, by=actor_for(volunteer.person_id))
    else:
        with transaction() as session:
            session.get_one(Campaign, slot.campaign_id).stage = Stage.CANCELLED
            call_off(slot.campaign_id)

    assert {row.state for row in questions()} == {State.CANCELLED}


@pytest.mark.parametrize(
    ("language", "words"), [("zh_Hans", "还来吗？"), ("en", "Are you still coming?")]
)
def test_the_question_names_the_day_and_carries_its_link(
    app: Flask, set_clock: SetClock, language: str, words: str
) -> None:
    _one, secret = asked_with_link(set_clock, a_slot_of_the_first(place="城关小学"))
    (question,) = questions()

    text = render(question.kind, language, question.params)

    assert text.subject.startswith(words)
    assert "2026-12-01 10:00" in text.subject
    assert f"/sign-ups/promise/{secret}" in text.body
    assert secret not in str(question.params)


# --- who says nothing -----------------------------------------------------------------------------


def test_whoever_says_nothing_is_on_the_coordinators_list(
    browse_as: BrowseAs, app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_the_first()
    silent, phone_only = a_seat(slot), a_seat(slot, phone="15400004444")
    promised = a_seat(slot, promised_at=NOON)
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=slot.county_id)
    neighbour = a_member_of_staff(Role.COORDINATOR, area_id=a_slot_of_today().county_id)
    set_clock(TEN - 24 * HOUR)
    ask_due()
    page = browse_as(coordinator).get("/sign-ups/at-risk")
    assert phone_only.name in page.text
    assert silent.name not in page.text, "four hours to answer a mail"
    set_clock(TEN - 20 * HOUR)
    browser = browse_as(coordinator)
    page = browser.get("/sign-ups/at-risk")
    assert {silent.name, "15400004444"} <= set(page.texts("main h2, main p a"))
    assert promised.name not in page.text
    assert "可能来不了的人" in browser.get("/home").text
    assert silent.name not in browse_as(neighbour).get("/sign-ups/at-risk").text


def test_the_coordinator_writes_down_what_is_said_on_the_telephone(
    browse_as: BrowseAs, app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_the_first()
    comes, stays = a_seat(slot, phone="15400004444"), a_seat(slot, phone="15400005555")
    neighbour = a_member_of_staff(Role.COORDINATOR, area_id=a_slot_of_today().county_id)
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=slot.county_id)
    set_clock(TEN - 24 * HOUR)
    ask_due()
    url = f"/sign-ups/{stays.uid}/answer/stays"

    browse_as(neighbour).post(url, {}, status=404, follow=False)
    assert fresh(stays).state is SeatState.CONFIRMED
    browser = browse_as(coordinator)
    browser.post(f"/sign-ups/{comes.uid}/answer/comes", {})
    page = browser.post(url, {})

    assert "没有要问的人" in page.text
    assert fresh(comes).promised_at == clock.now()
    assert fresh(stays).state is SeatState.CANCELLED
    browser.post(url, {}, status=409, follow=False)


@pytest.mark.parametrize("engine", ENGINES)
def test_asking_and_answering_at_once_does_each_thing_once(
    engine: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    set_clock: SetClock,
) -> None:
    with site_on(engine, request, tmp_path) as app:
        slot = a_slot_of_the_first(capacity=2)
        ones = [a_seat(slot) for _turn in range(2)]
        for number in range(3):
            wish = Wish("样例", f"q{number}@example.org", "个人", queue=True)
            sign_up(slot.uid, wish)
        set_clock(TEN - 72 * HOUR)

        assert at_once(app, *[ask_due] * 4) == [None] * 4
        assert len(questions()) == 2
        links = [secret_of(fresh(one)) for one in ones]
        said = [(link, Answer.STAYS) for link in links for _turn in range(3)]
        refused = at_once(app, *[lambda one=one: answer(*one) for one in said])

        assert [bool(one) for one in refused].count(False) == 2
        db.session.refresh(slot)
        seated = db.session.scalars(select(SignUp).where(SignUp.state.in_(SEATED))).all()
        assert [one.state for one in seated] == [SeatState.OFFERED] * 2
        assert slot.taken == 2
