"""Access tokens of vendors: kept in memory until shortly before they end."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from messages.channels.calls import Call, NoAnswer, NotReached, ask, code_of, settle
from messages.channels.rules import Sent
from messages.rules import Outcome

EARLY = 300.0
"""Seconds before its end from which a token counts as over."""
STALE = frozenset({"40001", "40014", "42001"})
"""How both vendors of this kind refuse a token that is not theirs or is over."""


class NoToken(Exception):
    """No token could be had: no message has been handed over. The text is a code."""


@dataclass(slots=True, repr=False)
class Tokens:
    """The token of one account, fetched by `call` when there is none."""

    call: Call
    _token: str = ""
    _ends: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def token(self, until: float) -> str:
        """Return a token. Raises NoToken."""
        with self._lock:
            if time.monotonic() >= self._ends:
                self._fetch(until)
            return self._token

    def forget(self, token: str) -> None:
        """Fetch a new one next time, unless somebody else has done so already."""
        with self._lock:
            if self._token == token:
                self._ends = 0.0

    def _fetch(self, until: float) -> None:
        try:
            told = ask(self.call, until).told or {}
        except (NotReached, NoAnswer) as error:
            raise NoToken(f"token {error}") from error
        token, lasts = told.get("access_token"), told.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lasts, int):
            raise NoToken(f"token {code_of(told.get('errcode', 'missing'))}")
        self._token, self._ends = token, time.monotonic() + max(0.0, lasts - EARLY)


def settle_with(
    tokens: Tokens,
    until: float,
    call: Callable[[str], Call],
    judge: Callable[[dict[str, Any]], Sent | None],
) -> Sent:
    """Send with a token; one that is refused is fetched anew once, since nothing was sent."""
    sent = Sent(Outcome.RETRY, "token")
    for _turn in range(2):
        try:
            token = tokens.token(until)
        except NoToken as error:
            return Sent(Outcome.RETRY, str(error))
        sent = settle(call(token), until, judge)
        if sent.outcome is not Outcome.RETRY or sent.code not in STALE:
            return sent
        tokens.forget(token)
    return sent
