"""A mail server: connections are kept open for the next mail, and each talk ends in time."""

import smtplib
import time
import weakref
from collections import deque
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from messages.channels import calls
from messages.channels.calls import trust
from messages.channels.mails import Leave, bytes_of, nowhere
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent
from messages.rules import Channel, Outcome

IDLE = 20.0
"""Seconds after which a connection is not used again: servers hang up sooner or later."""
LONGEST = 8192
"""Bytes in a line of an answer (RFC 5321 allows 512)."""
HELD = 4
"""Connections at once, and kept; more are closed after their mail."""


class _InTime(smtplib.SMTP):
    """A talk that ends in time: smtplib's own limit starts anew with every byte."""

    spoken_at = 0.0
    _until = 0.0
    _heard = b""
    _heard_by: object = None

    def connect(
        self, host: str = "localhost", port: int = 0, source_address: Any = None
    ) -> tuple[int, bytes]:
        self.begin(float(self.timeout))
        return super().connect(host, port, source_address)

    def begin(self, seconds: float) -> None:
        """Give the talk so many seconds from now on."""
        self._until = time.monotonic() + seconds

    def send(self, s: Any) -> None:
        self._hurry()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Return a whole answer: smtplib takes what was said before the line broke for one."""
        code, more, answer = 0, True, []
        while more:
            line = self._line()
            code = int(line[:3]) if line[:3].isdigit() else 0
            more = code > 0 and line[3:4] == b"-"
            answer.append(line[4:].strip())
        if code < 200:
            self.close()
            raise smtplib.SMTPServerDisconnected("no answer of a mail server")
        return code, b"\n".join(answer)

    def _line(self) -> bytes:
        """Return the next line; what was said before TLS began is not believed."""
        if self._heard_by is not self.sock:
            self._heard_by, self._heard = self.sock, b""
        while b"\n" not in self._heard:
            said = self._hear()
            if not said or len(self._heard) > LONGEST:
                self.close()
                raise smtplib.SMTPServerDisconnected("no whole answer")
            self._heard += said
        line, _end, self._heard = self._heard.partition(b"\n")
        return line

    def _hear(self) -> bytes:
        self._hurry()
        try:
            return self.sock.recv(4096) if self.sock else b""
        except OSError:
            self.close()
            raise

    def _hurry(self) -> None:
        """Let the next step take no longer than what is left. Raises TimeoutError."""
        left = self._until - time.monotonic()
        if left <= 0:
            self.close()
            raise TimeoutError
        if self.sock is not None:
            self.sock.settimeout(left)


class _InTimeTls(_InTime, smtplib.SMTP_SSL):
    """The same, in TLS from the start."""


class Smtp:
    """A mail server by address: smtp:// with STARTTLS where offered, smtps:// from the start."""

    channel = Channel.EMAIL
    capabilities = Capabilities(Crash.NONE, chunk=16, connections=HELD)

    def __init__(self, url: str, sender: str, leave: Leave = nowhere) -> None:
        self.url, self.sender, self.leave = url, sender, leave
        self._idle: deque[_InTime] = deque()
        weakref.finalize(self, _close_all, self._idle)

    def send(self, outgoing: Outgoing) -> Sent:
        try:
            content = bytes_of(outgoing, self.sender, self.leave(outgoing))
        except ValueError:
            return Sent(Outcome.REJECTED, "address", nobody_there=True)
        until = time.monotonic() + calls.TIMEOUT
        kept = self._kept()
        if kept is not None:
            kept.begin(max(0.0, until - time.monotonic()))
            sent = self._talk(kept, outgoing.address, content)
            if sent.outcome is not Outcome.RETRY or _is_about_the_mail(sent.code):
                return sent  # else the server has had enough of this talk, and taken nothing
        try:
            fresh = self._connect(max(0.1, until - time.monotonic()))
        except smtplib.SMTPResponseException as error:
            # a wrong password, a busy server: no message is to blame for that
            return Sent(Outcome.RETRY, f"smtp {error.smtp_code}")
        except (OSError, smtplib.SMTPException) as error:
            return Sent(Outcome.RETRY, type(error).__name__)
        return self._talk(fresh, outgoing.address, content)

    def lookup(self, key: str, address: str, day: date) -> Found:
        """A mail server cannot be asked afterwards."""
        del key, address, day
        return Found.CANNOT_TELL

    def close(self) -> None:
        """Hang up on every connection that is kept."""
        _close_all(self._idle)

    def _talk(self, server: _InTime, address: str, content: bytes) -> Sent:
        """Hand a mail over and keep the connection, unless it broke."""
        handed_over = False
        try:
            code, _answer = server.mail(self.sender)
            if code >= 400:  # our own address is not welcome: no message is to blame for that
                server.close()
                return Sent(Outcome.RETRY, f"smtp {code}")
            code, answer = server.rcpt(address)
            if code >= 400:
                return _refused(server, code, nobody_there=_nobody_there(code, answer))
            handed_over = True
            code, _answer = server.data(content)
        except smtplib.SMTPResponseException as error:
            return _refused(server, error.smtp_code)
        except (OSError, smtplib.SMTPException) as error:
            server.close()
            lost = Outcome.UNKNOWN if handed_over else Outcome.RETRY
            return Sent(lost, type(error).__name__)
        if code != 250:
            return _refused(server, code)
        self._keep(server)
        return Sent(Outcome.ACCEPTED)

    def _kept(self) -> _InTime | None:
        """Return the connection that was used last, if it is fresh enough."""
        with suppress(IndexError):
            while True:
                server = self._idle.pop()
                if time.monotonic() - server.spoken_at < IDLE:
                    return server
                server.close()
        return None

    def _keep(self, server: _InTime) -> None:
        server.spoken_at = time.monotonic()
        if len(self._idle) < HELD:
            self._idle.append(server)
        else:
            server.close()

    def _connect(self, seconds: float) -> _InTime:
        """Connect, secure and sign in; whatever fails in here has sent nothing."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "smtps":
            server: _InTime = _InTimeTls(host, parts.port or 465, timeout=seconds, context=trust())
        else:
            server = _InTime(host, parts.port or 25, timeout=seconds)
        try:
            server.ehlo_or_helo_if_needed()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=trust())
                server.ehlo()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def _refused(server: _InTime, code: int, *, nobody_there: bool = False) -> Sent:
    """4xx may be tried again, 5xx is final; the server's words stay out of the ledger."""
    server.close()
    outcomes = {4: Outcome.RETRY, 5: Outcome.REJECTED}
    outcome = outcomes.get(code // 100, Outcome.UNKNOWN)
    return Sent(outcome, f"smtp {code}", nobody_there=nobody_there)


def _is_about_the_mail(code: str) -> bool:
    """Whether a server said no to a mail: 421 only ends the talk (RFC 5321, 3.8)."""
    return code.startswith("smtp ") and code != "smtp 421"


def _nobody_there(code: int, answer: bytes) -> bool:
    """Whether it is the address that is refused for good: 5.7 is policy (RFC 3463)."""
    return code // 100 == 5 and not answer.startswith(b"5.7.")


def _close_all(idle: deque[_InTime]) -> None:
    with suppress(IndexError):
        while True:
            idle.pop().close()
