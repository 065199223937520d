"""Ways in: as many at once as passwords may be checked, and nobody else costs the site anything.

Whoever sends a sign-in while there is no room is answered before the session, the database and
the templates are touched: a flood of sign-ins must leave the processor to everybody's pages.
An address that comes again and again instead of waiting is kept out for some seconds, so that the
gate is free for others; its tries at the door do not count, and waiting always ends it.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Flask, g
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from core import clock, passwords, problems
from core.headers import always
from core.hosts import network
from core.logs import log, new_number

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
_behind: set[Callable[..., object]] = set()
FULL = "503 Service Unavailable"
IMPATIENT = 20
"""Times an address is turned away within the seconds that it was asked to wait: no campus does."""
MOST_ADDRESSES = 10_000
KIND = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}


def behind_gate(view: View) -> View:
    """State that whoever sends the view a form passes the gate of the passwords first."""
    _behind.add(view)
    return view


class Impatient:
    """Which addresses were turned away too often within the last seconds, in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seen: dict[str, tuple[float, int]] = {}

    def note(self, address: str) -> None:
        """Count that an address was turned away."""
        now = clock.wall().timestamp()
        with self._lock:
            began, many = self.seen.get(address, (now, 0))
            if not _lately(began, now):
                began, many = now, 0
            if many == 0 and len(self.seen) >= MOST_ADDRESSES:
                self.seen.clear()
            self.seen[address] = began, many + 1

    def holds(self, address: str) -> bool:
        began, many = self.seen.get(address, (0.0, 0))
        return many >= IMPATIENT and _lately(began, clock.wall().timestamp())


def _lately(began: float, now: float) -> bool:
    """Whether the seconds of waiting still run; a clock that is set back ends them."""
    return 0 <= now - began < passwords.AGAIN_SECONDS


class _Gate:
    """Let in as many sign-ins as there is room for; give the others a page made before."""

    def __init__(self, app: Flask, inner: Callable[..., Iterable[bytes]]) -> None:
        self._app, self._inner = app, inner
        self._routes = app.url_map.bind("")
        self._pages: dict[str, bytes] = {}
        self._number, self._turned_away = new_number(), 0
        self._impatient = Impatient()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or not self._leads_in(environ["PATH_INFO"]):
            return self._inner(environ, start)
        address = network(environ.get("REMOTE_ADDR"))
        try:
            with self._place_for(address):
                self._tell()
                return self._inner(environ, start)
        except passwords.Busy as busy:
            self._impatient.note(address)
            self._turned_away += 1
            return self._turn_away(environ["SCRIPT_NAME"], start, busy.seconds)

    @contextmanager
    def _place_for(self, address: str) -> Iterator[None]:
        if self._impatient.holds(address):
            raise passwords.Busy
        with passwords.gate():
            yield

    def _leads_in(self, path: str) -> bool:
        try:
            endpoint, _values = self._routes.match(path, method="POST")
        except HTTPException:
            return False
        return self._app.view_functions[endpoint] in _behind

    def _turn_away(self, root: str, start: Any, seconds: int) -> Iterable[bytes]:
        if root not in self._pages:
            self._pages[root] = self._made(root, seconds)
        page = self._pages[root]
        told = {"Retry-After": str(seconds), "X-Request-ID": self._number}
        told["Content-Length"] = str(len(page))
        start(FULL, list((always(self._app) | KIND | told).items()))
        return [page]

    def _made(self, root: str, seconds: int) -> bytes:
        """Return the page in the language that goes with the root of its addresses."""
        with self._app.test_request_context("/sign-in", environ_overrides={"SCRIPT_NAME": root}):
            g.request_id = self._number
            page, _code, _headers = problems.later(503, seconds)
        return page.encode()

    def _tell(self) -> None:
        """Log how many were turned away since somebody came in, with the number on their page."""
        if self._turned_away:
            log.info("turned_away", many=self._turned_away, request=self._number)
            self._turned_away = 0


def init_app(app: Flask) -> None:
    """Called before core.i18n, whose prefix then says which language the page is to be in."""
    app.wsgi_app = _Gate(app, app.wsgi_app)  # type: ignore[method-assign,assignment]  # as Flask documents
