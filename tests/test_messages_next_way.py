"""What a refusal says of an address, and which way comes next: each message by its own right."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import update

from core.db import db, transaction
from messages.channels.rules import Capabilities, Crash, Sent, Way
from messages.channels.smtp import Smtp
from messages.contacts import services as contacts
from messages.contacts.queries import route
from messages.delivery import services as delivery
from messages.delivery.unknowns import services as unknowns
from messages.models import Message
from messages.rules import (
    SECOND_WAY,
    Channel,
    Outcome,
    State,
    Weight,
    concerns_safety,
    given_up_with,
    is_given_up,
)
from tests.builders.channels import a_channel, a_contact, the_contact
from tests.conftest import NOON, SetClock
from tests.ledgers import Through, by_mail
from tests.messages_channels.fake_vendors import HELLO, WAYS, a_vendor
from tests.servers import free_port
from tests.sites import Sink
from tests.test_messages import Postman, plain
from tests.test_messages_ways import HOUR, NOBODY_KNOWS, SMS, both, go, outside, say, somebody

GONE = Sent(Outcome.REJECTED, "smtp 550", nobody_there=True)
SPAM = Sent(Outcome.REJECTED, "smtp 554")
WECOM = Channel.WECOM


# --- what an outage held up ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("alone", "said"), [(True, ["visit_t2d", "visit_t7d"]), (False, ["_several"])]
)
def test_a_way_without_our_text_says_each_message_by_itself(
    app: Flask, set_clock: SetClock, alone: bool, said: list[str]
) -> None:
    me = somebody()
    for kind in ("visit_t2d", "visit_t7d"):
        say(kind, kind=kind, person_id=me)
    with transaction() as session:  # each was tried before, so that no limit is in the way
        session.execute(update(Message).values(attempts=1))
    set_clock(NOON + HOUR)
    text = Postman()
    go({SMS: Through(text, SMS, Capabilities(Crash.NONE, one_by_one=alone))})
    assert [out.text.subject for out in text.given] == said
    assert outside() == [State.SENT] * 2


def test_every_way_says_whether_several_may_leave_as_one() -> None:
    alone = {channel for channel, way in WAYS.items() if way("").capabilities.one_by_one}
    assert alone == set(WAYS) - {WECOM}


def test_what_may_go_to_a_left_address_takes_nothing_else_along(
    app: Flask, set_clock: SetClock
) -> None:
    me, mail = somebody(email="me@example.org"), Postman()
    a_contact(me, Channel.EMAIL, None, opted_out_at=NOON)
    for kind in ("visit_moved", "visit_t2d", "visit_lapse_check"):
        say(kind, kind=kind, person_id=me)
    set_clock(NOON + HOUR)
    delivery.deliver(by_mail(mail), plain)
    assert [out.text.subject for out in mail.given] == ["_several"]
    assert outside() == [State.SENT, State.SUPPRESSED, State.SENT]


def test_safety_has_the_first_turn_where_a_limit_allows_one(
    app: Flask, set_clock: SetClock
) -> None:
    me, mail = somebody(), Postman()
    for kind in ("visit_t2d", "visit_lapse_check"):
        say(kind, kind=kind, person_id=me)
    set_clock(NOON + HOUR)
    go(by_mail(mail))
    assert [out.text.subject for out in mail.given] == ["visit_lapse_check"]
    assert outside() == [State.PENDING, State.SENT]


@pytest.mark.parametrize("given", [{"kind": "visit_lapse_concern"}, {"urgent": True}])
def test_what_concerns_a_childs_safety_reaches_a_left_address(
    app: Flask, given: dict[str, Any]
) -> None:
    me, mail = somebody(email="me@example.org"), Postman()
    a_contact(me, Channel.EMAIL, None, opted_out_at=NOON)
    say("plain", person_id=me)
    say("safe", person_id=me, **given)
    delivery.deliver(by_mail(mail), plain)
    assert outside() == [State.SUPPRESSED, State.SENT]


def test_safety_is_a_matter_of_kind_or_of_weight() -> None:
    assert concerns_safety("visit_lapse_check", Weight.ORDINARY)
    assert concerns_safety("hello", Weight.URGENT)
    assert not concerns_safety("hello", Weight.CORRECTION)
    assert not any(concerns_safety(kind, Weight.ORDINARY) for kind in SECOND_WAY)


# --- whom a refusal is to blame on ---------------------------------------------------------


@contextmanager
def a_server(command: str, answer: str) -> Iterator[Smtp]:
    async def refuse(_self: object, *_given: object) -> str:
        return answer

    handler = type("Refusing", (Sink,), {command: refuse})()
    server = Controller(handler, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        yield Smtp(f"smtp://127.0.0.1:{server.port}", "site@example.org")
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("command", "answer", "sent"),
    [
        ("handle_MAIL", "550 who are you", Sent(Outcome.RETRY, "smtp 550")),
        ("handle_RCPT", "550 5.1.1 no such user", GONE),
        ("handle_RCPT", "551 moved", Sent(Outcome.REJECTED, "smtp 551", nobody_there=True)),
        ("handle_RCPT", "550 5.7.1 you are listed", Sent(Outcome.REJECTED, "smtp 550")),
        ("handle_RCPT", "452 4.2.2 full", Sent(Outcome.RETRY, "smtp 452")),
        ("handle_DATA", "554 5.6.0 spam", SPAM),
    ],
)
def test_only_a_recipient_who_is_refused_is_nobody(command: str, answer: str, sent: Sent) -> None:
    with a_server(command, answer) as way:
        assert way.send(HELLO) == sent


@pytest.mark.parametrize(
    ("channel", "action", "said", "nobody"),
    [
        (SMS, "SendSms/aliyun", {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, True),
        (SMS, "SendSms/aliyun", {"Code": "isv.TEMPLATE_MISSING_PARAMETERS"}, False),
        (WECOM, "/cgi-bin/message/send", {"errcode": 60111}, True),
        (WECOM, "/cgi-bin/message/send", {"errcode": 0, "invaliduser": "x"}, True),
        (Channel.WECHAT, "/cgi-bin/message/template/subscribe", {"errcode": 43004}, True),
        (Channel.WECHAT, "/cgi-bin/message/template/subscribe", {"errcode": 43101}, False),
        (
            Channel.TENCENT_SMS,
            "SendSms/tencent",
            {"Response": {"Error": {"Code": "InvalidParameterValue.IncorrectPhoneNumber"}}},
            True,
        ),
        (
            Channel.TENCENT_SMS,
            "SendSms/tencent",
            {"Response": {"Error": {"Code": "FailedOperation.ContainSensitiveWord"}}},
            False,
        ),
    ],
)
def test_a_vendors_code_tells_a_wrong_number_from_a_wrong_text(
    channel: Channel, action: str, said: object, nobody: bool
) -> None:
    with a_vendor() as vendor:
        vendor.answers[action] = said
        sent = WAYS[channel](vendor.url).send(HELLO)
    assert (sent.outcome, sent.nobody_there) == (Outcome.REJECTED, nobody)


def test_a_text_that_is_refused_is_not_held_against_the_address(app: Flask) -> None:
    me = somebody(email="me@example.org")
    for number in range(3):
        say(f"k{number}", person_id=me, urgent=True)
    delivery.deliver(by_mail(Postman([SPAM, SPAM, Sent(Outcome.REJECTED, "no grant")])), plain)
    assert outside() == [State.DEAD] * 3
    assert route([me])[me] == [(Channel.EMAIL, "me@example.org")]


@pytest.mark.parametrize(("receipts", "counted"), [(False, 0), (True, 2)])
def test_what_is_taken_ends_a_row_of_refusals_where_no_receipt_will(
    app: Flask, receipts: bool, counted: int
) -> None:
    me, other = somebody(email="me@example.org"), somebody(email="other@example.org")
    for person_id in (me, me, other):
        contacts.came_back(person_id, Channel.EMAIL)
    say(person_id=me)
    can = Capabilities(Crash.NONE, has_receipts=receipts)
    delivery.deliver(by_mail(Postman(), capabilities=can), plain)
    assert the_contact(me, Channel.EMAIL).bounce_count == counted
    assert the_contact(other, Channel.EMAIL).bounce_count == 1


def test_the_last_answer_counts(app: Flask) -> None:
    me = somebody(email="me@example.org")
    for number in range(2):
        say(f"k{number}", person_id=me, urgent=True)
    delivery.deliver(by_mail(Postman([Sent(Outcome.ACCEPTED), GONE])), plain)
    assert the_contact(me, Channel.EMAIL).bounce_count == 1


# --- which way comes next ------------------------------------------------------------------


def test_the_ways_that_were_given_up_are_stored_by_name() -> None:
    assert [given_up_with(0, channel) for channel in Channel] == [2**n for n in range(9)]
    assert [channel.value for channel in Channel] == [
        "inapp", "email", "aliyun_sms", "tencent_sms", "wecom", "wechat", "dingtalk", "console",
        "file",
    ]  # fmt: skip
    tried = given_up_with(given_up_with(0, SMS), Channel.EMAIL)
    assert [one for one in Channel if is_given_up(tried, one)] == [Channel.EMAIL, SMS]
    assert given_up_with(tried, SMS) == tried


def test_a_way_that_breaks_with_its_refusal_does_not_cost_the_next(app: Flask) -> None:
    a_channel(SMS)
    me = somebody(email="me@example.org")
    a_contact(me, SMS, "15400000001", place=1)
    for number in range(3):
        say(f"k{number}", person_id=me, urgent=True)
    mail, text = Postman([GONE] * 3), Postman()
    ways = both(mail, text)
    delivery.deliver(ways, plain)
    assert route([me]) == {me: [(SMS, "15400000001")]}, "the third gave the address up"
    delivery.deliver(ways, plain)
    assert outside() == [State.SENT] * 3
    assert len(text.given) == 3


# --- what nobody can tell of ---------------------------------------------------------------


def test_those_without_a_second_way_hold_up_nobody(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unknowns, "AT_ONCE", 3)
    a_channel(SMS)
    people = [somebody(email=f"p{number}@example.org") for number in range(8)]
    for number, person_id in enumerate(people):
        say(f"k{number}", person_id=person_id, urgent=True)
    a_contact(people[-1], SMS, "15400000001", place=1)
    mail, text = Postman([NOBODY_KNOWS] * 8), Postman()
    ways = both(mail, text)
    delivery.deliver(ways, plain)
    assert outside() == [State.UNKNOWN] * 8
    assert [unknowns.repeat_elsewhere(ways) for _turn in range(2)] == [1, 0]
    delivery.deliver(ways, plain)
    assert [out.address for out in text.given] == ["15400000001"]


@pytest.mark.parametrize(("urgent", "repeated"), [(False, 0), (True, 1)])
def test_a_left_address_is_a_second_way_for_safety_only(
    app: Flask, urgent: bool, repeated: int
) -> None:
    a_channel(SMS)
    me = somebody(email="me@example.org")
    a_contact(me, SMS, "15400000001", place=0)
    a_contact(me, Channel.EMAIL, None, place=1, opted_out_at=NOON)
    say(kind="visit_t2h", person_id=me, urgent=urgent, expire_at=NOON + timedelta(hours=5))
    ways: dict[Channel, Way] = both(Postman(), Postman([NOBODY_KNOWS]))
    delivery.deliver(ways, plain)
    assert outside() == [State.UNKNOWN]
    assert unknowns.repeat_elsewhere(ways) == repeated


def test_a_page_looks_no_further_than_its_end(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknowns, "AT_ONCE", 1)
    monkeypatch.setattr(unknowns, "MOST_PAGES", 2)
    asked: list[int] = []

    def counted(person_ids: Any, /, *, safety: bool = False) -> dict[int, Any]:
        asked.extend(person_ids)
        return route(person_ids, safety=safety)

    people = [somebody(email=f"p{number}@example.org") for number in range(4)]
    for number, person_id in enumerate(people):
        say(f"k{number}", person_id=person_id, urgent=True)
    delivery.deliver(by_mail(Postman([NOBODY_KNOWS] * 4)), plain)
    db.session.rollback()
    monkeypatch.setattr(unknowns, "route", counted)
    unknowns.repeat_elsewhere(by_mail(Postman()))
    assert asked == people[:2]
