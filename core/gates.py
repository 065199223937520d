"""Ways in: as many at once as passwords may be checked, and nobody else costs the site anything.

Whoever sends a sign-in while there is no room is answered before the session, the database and
the templates are touched: a flood of sign-ins must leave the processor to everybody's pages.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Flask, g
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from core import passwords, problems
from core.headers import always
from core.logs import log, new_number

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
_behind: set[Callable[..., object]] = set()
FULL = "503 Service Unavailable"
KIND = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}


def behind_gate(view: View) -> View:
    """State that whoever sends the view a form passes the gate of the passwords first."""
    _behind.add(view)
    return view


class _Gate:
    """Let in as many sign-ins as there is room for; give the others a page made before."""

    def __init__(self, app: Flask, inner: Callable[..., Iterable[bytes]]) -> None:
        self._app, self._inner = app, inner
        self._routes = app.url_map.bind("")
        self._pages: dict[str, bytes] = {}
        self._number, self._turned_away = new_number(), 0

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or not self._leads_in(environ["PATH_INFO"]):
            return self._inner(environ, start)
        try:
            with passwords.gate():
                self._tell()
                return self._inner(environ, start)
        except passwords.Busy as busy:
            self._turned_away += 1
            return self._turn_away(environ["SCRIPT_NAME"], start, busy.seconds)

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
