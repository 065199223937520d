"""By which way a message leaves, what holds it back, and what is told of it afterwards."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from accounts.queries import actor_for
from accounts.rules import Role
from core.db import db, transaction
from core.errors import RuleBroken
from core.zone import CHINA
from messages import services
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent, Way
from messages.delivery import services as delivery
from messages.delivery.holds import services as holds
from messages.delivery.leases import services as leases
from messages.delivery.receipts.services import receipt
from messages.delivery.rules import Ways
from messages.delivery.unknowns import services as unknowns
from messages.models import ChannelState, DeliveryAttempt, Hold, InboxItem, Message, Quota
from messages.rules import (
    BROKEN_AFTER,
    LOOK_AFTER,
    Channel,
    Outcome,
    State,
    given_up_with,
    is_quiet,
    moved_out_of_the_night,
    open_for,
)
from messages.services import Notice
from messages.texts import render
from tests.builders.people import a_member_of_staff, a_person
from tests.conftest import NOON, SetClock
from tests.ledgers import Through, by_mail
from tests.test_messages import Postman, plain

SMS, HOUR = Channel.ALIYUN_SMS, timedelta(hours=1)
REFUSED, LATER = Sent(Outcome.REJECTED, "550"), Sent(Outcome.RETRY, "451")
NOBODY_KNOWS = Sent(Outcome.UNKNOWN, "timeout")


def say(key: str = "k1", **given: Any) -> Notice:
    fields: dict[str, Any] = {"kind": "hello", "params": {}, "due_at": NOON}
    notice = Notice(key=key, **fields | {"expire_at": NOON + timedelta(days=2)} | given)
    services.plan([notice])
    return notice


def somebody(**given: Any) -> int:
    found: int = a_person(**given).id
    return found


def outside() -> list[State]:
    db.session.rollback()
    rows = select(Message.state).where(Message.channel != Channel.INAPP).order_by(Message.id)
    return list(db.session.scalars(rows))


def both(mail: Postman, text: Postman, **given: Any) -> dict[Channel, Way]:
    return by_mail(mail) | {SMS: Through(text, SMS, **given)}


def first_by_mail(person_ids: Any, /, *, safety: bool = False) -> Mapping[int, Ways]:
    del safety
    return dict.fromkeys(person_ids, ((Channel.EMAIL, "x@example.org"), (SMS, "15400000000")))


def nowhere(_person_ids: Any, /, *, safety: bool = False) -> Mapping[int, Ways]:
    del safety
    return {}


def go(ways: Mapping[Channel, Way], **given: Any) -> int:
    return delivery.deliver(ways, plain, route=first_by_mail, **given)


# --- the ways of a person ------------------------------------------------------------------


def test_the_next_way_is_tried_after_a_refusal_only(app: Flask) -> None:
    say(person_id=somebody())
    mail, text = Postman([REFUSED]), Postman()
    go(both(mail, text))
    assert outside() == [State.PENDING]
    go(both(mail, text))

    assert outside() == [State.SENT]
    assert [out.key for out in mail.given] == [out.key for out in text.given]
    assert [out.address for out in text.given] == ["15400000000"]
    rows = select(DeliveryAttempt.channel).order_by(DeliveryAttempt.id)
    assert list(db.session.scalars(rows)) == [Channel.EMAIL, SMS]
    mail_only = given_up_with(0, Channel.EMAIL)
    again = select(Message.channel).where(Message.given_up == mail_only)
    assert db.session.scalars(again).all() == [SMS]


def test_a_message_refused_by_every_way_is_for_a_person_to_look_at(app: Flask) -> None:
    say(person_id=somebody())
    ways = both(Postman([REFUSED] * 9), Postman([REFUSED] * 9))
    for _turn in range(4):
        go(ways)
    assert outside() == [State.DEAD]


def test_what_may_have_arrived_is_not_said_by_another_way(app: Flask) -> None:
    say(person_id=somebody())
    mail, text = Postman([NOBODY_KNOWS]), Postman()
    go(both(mail, text))
    unknowns.repeat_elsewhere(both(mail, text))
    go(both(mail, text))
    assert (outside(), text.given) == ([State.UNKNOWN], [])


@pytest.mark.parametrize("pressing", [{"kind": "visit_t2h"}, {"urgent": True}])
def test_what_is_pressing_is_said_again_by_another_way_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, pressing: dict[str, Any]
) -> None:
    monkeypatch.setattr(unknowns, "route", first_by_mail)
    say(person_id=somebody(), **pressing)
    mail, text = Postman([NOBODY_KNOWS]), Postman([NOBODY_KNOWS])
    ways = both(mail, text)
    go(ways)
    assert [unknowns.repeat_elsewhere(ways) for _turn in range(3)] == [1, 0, 0]
    go(ways)
    assert unknowns.repeat_elsewhere(ways) == 0
    (again,) = text.given
    assert again.text.subject == "_again", "it says that it may have arrived already"
    assert outside() == [State.UNKNOWN] * 2


def test_a_repeat_says_that_it_is_one(app: Flask) -> None:
    parts = [["volunteer_active", {"name": "样例"}]]
    text = render("_again", "zh_Hans", {"parts": parts})
    assert text.subject.startswith("（再说一次）")
    assert "可能已经收到" in text.body


def test_who_has_no_way_is_left_with_the_inbox(app: Flask) -> None:
    say(person_id=somebody())
    delivery.deliver(by_mail(Postman()), plain, route=nowhere)
    assert outside() == [State.SUPPRESSED]
    assert len(db.session.scalars(select(InboxItem.id)).all()) == 1


def test_each_channel_declares_as_many_as_it_says(app: Flask) -> None:
    for number in range(4):
        say(f"k{number}", person_id=somebody(email=f"a{number}@example.org"))
    seen: list[int] = []

    class Counting(Postman):
        def send(self, outgoing: Outgoing) -> Sent:
            seen.append(len([one for one in outside() if one is State.SENDING]))
            return super().send(outgoing)

    only_text = {SMS: Through(Counting(), SMS, Capabilities(Crash.NONE, chunk=1))}
    go(only_text)
    assert seen == [1] * 4


# --- what is known afterwards --------------------------------------------------------------


def uid_outside() -> str:
    rows = select(Message.uid).where(Message.channel != Channel.INAPP).order_by(Message.id)
    return db.session.scalars(rows).first() or ""


def test_a_receipt_is_noted_once_and_in_order(app: Flask) -> None:
    say(person_id=somebody())
    assert not receipt(uid_outside(), State.DELIVERED), "nothing has been sent yet"
    go(by_mail(Postman([Sent(Outcome.ACCEPTED, provider_id="p-1")])))
    assert db.session.scalars(select(Message.provider_id)).all()[1] == "p-1"
    uid = uid_outside()
    assert [receipt(uid, State.DELIVERED) for _turn in range(2)] == [True, False]
    assert receipt(uid, State.BOUNCED)
    assert not receipt(uid, State.DELIVERED)
    assert outside() == [State.BOUNCED]


@pytest.mark.parametrize(
    ("found", "state"),
    [(Found.SENT, State.SENT), (Found.NOT_SENT, State.PENDING), (Found.CANNOT_TELL, State.UNKNOWN)],
)
def test_a_provider_that_can_tell_is_asked_three_times_at_most(
    app: Flask, set_clock: SetClock, found: Found, state: State
) -> None:
    say(person_id=somebody())
    asked: list[str] = []

    def answer(key: str) -> Found:
        asked.append(key)
        return found

    way = Through(Postman([NOBODY_KNOWS]), Channel.EMAIL, Capabilities(Crash.LOOKUP), answer=answer)
    ways: dict[Channel, Way] = {Channel.EMAIL: way}
    go(ways)
    uid, moment = uid_outside(), NOON
    unknowns.look(ways)
    assert asked == [], "not before five minutes have passed"
    for _turn in range(6):
        moment += LOOK_AFTER
        set_clock(moment)
        unknowns.look(ways)
    assert outside() == [state]
    assert asked == [uid] * (3 if found is Found.CANNOT_TELL else 1)


# --- what holds a message back -------------------------------------------------------------


def test_nobody_hears_twice_within_ten_minutes(app: Flask, set_clock: SetClock) -> None:
    me, mail = somebody(), Postman()
    say("a", person_id=me)
    say("b", person_id=me)
    go(by_mail(mail))
    assert (len(mail.given), outside()) == (1, [State.SENT, State.PENDING])
    set_clock(NOON + timedelta(minutes=9))
    go(by_mail(mail))
    assert len(mail.given) == 1
    set_clock(NOON + timedelta(minutes=10))
    go(by_mail(mail))
    assert len(mail.given) == 2


def test_four_a_day_and_the_rest_is_on_the_site(app: Flask, set_clock: SetClock) -> None:
    me, mail = somebody(), Postman()
    for number in range(6):
        set_clock(NOON + HOUR * number)
        say(f"k{number}", person_id=me, due_at=NOON + HOUR * number)
        go(by_mail(mail))
    assert len(mail.given) == 4
    assert outside() == [State.SENT] * 4 + [State.SUPPRESSED] * 2
    assert len(db.session.scalars(select(InboxItem.id)).all()) == 6


def test_corrections_and_safety_pass_every_limit(app: Flask) -> None:
    me, mail, about = somebody(), Postman(), ("visit", "v1")
    services.open_subject(*about)
    say("a", person_id=me, subject=about)
    go(by_mail(mail))
    fields = {"params": {}, "due_at": NOON, "expire_at": NOON + HOUR, "person_id": me}
    services.close(*about, [Notice("off", "c", after_close=True, subject=about, **fields)])  # type: ignore[arg-type]  # the fields are right
    say("u", person_id=me, urgent=True)
    go(by_mail(mail))
    assert len(mail.given) == 3


def test_at_night_only_what_is_urgent_leaves(app: Flask, set_clock: SetClock) -> None:
    say("a", person_id=somebody())
    say("u", person_id=somebody(email="u@example.org"), urgent=True)
    night, mail = NOON.replace(hour=14), Postman()  # 22:00 in China
    set_clock(night)
    go(by_mail(mail))
    assert outside() == [State.PENDING, State.SENT]
    set_clock(night + timedelta(hours=10))
    go(by_mail(mail))
    assert outside() == [State.SENT] * 2


@given(st.integers(0, 24 * 60 - 1))
def test_nights_begin_at_half_past_nine(minute: int) -> None:
    moment = datetime(2026, 11, 24, tzinfo=CHINA) + timedelta(minutes=minute)
    assert is_quiet(moment) == (minute < 8 * 60 or minute >= 21 * 60 + 30)


def test_a_reminder_of_a_visit_at_nine_comes_the_evening_before() -> None:
    starts_at = datetime(2026, 11, 26, 9, 0, tzinfo=CHINA)
    due, expire_at = starts_at - 2 * HOUR, starts_at - timedelta(minutes=20)
    moved = moved_out_of_the_night("visit_t2h", due, expire_at, NOON)
    assert moved == datetime(2026, 11, 25, 20, 30, tzinfo=CHINA)


def test_the_later_reminder_takes_the_place_of_the_earlier(app: Flask) -> None:
    me, mail, about = somebody(), Postman(), ("visit", "v1")
    services.open_subject(*about)
    for kind in ("visit_t7d", "visit_t2d", "visit_t2h"):
        say(kind, kind=kind, person_id=me, subject=about)
    go(by_mail(mail))
    assert [out.text.subject for out in mail.given] == ["visit_t2h"]
    assert outside() == [State.SUPERSEDED, State.SUPERSEDED, State.SENT]
    assert db.session.scalars(select(InboxItem.kind)).all() == ["visit_t2h"]


def test_after_an_outage_one_message_says_it_all(app: Flask, set_clock: SetClock) -> None:
    me, mail = somebody(), Postman()
    for number in range(3):
        say(f"k{number}", person_id=me)
    set_clock(NOON + HOUR)
    say("now", person_id=somebody(email="n@example.org"), due_at=NOON + HOUR)
    go(by_mail(mail))

    assert sorted(out.text.subject for out in mail.given) == ["_several", "hello"]
    assert outside() == [State.SENT] * 4
    assert db.session.scalars(select(Quota.sent)).all() == [1, 1]
    carrier = next(out.key for out in mail.given if out.text.subject == "_several")
    assert receipt(carrier, State.DELIVERED)
    assert outside() == [State.DELIVERED] * 3 + [State.SENT], "one receipt for all it carried"


def test_a_part_that_has_changed_is_left_out_of_it(app: Flask, set_clock: SetClock) -> None:
    me, about = somebody(), ("visit", "v1")
    services.open_subject(*about)
    say("gone", person_id=me, subject=about)
    say("stays", person_id=me)
    set_clock(NOON + HOUR)
    claimed = leases.claim(NOON + HOUR)
    services.close(*about)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery, "due_lanes", lambda _now: (False, True))
        patch.setattr(delivery, "claim", lambda _now, **_given: claimed)
        mail = Postman()
        go(by_mail(mail))
    assert [out.text.subject for out in mail.given] == ["hello"]
    assert outside() == [State.CANCELLED, State.SENT]


def test_several_in_one_are_readable(app: Flask) -> None:
    parts = [["volunteer_active", {"name": "样例"}]] * 2
    text = render("_several", "zh_Hans", {"parts": parts})
    assert text.subject == "2 条消息"
    assert text.body.count("您已正式上岗") == 2
    assert text.body.count("110") == 1, "one foot for all"


def test_a_text_that_raises_does_not_take_others_with_it(app: Flask, set_clock: SetClock) -> None:
    me, mail = somebody(), Postman()
    for kind in ("fine", "broken", "fine"):
        say(f"{kind}{len(outside())}", kind=kind, person_id=me)
    set_clock(NOON + HOUR)

    def fussy(kind: str, language: str, params: dict[str, Any]) -> Any:
        if kind == "broken":
            raise ValueError("UndefinedError")
        return plain(kind, language, params)

    delivery.deliver(by_mail(mail), fussy, route=first_by_mail)
    set_clock(NOON + 2 * HOUR)
    delivery.deliver(by_mail(mail), fussy, route=first_by_mail)
    assert sorted(outside()) == [State.DEAD, State.SENT, State.SENT]


# --- ways that do not work -----------------------------------------------------------------


def many(count: int) -> None:
    for number in range(count):
        say(f"k{number}", person_id=somebody(email=f"m{number}@example.org"))


def test_a_way_that_fails_again_and_again_rests(app: Flask, set_clock: SetClock) -> None:
    many(20)
    mail = Postman([LATER] * 99)
    delivery.deliver(by_mail(mail), plain)
    tried = len(mail.given)
    assert tried == 8, "one chunk, and no other after it"
    assert db.session.scalars(select(ChannelState.failures)).all() == [8]
    set_clock(NOON + timedelta(seconds=30))
    delivery.deliver(by_mail(mail), plain)
    assert len(mail.given) == tried

    set_clock(NOON + timedelta(seconds=61))
    delivery.deliver(by_mail(mail), plain)
    assert len(mail.given) == tried + 1, "one message tries it"
    mail.answers.clear()
    set_clock(NOON + timedelta(minutes=20))
    delivery.deliver(by_mail(mail), plain)
    assert outside() == [State.SENT] * 20
    assert db.session.scalars(select(ChannelState.failures)).all() == [0]


def test_a_resting_way_costs_a_message_no_try(app: Flask) -> None:
    many(20)
    delivery.deliver(by_mail(Postman([LATER] * 99)), plain)
    rows = select(Message.attempts).where(Message.channel == Channel.EMAIL)
    assert sorted(db.session.scalars(rows)) == [0] * 12 + [1] * 8


@given(st.integers(0, 500))
def test_rest_grows_and_has_an_end(failures: int) -> None:
    pause = open_for(failures)
    assert (pause is None) == (failures < BROKEN_AFTER)
    assert pause is None or timedelta(minutes=1) <= pause <= timedelta(minutes=15)


def test_an_address_that_bounces_for_ever_is_given_up(app: Flask, set_clock: SetClock) -> None:
    say(address="gone@example.org", expire_at=NOON + timedelta(days=30))
    moment, mail = NOON, Postman([LATER] * 99)
    while outside() == [State.PENDING]:
        set_clock(moment)
        delivery.deliver(by_mail(mail), plain)
        moment += 3 * HOUR
    assert (outside(), len(mail.given)) == ([State.DEAD], 6)


def test_a_provider_that_never_answers_leaves_it_unknown(app: Flask, set_clock: SetClock) -> None:
    say(person_id=somebody())
    mail = Postman([NOBODY_KNOWS])
    go(by_mail(mail))
    for hours in range(1, 30):
        set_clock(NOON + HOUR * hours)
        leases.sweep()
        go(by_mail(mail))
    assert (outside(), len(mail.given)) == ([State.UNKNOWN], 1)


# --- after an outage -----------------------------------------------------------------------


@pytest.fixture
def backlog(app: Flask, set_clock: SetClock) -> None:
    """More is overdue than the site lets out by itself."""
    services.plan(
        [
            Notice("hello", f"k{n}", {}, NOON, NOON + 48 * HOUR, address=f"x{n}@example.org")
            for n in range(501)
        ]
    )
    say("here", person_id=somebody(email=None, phone="15400000009"))
    set_clock(NOON + HOUR)


def test_too_much_at_once_waits_for_a_coordinator(backlog: None) -> None:
    say("u", person_id=somebody(), urgent=True, due_at=NOON + HOUR)
    mail = Postman()
    for _turn in range(3):
        go(by_mail(mail))
    assert len(mail.given) == 1, "what is urgent leaves"
    assert len(db.session.scalars(select(InboxItem.id)).all()) == 2, "the inbox goes on"

    coordinator = actor_for(a_member_of_staff(Role.CITY_COORDINATOR))
    holds.release(by=coordinator)
    with pytest.raises(RuleBroken):
        holds.release(by=coordinator)
    while go(by_mail(mail)):
        pass
    assert len(mail.given) == 502
    say("after", address="z@example.org", due_at=NOON + HOUR)
    go(by_mail(mail))
    assert holds.standing() is None, "the next outage is held again"
    assert db.session.scalars(select(Hold.released_by)).all() == [coordinator.id]


def test_five_hundred_go_out_by_themselves(backlog: None) -> None:
    with transaction() as session:
        session.delete(session.scalars(select(Message).limit(1)).one())
    mail = Postman()
    while go(by_mail(mail)):
        pass
    assert len(mail.given) == 500
    assert db.session.scalars(select(Hold.id)).all() == []


def test_a_provider_is_asked_about_the_day_a_message_left(
    app: Flask, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(person_id=somebody())
    days: list[date] = []

    def lookup(_way: Through, _key: str, _address: str, day: date) -> Found:
        days.append(day)
        return Found.NOT_SENT

    monkeypatch.setattr(Through, "lookup", lookup)
    monkeypatch.setattr(unknowns, "route", first_by_mail)
    left = {"state": State.SENDING, "claim_token": "t", "lease_until": NOON}
    with transaction() as session:
        session.execute(update(Message).where(Message.channel != Channel.INAPP).values(**left))
    set_clock(NOON + timedelta(days=1))
    leases.sweep()
    set_clock(NOON + timedelta(days=1) + LOOK_AFTER)
    way = Through(Postman(), Channel.EMAIL, Capabilities(Crash.LOOKUP))
    unknowns.look({Channel.EMAIL: way})
    assert set(days) == {date(2026, 11, 24)}
