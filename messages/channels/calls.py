"""One question to a vendor over HTTP, and what is known of it when no answer comes.

The whole exchange ends in time, however slowly the other side speaks. Before the request has left
nothing has been sent; from then on a missing answer tells nothing. Redirects are never followed.
"""

import http.client
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from messages.channels.rules import Sent
from messages.rules import Outcome

TIMEOUT = 15.0
"""Seconds for a whole exchange, the fetching of a token included: under a third of the lease."""
LARGEST = 256 * 1024
CODE = re.compile(r"[\w.:^-]{1,60}", re.ASCII)


class NotReached(Exception):
    """Nothing has left: the address is unknown, refuses, or shows no certificate we trust."""


class NoAnswer(Exception):
    """The request has left, and no whole answer came."""


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """A request to a vendor."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor said."""

    status: int
    body: bytes

    @property
    def told(self) -> dict[str, Any] | None:
        """Return the JSON object in it, None when there is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


@cache
def trust() -> ssl.SSLContext:
    """Return whom we trust: reading every root certificate takes longer than sending a mail."""
    return ssl.create_default_context()


def deadline() -> float:
    """Return the monotonic moment at which an exchange that begins now has to be over."""
    return time.monotonic() + TIMEOUT


def ask(call: Call, until: float) -> Answer:
    """Send a request and return the answer. Raises NotReached, NoAnswer."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise NotReached("out of time")
    line = _line(call.url, seconds)
    with _cut_after(line, seconds) as late:
        try:
            line.connect()
        except (OSError, ValueError) as error:
            raise NotReached(type(error).__name__) from error
        try:
            return _answered(line, call, late)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(type(error).__name__) from error


def _line(url: str, seconds: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=trust())
    return http.client.HTTPConnection(host, parts.port, timeout=seconds)


@contextmanager
def _cut_after(line: http.client.HTTPConnection, seconds: float) -> Iterator[threading.Event]:
    """Cut the line in time: a socket's own limit starts anew with every byte."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        if line.sock is not None:
            with suppress(OSError):  # it has just closed by itself
                socket.socket.shutdown(line.sock, socket.SHUT_RDWR)

    limit = threading.Timer(seconds, cut)
    limit.daemon = True
    limit.start()
    try:
        yield late
    finally:
        limit.cancel()
        line.close()


def _answered(line: http.client.HTTPConnection, call: Call, late: threading.Event) -> Answer:
    parts = urlsplit(call.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line.request(call.method, target, body=call.body or None, headers=dict(call.headers))
    response = line.getresponse()
    body = response.read(LARGEST + 1)
    if late.is_set() or len(body) > LARGEST:
        raise NoAnswer("no whole answer")
    return Answer(response.status, body)


def settle(call: Call, until: float, judge: Callable[[dict[str, Any]], Sent | None]) -> Sent:
    """Send a message's request and return what became of it.

    `judge` reads an answer whose shape the vendor's documentation gives, None when it has another.
    A server that failed on its side may have sent the message before: nobody can tell.
    """
    try:
        answer = ask(call, until)
    except NotReached as error:
        return Sent(Outcome.RETRY, str(error))
    except NoAnswer as error:
        return Sent(Outcome.UNKNOWN, str(error))
    if answer.status >= 500:
        return Sent(Outcome.UNKNOWN, f"http {answer.status}")
    judged = judge(answer.told) if answer.told is not None else None
    if judged is not None:
        return judged
    refused = answer.status >= 300
    return Sent(Outcome.RETRY if refused else Outcome.UNKNOWN, f"http {answer.status}")


def code_of(said: object) -> str:
    """Return a vendor's code as the ledger keeps it; its words stay out of there."""
    text = str(said)
    return text if CODE.fullmatch(text) else "unreadable code"
