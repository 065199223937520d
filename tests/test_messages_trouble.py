"""Mail trouble stays with the one message it befell: bad addresses, passwords, servers, texts."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from flask import Flask
from sqlalchemy import select

from accounts.rules import Role
from core import crypto
from core.db import db, transaction
from messages import services
from messages.channels import calls
from messages.channels.files import Files
from messages.channels.rules import Outgoing, Sent, Text
from messages.channels.smtp import Smtp
from messages.delivery import services as delivery
from messages.delivery.leases import services as leases
from messages.models import InboxItem, Message
from messages.rules import Outcome, State
from messages.services import Notice
from messages.texts import render
from tests.builders.people import a_member_of_staff, a_person
from tests.conftest import NOON, BrowseAs, SetClock
from tests.ledger_worker import plain
from tests.ledgers import by_mail
from tests.servers import free_port
from tests.sites import Sink

HELLO = Outgoing("key-1", "you@example.org", Text("走访提醒", "后天上午十点\n"))
FROM = "site@example.org"


class Postman:
    def __init__(self, *answers: Sent) -> None:
        self.answers, self.given = list(answers), list[Outgoing]()

    def send(self, outgoing: Outgoing) -> Sent:
        self.given.append(outgoing)
        return self.answers.pop(0) if self.answers else Sent(Outcome.ACCEPTED)


def planned(many: int = 1, **given: Any) -> None:
    fields: dict[str, Any] = {"kind": "hello", "params": {}, "due_at": NOON}
    fields |= {"expire_at": NOON + timedelta(days=1)}
    if "person_id" not in given:
        fields["address"] = "x@example.org"
    services.plan([Notice(key=f"k{n}", **fields | given) for n in range(many)])


def states() -> list[State]:
    db.session.rollback()
    return list(db.session.scalars(select(Message.state).order_by(Message.id)))


@contextmanager
def silent_after(*lines: bytes) -> Iterator[str]:
    """A server that says these lines, one to each of the client's, and then nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = threading.Event()

        def serve() -> None:
            connection, _address = listening.accept()
            with connection:
                for line in lines:
                    connection.sendall(line + b"\r\n")
                    connection.recv(4096)
                while not done.wait(0.05):
                    connection.sendall(b"2")  # a byte now and then, never an answer

        thread = threading.Thread(target=_until_cut, args=(serve,))
        thread.start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        done.set()
        thread.join()


