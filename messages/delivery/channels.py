"""Ways out of the site: SMTP, or files for whoever has no mail server yet."""

import os
import smtplib
import socket
import ssl
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from core import clock
from core.config import Settings
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent, Way
from messages.rules import Channel, Outcome

FILES, MAIL = Capabilities(Crash.NONE), Capabilities(Crash.NONE, connections=4)
TIMEOUT = 15.0
"""Seconds for the whole talk with the mail server: under a third of the lease."""


def ways_for(settings: Settings) -> dict[Channel, Way]:
    """Return the ways out that the settings name."""
    return {Channel.EMAIL: carrier_for(settings)}


def carrier_for(settings: Settings) -> Way:
    """Return how mails leave."""
    if settings.smtp_url:
        return Smtp(settings.smtp_url, settings.mail_from)
    return Files(settings.home / "outbox", settings.mail_from)


def mail_of(outgoing: Outgoing, sender: str) -> EmailMessage:
    """Return the message as a mail. Its Message-ID is the same however often it is tried."""
    mail = EmailMessage()
    mail["Subject"] = outgoing.text.subject
    mail["From"] = sender
    mail["To"] = outgoing.address
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{outgoing.key}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(outgoing.text.body, cte="base64")
    return mail


def _bytes_of(outgoing: Outgoing, sender: str) -> bytes:
    """Return the mail as it travels. Raises ValueError when its address is none for a mail."""
    outgoing.address.encode("ascii")  # servers that take others say so, and few do
    return mail_of(outgoing, sender).as_bytes(policy=SMTP)


@dataclass(frozen=True, slots=True)
class Files:
    """One `.eml` file a message, for its owner only."""

    folder: Path
    sender: str
    channel: Channel = Channel.EMAIL
    capabilities: Capabilities = FILES

    def lookup(self, key: str, address: str, day: date) -> Found:
        return Found.CANNOT_TELL

    def send(self, outgoing: Outgoing) -> Sent:
        try:
            content = _bytes_of(outgoing, self.sender)
        except ValueError:
            return Sent(Outcome.REJECTED, "address")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = self.folder / f".{outgoing.key}"
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            fresh.replace(self.folder / f"{clock.now():%Y%m%d-%H%M%S}-{outgoing.key}.eml")
        except OSError as error:
            return Sent(Outcome.RETRY, type(error).__name__)
        return Sent(Outcome.ACCEPTED)


@cache
def _trust() -> ssl.SSLContext:
    """Return whom we trust: reading every root certificate takes longer than sending a mail."""
    return ssl.create_default_context()


class _InTime(smtplib.SMTP):
    """A talk that is cut off after TIMEOUT: smtplib's own limit starts anew with every byte."""

    _late = False

    def connect(
        self, host: str = "localhost", port: int = 0, source_address: Any = None
    ) -> tuple[int, bytes]:
        self.begin()
        try:
            return super().connect(host, port, source_address)
        except BaseException:
            self._limit.cancel()
            raise

    def begin(self) -> None:
        """Count the time of one talk from now on."""
        self._limit = threading.Timer(TIMEOUT, self._cut)
        self._limit.daemon = True
        self._limit.start()

    def rest(self) -> None:
        """Stop counting: the connection waits for the next mail."""
        self._limit.cancel()

    def close(self) -> None:
        self._limit.cancel()
        super().close()

    def getreply(self) -> tuple[int, bytes]:
        """Return a whole answer: smtplib takes what was said before the line broke for one."""
        code, answer = super().getreply()
        if self._late or code < 200:
            self.close()
            raise smtplib.SMTPServerDisconnected("no whole answer")
        return code, answer

    def _cut(self) -> None:
        self._late = True
        if self.sock is not None:
            with suppress(OSError):  # it has just closed by itself
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _InTimeTls(_InTime, smtplib.SMTP_SSL):
    """The same, in TLS from the start."""


@dataclass(frozen=True)
class Smtp:
    """A mail server by address: smtp:// with STARTTLS where offered, smtps:// from the start."""

    url: str
    sender: str
    channel: Channel = Channel.EMAIL
    capabilities: Capabilities = MAIL
    idle: "deque[_InTime]" = field(default_factory=deque)

    def __post_init__(self) -> None:
        weakref.finalize(self, _close_all, self.idle)

    def lookup(self, key: str, address: str, day: date) -> Found:
        return Found.CANNOT_TELL

    def send(self, outgoing: Outgoing) -> Sent:
        try:
            content = _bytes_of(outgoing, self.sender)
        except ValueError:
            return Sent(Outcome.REJECTED, "address")
        known, handed_over = False, False
        try:
            with self._server() as server:
                known = True
                for step in (server.mail(self.sender), server.rcpt(outgoing.address)):
                    if step[0] >= 400:
                        return _refused(step[0])
                handed_over = True
                code, _answer = server.data(content)
        except smtplib.SMTPResponseException as error:
            if not known:  # a wrong password, a busy server: no message is to blame for that
                return Sent(Outcome.RETRY, f"smtp {error.smtp_code}")
            return _refused(error.smtp_code)
        except (OSError, smtplib.SMTPException) as error:
            lost = Outcome.UNKNOWN if handed_over else Outcome.RETRY
            return Sent(lost, type(error).__name__)
        return Sent(Outcome.ACCEPTED) if code == 250 else _refused(code)

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """Give a connection that still answers, or a new one; keep it unless something failed."""
        server = self._still_open() or self._connect()
        try:
            yield server
        except BaseException:
            server.close()
            raise
        server.rest()
        self.idle.append(server)

    def _still_open(self) -> "_InTime | None":
        while self.idle:
            server = self.idle.pop()
            server.begin()
            with suppress(OSError, smtplib.SMTPException):
                if server.rset()[0] == 250:
                    return server
            server.close()
        return None

    def _connect(self) -> _InTime:
        """Connect, secure and sign in; whatever fails in here has sent nothing."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "smtps":
            server: _InTime = _InTimeTls(host, parts.port or 465, timeout=TIMEOUT, context=_trust())
        else:
            server = _InTime(host, parts.port or 25, timeout=TIMEOUT)
        try:
            server.ehlo_or_helo_if_needed()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=_trust())
                server.ehlo()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def _close_all(idle: deque[_InTime]) -> None:
    while idle:
        idle.pop().close()


def _refused(code: int) -> Sent:
    """4xx may be tried again, 5xx is final; the server's words stay out of the ledger."""
    outcomes = {4: Outcome.RETRY, 5: Outcome.REJECTED}
    return Sent(outcomes.get(code // 100, Outcome.UNKNOWN), f"smtp {code}")
