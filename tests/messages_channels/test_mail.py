"""Mails: one connection for many, a link to leave by, files and lines for whoever has no server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from messages.channels import smtp
from messages.channels.files import Files
from messages.channels.plain import Console, Null
from messages.channels.rules import Found, Outgoing, Sent
from messages.channels.smtp import Smtp
from messages.rules import Channel, Outcome
from tests.conftest import NOON
from tests.messages_channels.fake_vendors import HELLO
from tests.servers import free_port
from tests.sites import Sink

FROM = "site@example.org"
MAIL = Outgoing(HELLO.key, "you@example.org", HELLO.text, HELLO.kind)


class Counting(Controller):
    """A server that counts who connects."""

    connections = 0

    def factory(self) -> Any:
        self.connections += 1
        return super().factory()  # type: ignore[no-untyped-call]  # aiosmtpd has no types


class Choosy(Sink):
    """Knows everybody but nobody."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name and arguments
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def server() -> Iterator[Counting]:
    running = Counting(Choosy(), hostname="127.0.0.1", port=free_port())
    running.start()
    running.connections = 0
    yield running
    running.stop()


def url_of(server: Counting) -> str:
    return f"smtp://127.0.0.1:{server.port}"


class Tired(Sink):
    """Takes one mail a connection, then wants to talk no more."""

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name and arguments
        self, _server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if getattr(session, "tired", False):
            return "421 too many mails in one talk"
        session.tired = True
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"


def test_a_server_that_ends_a_talk_is_called_again_at_once() -> None:
    running = Counting(Tired(), hostname="127.0.0.1", port=free_port())
    running.start()
    running.connections = 0
    way = Smtp(url_of(running), FROM)
    assert [way.send(MAIL).outcome for _turn in range(3)] == [Outcome.ACCEPTED] * 3
    assert running.connections == 3
    way.close()
    running.stop()


def test_many_mails_share_one_connection(server: Counting) -> None:
    way = Smtp(url_of(server), FROM)
    assert [way.send(MAIL).outcome for _turn in range(5)] == [Outcome.ACCEPTED] * 5
    way.close()
    assert (server.connections, len(server.handler.mails)) == (1, 5)


def test_a_connection_that_has_rested_too_long_is_not_used_again(
    server: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = Smtp(url_of(server), FROM)
    way.send(MAIL)
    monkeypatch.setattr(smtp, "IDLE", -1.0)
    assert way.send(MAIL).outcome is Outcome.ACCEPTED
    way.close()
    assert server.connections == 2


def test_a_server_that_has_hung_up_meanwhile_costs_no_mail(server: Counting) -> None:
    way = Smtp(url_of(server), FROM)
    way.send(MAIL)
    (kept,) = way._idle  # noqa: SLF001 - as if the server had closed it
    assert kept.sock is not None
    kept.sock.close()
    assert way.send(MAIL).outcome is Outcome.ACCEPTED
    way.close()
    assert len(server.handler.mails) == 2


def test_a_refused_mail_spoils_no_connection(server: Counting) -> None:
    way = Smtp(url_of(server), FROM)
    odd = Outgoing("k", "nobody@example.org", HELLO.text)
    assert way.send(odd) == Sent(Outcome.REJECTED, "smtp 550", nobody_there=True)
    assert way.send(MAIL).outcome is Outcome.ACCEPTED
    way.close()


def test_nobody_can_ask_a_mail_server_afterwards(server: Counting) -> None:
    way = Smtp(url_of(server), FROM)
    assert way.lookup(MAIL.key, MAIL.address, NOON.date()) is Found.CANNOT_TELL


def test_a_file_can_be_looked_for(tmp_path: Path) -> None:
    way = Files(tmp_path / "outbox", FROM)
    assert way.lookup(MAIL.key, MAIL.address, NOON.date()) is Found.NOT_SENT
    assert way.send(MAIL) == Sent(Outcome.ACCEPTED)
    assert way.lookup(MAIL.key, MAIL.address, NOON.date()) is Found.SENT


def test_a_mail_that_may_be_left_says_how(tmp_path: Path) -> None:
    way = Files(tmp_path, FROM, lambda outgoing: f"https://site.example/leave/{outgoing.key}")
    way.send(MAIL)
    text = next(tmp_path.glob("*.eml")).read_text()
    assert f"List-Unsubscribe: <https://site.example/leave/{MAIL.key}>" in text
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in text


def test_the_console_tells_whom_and_what_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert Console().send(MAIL) == Sent(Outcome.ACCEPTED)
    said = capsys.readouterr().out
    assert said == f"{MAIL.key} you@example.org {MAIL.text.subject}\n"
    assert Console().lookup("", "", NOON.date()) is Found.CANNOT_TELL


def test_nowhere_takes_everything() -> None:
    assert Null(Channel.WECOM).send(MAIL) == Sent(Outcome.ACCEPTED)
    assert Null().lookup("", "", NOON.date()) is Found.CANNOT_TELL