@contextmanager
def hanging_up_after(*lines: bytes, fragment: bytes) -> Iterator[str]:
    """A server that says these lines, and breaks off within the next."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _address = listening.accept()
            with connection:
                for line in lines:
                    connection.sendall(line + b"\r\n")
                    connection.recv(65536)
                connection.sendall(fragment)

        thread = threading.Thread(target=_until_cut, args=(serve,))
        thread.start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def _until_cut(serve: Any) -> None:
    try:
        serve()
    except OSError:
        return  # the client has hung up, as it should


def test_a_wrong_password_of_the_site_is_no_fault_of_the_message() -> None:
    def nobody(*_given: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    port = free_port()
    server = Controller(
        Sink(), hostname="127.0.0.1", port=port, authenticator=nobody, auth_require_tls=False
    )
    server.start()
    try:
        sent = Smtp(f"smtp://site:wrong@127.0.0.1:{port}", FROM).send(HELLO)
    finally:
        server.stop()
    assert sent == Sent(Outcome.RETRY, "smtp 535")


def test_an_address_that_no_mail_can_carry_is_refused(tmp_path: Path) -> None:
    odd = Outgoing("k", "用户@example.org", HELLO.text)
    for carrier in (Files(tmp_path, FROM), Smtp(f"smtp://127.0.0.1:{free_port()}", FROM)):
        assert carrier.send(odd) == Sent(Outcome.REJECTED, "address", nobody_there=True)


ANSWERS = (b"220 hello", b"250 hello", b"250 sender", b"250 recipient", b"354 go on")


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (0, Outcome.RETRY),  # not even a greeting
        (3, Outcome.RETRY),  # nothing was handed over
        (4, Outcome.UNKNOWN),  # DATA was asked for: nobody can tell
        (5, Outcome.UNKNOWN),  # all of it was handed over
    ],
)
def test_a_server_that_drips_is_cut_off(
    said: int, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "TIMEOUT", 0.4)
    with silent_after(*ANSWERS[:said]) as url:
        began = time.monotonic()
        assert Smtp(url, FROM).send(HELLO).outcome is outcome
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("fragment", [b"2", b"25", b"222 what"])
def test_half_an_answer_to_a_whole_mail_is_no_answer(fragment: bytes) -> None:
    with hanging_up_after(*ANSWERS, fragment=fragment) as url:
        assert Smtp(url, FROM).send(HELLO).outcome is Outcome.UNKNOWN


def test_one_talk_with_the_server_fits_well_into_a_lease() -> None:
    lease = leases.LEASE.total_seconds()
    assert lease / 3 > calls.TIMEOUT
    assert lease > delivery.PASS_SECONDS + calls.TIMEOUT


def test_a_seal_that_does_not_open_stops_one_message_only(app: Flask) -> None:
    planned(3)
    with transaction() as session:
        row = session.scalars(select(Message).where(Message.dedup_key == "k1/external")).one()
        row.address = crypto.Sealer(b"z" * 32).seal("x@example.org", services.place_of(row.uid))
    delivery.deliver(by_mail(Postman()), plain)
    assert states() == [State.SENT, State.DEAD, State.SENT]


def test_no_try_is_planned_for_when_it_is_too_late(app: Flask) -> None:
    planned(expire_at=NOON + timedelta(seconds=30))
    delivery.deliver(by_mail(Postman(Sent(Outcome.RETRY, "smtp 451"))), plain)
    assert states() == [State.DEAD]


def test_what_expires_between_claim_and_intent_has_expired(
    app: Flask, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned()
    claimed = leases.claim(NOON)
    set_clock(NOON + timedelta(days=2))
    monkeypatch.setattr(delivery, "due_lanes", lambda _now: (False, True))
    monkeypatch.setattr(delivery, "claim", lambda _now, **_given: claimed)
    postman = Postman()
    delivery.deliver(by_mail(postman), plain)
    assert (postman.given, states()) == ([], [State.EXPIRED])


def test_a_server_that_hangs_gives_the_rest_of_a_pass_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = [0.0]
    monkeypatch.setattr(delivery, "time", SimpleNamespace(monotonic=lambda: passed[0]))
    planned(20)

    class Slow(Postman):
        def send(self, outgoing: Outgoing) -> Sent:
            passed[0] += delivery.PASS_SECONDS + 1
            return super().send(outgoing)

    slow = Slow()
    delivery.deliver(by_mail(slow), plain)
    assert len(slow.given) == 1
    assert states() == [State.SENT] + [State.PENDING] * 19
    rows = db.session.execute(select(Message.claim_token).where(Message.state == State.PENDING))
    assert {row.claim_token for row in rows} == {None}


def test_many_waiting_mails_do_not_hold_up_the_inbox(app: Flask) -> None:
    planned(leases.BATCH + 5)
    planned(person_id=a_person(email=None, phone="15400000001").id, due_at=NOON)
    delivery.deliver(by_mail(Postman()), plain)
    assert len(db.session.scalars(select(InboxItem.id)).all()) == 1


def test_a_message_that_cannot_be_shown_does_not_hide_the_others(browse_as: BrowseAs) -> None:
    me = a_member_of_staff(Role.AUDITOR)
    for key, params in (("bad", {}), ("good", {"name": "样例"})):
        services.plan(
            [
                Notice("volunteer_active", key, params, NOON, NOON + timedelta(days=1), me),
            ]
        )
    delivery.deliver(by_mail(Postman()), plain)
    assert browse_as(me).get("/inbox").texts("main h2") == ["您已正式上岗", "这条消息暂时无法显示"]


@pytest.mark.parametrize(("language", "prefix"), [("zh_Hans", ""), ("en", "/en")])
def test_every_mail_ends_with_the_helplines(app: Flask, language: str, prefix: str) -> None:
    body = render("volunteer_active", language, {"name": "样例"}).body
    assert "110" in body.rpartition("--\n")[2]
    assert "12345" in body
    assert f"http://localhost{prefix}/volunteers/me" in body


def test_the_waiting_link_lists_what_it_counts(browse_as: BrowseAs) -> None:
    planned(3)
    delivery.deliver(by_mail(Postman(Sent(Outcome.UNKNOWN), Sent(Outcome.REJECTED))), plain)
    page = browse_as(a_member_of_staff(Role.ADMIN)).get("/messages?state=unsettled")
    assert len(page.soup.select("main tbody tr")) == 2
    assert "收到两遍" in page.text


def test_what_is_planned_too_late_for_the_evening_before_keeps_its_time(
    app: Flask, set_clock: SetClock
) -> None:
    night = NOON.replace(hour=15)  # 23:00 in China: due at 3, over at 6
    set_clock(night)
    due = night + timedelta(hours=4)
    planned(due_at=due, expire_at=due + timedelta(hours=3))
    assert db.session.scalars(select(Message.next_at)).one() == due


def test_what_cannot_wait_for_the_morning_goes_out_the_evening_before(app: Flask) -> None:
    due = NOON.replace(hour=19)  # 3:00 in China the next day, over at 6
    planned(due_at=due, expire_at=due + timedelta(hours=3))
    evening = NOON.replace(hour=12, minute=30)  # 20:30 in China
    assert db.session.scalars(select(Message.next_at)).one() == evening
