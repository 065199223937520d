"""What is due is sent once, whatever servers answer and whenever a process dies."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.db import db, transaction
from messages import services
from messages.channels.files import Files
from messages.channels.rules import Outgoing, Sent, Text
from messages.channels.services import mail_way
from messages.channels.smtp import Smtp
from messages.delivery import services as delivery
from messages.delivery.leases import services as leases
from messages.models import DeliveryAttempt, InboxItem, Message
from messages.rules import BACKOFF, Outcome, State, next_try
from messages.texts import render
from tests.builders.people import a_person
from tests.conftest import NOON, SetClock
from tests.ledgers import by_mail
from tests.servers import free_port
from tests.sites import Sink
from tests.test_messages import Postman, a_notice, plain, run, states


def test_nothing_is_sent_before_it_is_due(app: Flask) -> None:
    services.plan([a_notice()])
    assert run().given == []


def test_what_is_due_is_sent_once(app: Flask, set_clock: SetClock) -> None:
    services.plan([a_notice(kind="hello")])
    set_clock(NOON + timedelta(hours=2))

    assert len(run().given) == 1
    assert run().given == []
    assert states() == [State.SENT, State.SENT]
    assert db.session.scalars(select(InboxItem.kind)).all() == ["hello"]
    assert db.session.scalars(select(DeliveryAttempt.outcome)).all() == [Outcome.ACCEPTED]


def test_a_temporary_refusal_is_tried_again_and_then_given_up(
    app: Flask, set_clock: SetClock
) -> None:
    services.plan([a_notice(address="x@example.org", expire_at=NOON + timedelta(days=9))])
    moment, tries = NOON + timedelta(hours=2), 0
    while states() == [State.PENDING]:
        set_clock(moment)
        tries += len(run(Postman([Sent(Outcome.RETRY, "smtp 451")])).given)
        moment += timedelta(hours=3)
    assert (states(), tries) == ([State.DEAD], len(BACKOFF) + 1)


def test_a_final_refusal_does_not_hold_up_the_others(app: Flask, set_clock: SetClock) -> None:
    for number in range(20):
        services.plan([a_notice(key=f"k{number}", address=f"x{number}@example.org")])
    set_clock(NOON + timedelta(hours=2))

    run(Postman([Sent(Outcome.REJECTED, "smtp 550"), Sent(Outcome.UNKNOWN, "timeout")]))

    assert states()[:2] == [State.DEAD, State.UNKNOWN]
    assert states()[2:] == [State.SENT] * 18


def test_a_text_that_cannot_be_made_is_given_up_alone(app: Flask, set_clock: SetClock) -> None:
    for number in range(3):
        services.plan(
            [
                a_notice(
                    key=f"k{number}",
                    kind="broken" if number == 1 else "fine",
                    address="x@example.org",
                )
            ]
        )
    set_clock(NOON + timedelta(hours=2))

    def fussy(kind: str, language: str, params: dict[str, Any]) -> Text:
        if kind == "broken":
            raise ValueError("UndefinedError")
        return plain(kind, language, params)

    delivery.deliver(by_mail(Postman()), fussy)
    assert states() == [State.SENT, State.DEAD, State.SENT]
    assert db.session.scalars(select(Message.error).where(Message.state == State.DEAD)).one()


def test_an_unknown_kind_of_message_raises_a_value_error(app: Flask) -> None:
    with pytest.raises(ValueError, match="TemplateNotFound"):
        render("no_such_kind", "zh_Hans", {})


def test_what_expired_is_not_sent(app: Flask, set_clock: SetClock) -> None:
    services.plan([a_notice()])
    set_clock(NOON + timedelta(days=2))
    assert run().given == []
    assert states() == [State.EXPIRED] * 2


def test_somebody_whose_account_was_shut_gets_nothing(app: Flask, set_clock: SetClock) -> None:
    person = a_person()
    services.plan([a_notice(person_id=person.id)])
    with transaction():
        person.disabled_at = NOON
    set_clock(NOON + timedelta(hours=2))
    assert run().given == []


# --- a process that dies -------------------------------------------------------------------


def test_claims_of_a_dead_process_are_taken_up_again(app: Flask, set_clock: SetClock) -> None:
    services.plan([a_notice(address="x@example.org")])
    set_clock(NOON + timedelta(hours=2))
    leases.claim(NOON + timedelta(hours=2))  # then the process dies
    assert run().given == []

    set_clock(NOON + timedelta(hours=2) + leases.LEASE * 2)
    assert leases.sweep() == 0
    assert len(run().given) == 1


def test_what_a_dead_process_was_sending_is_unknown_and_not_repeated(
    app: Flask, set_clock: SetClock
) -> None:
    services.plan([a_notice(address="x@example.org")])
    set_clock(NOON + timedelta(hours=2))

    class Dies(Postman):
        def send(self, outgoing: Outgoing) -> Sent:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Dies())
    set_clock(NOON + timedelta(hours=2) + leases.LEASE * 2)

    assert leases.sweep() == 1
    assert states() == [State.UNKNOWN]
    assert run().given == []


@given(st.integers(1, 9), st.floats(-1, 1))
def test_waiting_grows_and_ends(attempts: int, jitter: float) -> None:
    again = next_try(attempts, NOON, jitter)
    if attempts > len(BACKOFF):
        assert again is None
    else:
        assert again is not None
        assert abs((again - NOON) / BACKOFF[attempts - 1] - 1) <= 0.1001


# --- the ways out --------------------------------------------------------------------------

HELLO = Outgoing("key-1", "you@example.org", Text("走访提醒", "后天上午十点\n"))


@pytest.fixture
def sink() -> Iterator[tuple[Sink, str]]:
    kept, port = Sink(), free_port()
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    yield kept, f"smtp://127.0.0.1:{port}"
    server.stop()


def test_a_mail_reaches_a_real_server(sink: tuple[Sink, str]) -> None:
    kept, url = sink
    assert Smtp(url, "site@example.org").send(HELLO) == Sent(Outcome.ACCEPTED)
    (mail,) = kept.mails
    assert (mail["Subject"], mail["To"], mail["Message-ID"]) == (
        "走访提醒", "you@example.org", "<key-1@example.org>",
    )  # fmt: skip
    assert mail.get_content() == "后天上午十点\n"


def test_a_server_that_is_not_there_is_tried_again() -> None:
    sent = Smtp(f"smtp://127.0.0.1:{free_port()}", "site@example.org").send(HELLO)
    assert sent.outcome is Outcome.RETRY


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("handle_RCPT", "550 nobody here", Outcome.REJECTED),
        ("handle_RCPT", "451 later", Outcome.RETRY),
        ("handle_MAIL", "421 busy", Outcome.RETRY),
        ("handle_DATA", "554 refused", Outcome.REJECTED),
        ("handle_DATA", "452 full", Outcome.RETRY),
    ],
)
def test_a_refusal_is_read_by_its_code(command: str, answer: str, outcome: Outcome) -> None:
    async def refuse(_self: object, *_given: object) -> str:
        return answer

    port = free_port()
    handler = type("Refusing", (Sink,), {command: refuse})()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        assert Smtp(f"smtp://127.0.0.1:{port}", "site@example.org").send(HELLO).outcome is outcome
    finally:
        server.stop()


@pytest.mark.parametrize("address", ["a@b.c\r\nBcc: all@example.org", "a@b.c\nX: y"])
def test_an_address_cannot_add_headers(
    tmp_path_factory: pytest.TempPathFactory, address: str
) -> None:
    forged = Outgoing("key-2", address, HELLO.text)
    folder = tmp_path_factory.mktemp("outbox")
    assert Files(folder, "site@example.org").send(forged).outcome is Outcome.REJECTED
    assert list(folder.iterdir()) == []


def test_without_a_server_mails_are_files_for_their_owner(app: Flask) -> None:
    settings = app.extensions["settings"]
    assert mail_way(settings).send(HELLO) == Sent(Outcome.ACCEPTED)
    (file,) = (settings.home / "outbox").iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "走访提醒"
    assert file.stat().st_mode & 0o077 == 0
