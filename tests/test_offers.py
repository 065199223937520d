"""A seat that becomes free on the day itself goes to the queue, while it is still of use."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from accounts.queries import actor_for
from campaigns.models import Slot
from campaigns.rules import Timing
from campaigns.seats.rules import SEATED, SeatState
from campaigns.signups.confirming.services import confirm
from campaigns.signups.leaving.services import expire_pending, leave_own
from campaigns.signups.models import SignUp
from campaigns.signups.own.services import join
from campaigns.signups.promises.rules import Answer
from campaigns.signups.promises.services import answer, ask_due, secret_of
from campaigns.signups.seating.rules import offer_until
from campaigns.signups.services import Wish, sign_up
from campaigns.signups.telling.services import link_secret
from core.db import db
from core.errors import RuleBroken
from core.zone import CHINA
from messages.models import Message
from messages.rules import Channel
from messages.texts import render
from tests.browser import Browser
from tests.builders.campaigns import a_sign_up, a_slot_of_today
from tests.builders.volunteers import a_volunteer, an_active_volunteer
from tests.conftest import NOON, SetClock
from tests.races import ENGINES, at_once, site_on

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DAY = timedelta(days=1)
TEN = datetime(2026, 12, 1, 10, tzinfo=CHINA)
"""When the slot begins."""
LONGEST, LEAST = 24 * HOUR, 30 * MINUTE


def a_slot_of_the_first(**given: Any) -> Slot:
    fields: dict[str, Any] = {"starts_on": TEN.date(), "ends_on": TEN.date(), "capacity": 1}
    return a_slot_of_today(**fields | given)


def a_seat(slot: Slot, **given: Any) -> tuple[SignUp, int]:
    person_id = an_active_volunteer().person_id
    fields: dict[str, Any] = {"state": SeatState.CONFIRMED, "confirmed_at": NOON}
    return a_sign_up(slot, person_id=person_id, **fields | given), person_id


def a_queue(slot: Slot, many: int = 3) -> None:
    for number in range(1, many + 1):
        sign_up(slot.uid, Wish("样例", f"q{number}@example.org", "个人", queue=True))


def queue_of(slot: Slot) -> list[tuple[SeatState, datetime]]:
    """Where each of the queue stands, and until when."""
    db.session.expire_all()
    found = (
        select(SignUp.state, SignUp.expires_at)
        .where(SignUp.slot_id == slot.id, SignUp.ticket.is_not(None))
        .order_by(SignUp.ticket)
    )
    return [(row.state, row.expires_at) for row in db.session.execute(found)]


def states(slot: Slot) -> list[SeatState]:
    return [state for state, _until in queue_of(slot)]


def truth(slot: Slot) -> tuple[int, int]:
    """Return the seats the slot has counted, and those that its sign-ups take."""
    db.session.expire_all()
    seated = select(func.coalesce(func.sum(SignUp.party), 0)).where(
        SignUp.slot_id == slot.id, SignUp.state.in_(SEATED)
    )
    return db.session.get_one(Slot, slot.id).taken, int(db.session.scalar(seated) or 0)


# --- the rule -------------------------------------------------------------------------------------


def told(now: datetime) -> datetime | None:
    return offer_until(now, TEN, longest=LONGEST, least=LEAST)


@pytest.mark.parametrize(
    ("before", "lasts"),
    [
        (72 * HOUR, 24 * HOUR),
        (48 * HOUR, 24 * HOUR),
        (20 * HOUR, 10 * HOUR + 8 * HOUR + 30 * MINUTE),
        (2 * HOUR, HOUR),
        (HOUR, 30 * MINUTE),
        (45 * MINUTE, 30 * MINUTE),
        (30 * MINUTE, 30 * MINUTE),
        (29 * MINUTE, None),
        (timedelta(), None),
    ],
)
def test_an_offer_lasts_half_of_what_is_left_and_half_an_hour_at_least(
    before: timedelta, lasts: timedelta | None
) -> None:
    expected = None if lasts is None else TEN - before + lasts
    if before == 20 * HOUR:  # two in the afternoon; half of it would end at midnight
        expected = TEN.replace(hour=8, minute=30)

    assert told(TEN - before) == expected


@given(st.timedeltas(timedelta(minutes=-60), timedelta(days=4)))
def test_an_offer_ends_by_the_beginning_at_the_latest_and_never_in_the_night_before(
    before: timedelta,
) -> None:
    now = TEN - before
    until = told(now)

    assert (until is None) == (before < LEAST)
    if until is not None:
        assert now + LEAST <= until <= min(TEN, now + LONGEST + 12 * HOUR)
        night = not time(8) <= until.time() < time(21, 30)
        assert not night or before >= 2 * LONGEST


def test_a_slot_that_begins_in_the_night_is_offered_until_then() -> None:
    early = TEN.replace(hour=6)

    assert offer_until(early - 3 * HOUR, early, longest=LONGEST, least=LEAST) == early


# --- the day itself -------------------------------------------------------------------------------


def test_a_no_that_morning_goes_to_the_next_at_once(visitor: Browser, set_clock: SetClock) -> None:
    slot = a_slot_of_the_first()
    one, _person = a_seat(slot)
    a_queue(slot)
    set_clock(TEN - DAY)
    ask_due()
    set_clock(TEN - 2 * HOUR)
    db.session.expire_all()

    visitor.post(f"/sign-ups/promise/{secret_of(one)}/stays", {}, status=302, follow=False)

    assert queue_of(slot)[0] == (SeatState.OFFERED, TEN - HOUR)
    assert states(slot)[1:] == [SeatState.WAITING] * 2
    assert truth(slot) == (1, 1)


def test_the_offer_reaches_them_at_once_even_before_the_quiet_hours_end(
    app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_the_first()
    one, person_id = a_seat(slot)
    a_queue(slot, 1)
    now = TEN - 3 * HOUR  # seven in the morning
    set_clock(now)
    leave_own(one.uid, by=actor_for(person_id))

    (mail,) = db.session.scalars(select(Message).where(Message.kind == "sign_up_offered"))
    assert (mail.channel, mail.next_at) == (Channel.EMAIL, now)
    assert mail.expire_at == TEN - 90 * MINUTE
    for language, words in (("zh_Hans", "为您保留到 2026-12-01 08:30"), ("en", "2026-12-01 08:30")):
        assert words in render(mail.kind, language, mail.params).body
    old = {name: value for name, value in mail.params.items() if name != "until"}
    assert "小时" in render(mail.kind, "zh_Hans", old).body, "messages of before are still sent"


def test_the_offer_is_confirmed_on_the_day_by_its_link(app: Flask, set_clock: SetClock) -> None:
    slot = a_slot_of_the_first()
    one, person_id = a_seat(slot)
    a_queue(slot, 1)
    set_clock(TEN - HOUR)
    leave_own(one.uid, by=actor_for(person_id))
    (mail,) = db.session.scalars(select(Message).where(Message.kind == "sign_up_offered"))
    secret = link_secret(mail.params["sealed"], mail.params["sign_up"])

    set_clock(TEN - 31 * MINUTE)
    confirm(secret)

    assert states(slot) == [SeatState.CONFIRMED]
    assert truth(slot) == (1, 1)


def test_who_does_not_answer_on_the_day_lets_the_next_have_a_turn(
    app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_the_first()
    one, person_id = a_seat(slot)
    a_queue(slot, 4)
    set_clock(TEN - 2 * HOUR)
    leave_own(one.uid, by=actor_for(person_id))

    ends = []
    for _turn in range(4):
        offered = [until for state, until in queue_of(slot) if state is SeatState.OFFERED]
        if not offered:
            break
        ends += offered
        assert truth(slot) == (1, 1)
        set_clock(offered[0])
        assert expire_pending() == 1

    assert ends == [TEN - HOUR, TEN - 30 * MINUTE, TEN]
    assert states(slot) == [*[SeatState.ABANDONED] * 3, SeatState.WAITING]
    assert truth(slot) == (0, 0)


def test_with_less_than_half_an_hour_nobody_is_called_in(app: Flask, set_clock: SetClock) -> None:
    slot = a_slot_of_the_first()
    one, person_id = a_seat(slot)
    a_queue(slot, 1)
    set_clock(TEN - 29 * MINUTE)

    leave_own(one.uid, by=actor_for(person_id))

    assert states(slot) == [SeatState.WAITING]
    assert truth(slot) == (0, 0)


def test_a_slot_of_several_days_calls_somebody_in_for_the_next_one(
    app: Flask, set_clock: SetClock
) -> None:
    fixed = a_slot_of_the_first(ends_on=TEN.date() + 2 * DAY)
    window = a_slot_of_the_first(
        ends_on=TEN.date() + 2 * DAY, timing=Timing.WINDOW, from_minute=0, until_minute=1440
    )
    for slot in (fixed, window):
        one, person_id = a_seat(slot)
        a_queue(slot, 1)
        set_clock(TEN + 6 * HOUR)
        leave_own(one.uid, by=actor_for(person_id))
        set_clock(NOON)

    assert queue_of(fixed) == [(SeatState.OFFERED, TEN + DAY - 90 * MINUTE)]
    assert queue_of(window) == [(SeatState.OFFERED, TEN + DAY + 6 * HOUR)]


def test_on_the_day_only_whoever_is_ready_is_called_to_children(
    app: Flask, set_clock: SetClock
) -> None:
    """The job that gives on the seats of whoever is not ready would come too late."""
    set_clock(TEN - 30 * DAY)
    slot = a_slot_of_the_first(with_children=True, trained=True, screened=True)
    one, person_id = a_seat(slot)
    a_queue(slot, 1)
    for volunteer in (a_volunteer(), an_active_volunteer()):
        join(slot.uid, queue=True, by=actor_for(volunteer.person_id))
    set_clock(TEN - 2 * HOUR)

    leave_own(one.uid, by=actor_for(person_id))

    assert states(slot) == [SeatState.WAITING, SeatState.WAITING, SeatState.OFFERED]
    assert truth(slot) == (1, 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_many_who_say_no_at_once_on_the_day_oversell_nothing(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path, set_clock: SetClock
) -> None:
    with site_on(engine, request, tmp_path) as app:
        slot = a_slot_of_the_first(capacity=3)
        ones = [a_seat(slot)[0] for _turn in range(3)]
        a_queue(slot, 5)
        set_clock(TEN - DAY)
        ask_due()
        db.session.expire_all()
        links = [secret_of(one) for one in ones]
        set_clock(TEN - 2 * HOUR)

        said = [link for link in links for _turn in range(2)]
        refused = at_once(app, *[lambda one=one: answer(one, Answer.STAYS) for one in said])

        assert sorted(isinstance(one, RuleBroken) for one in refused) == [False] * 3 + [True] * 3
        assert states(slot) == [SeatState.OFFERED] * 3 + [SeatState.WAITING] * 2
        assert truth(slot) == (3, 3)
        set_clock(TEN - HOUR)
        assert at_once(app, *[expire_pending] * 3) == [None] * 3
        assert states(slot) == [SeatState.ABANDONED] * 3 + [SeatState.OFFERED] * 2
        assert truth(slot) == (2, 2)
