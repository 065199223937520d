"""Public pages kept ready: made once, and given to everybody who is nobody in particular.

Whoever brings no session of ours is given the page as it was made before: without a view, a
template or a form, plain or packed, or told that theirs is still good. Each time the database is
asked for the page's version, so that what is changed or withdrawn in one process is so in all of
them at once. What the version leaves out, like the seats that are left, is at most some seconds
old. A page that sets a cookie, or is not there, is never kept.
"""

import gzip
import hashlib
import re
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import Accept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from core import clock
from core.config import Settings
from core.logs import log, new_number

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
Version = Callable[[], Hashable]
Headers = list[tuple[str, str]]
Seen = Callable[[Mapping[str, Any], Mapping[str, Any]], None]
"""What is told of each page that is given out: the address's arguments, and the request."""
_versions: dict[Callable[..., object], Version] = {}
_asked_by: dict[Callable[..., object], frozenset[str]] = {}
_seen: dict[Callable[..., object], Seen] = {}
MAKING = "tongxing.making"
"""In a request that is the shelf's own, which nobody looks at."""
FRESH = "public, max-age=30, stale-while-revalidate=30"
OWN = frozenset(
    {"cache-control", "content-encoding", "content-length", "etag", "vary", "x-request-id"}
)
"""What the shelf says itself of a page it gives out."""
NOTHING: tuple[str, Mapping[str, Any]] = ("", {})
MOST_PAGES = 500
SHORT = re.compile(r"([a-z]{1,12})=[0-9a-z]{1,12}")
"""A query of which pages of their own may be kept: one name and one short value."""
SMALLEST = 500
"""Bytes; what is shorter is not packed."""


def shelved(
    version: Version, *, by: Iterable[str] = (), seen: Seen | None = None
) -> Callable[[View], View]:
    """State that a view shows everybody without a session the same, until the version changes.

    `by` names what of the query it goes by: each value has a page of its own. The view answers a
    value it does not know with anything but a page. `seen` is told of each page that is given
    out, from the shelf or not; it must be quick.
    """

    def mark(view: View) -> View:
        _versions[view] = version
        _asked_by[view] = frozenset(by)
        if seen is not None:
            _seen[view] = seen
        return view

    return mark


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as it was made, with the version it shows and when that was."""

    version: Hashable
    made_at: float
    status: str
    headers: Headers
    plain: bytes
    packed: bytes
    etag: str

    @property
    def may_be_kept(self) -> bool:
        names = {name.lower() for name, _value in self.headers}
        return self.status.startswith("200") and "set-cookie" not in names


@dataclass(slots=True)
class _Place:
    """Where one page lies, in one language, and the lock of whoever makes it anew."""

    making: threading.Lock = field(default_factory=threading.Lock)
    page: _Page | None = None


class _Shelf:
    def __init__(self, app: Flask, inner: Callable[..., Iterable[bytes]], seconds: int) -> None:
        self._app, self._inner, self._seconds = app, inner, seconds
        self._routes = app.url_map.bind("")
        self._places: dict[Hashable, _Place] = {}

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        began = time.perf_counter()
        endpoint, args = self._asked(environ)
        view = self._app.view_functions.get(endpoint)
        of = _versions.get(view) if view else None
        if of is None:
            return self._inner(environ, start)
        try:
            with self._app.app_context():
                version = (clock.today(), of())
        except SQLAlchemyError:  # the site's own way says so to the visitor
            return self._inner(environ, start)
        page = self._page(environ, version)
        if not page.may_be_kept:
            start(page.status, page.headers)
            return [page.plain]
        if told := _seen.get(cast("Any", view)):
            with self._app.app_context():
                told(args, environ)
        return self._give(page, environ, start, (endpoint, began))

    def _asked(self, environ: dict[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Return the view that is asked for by somebody without a session, and nothing more."""
        session = self._app.config["SESSION_COOKIE_NAME"] + "="
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or session in environ.get(
            "HTTP_COOKIE", ""
        ):
            return NOTHING
        try:
            endpoint, args = self._routes.match(environ["PATH_INFO"], method="GET")
        except HTTPException:
            return NOTHING
        query = environ.get("QUERY_STRING", "")
        return NOTHING if query and not self._goes_by(endpoint, query) else (endpoint, args)

    def _goes_by(self, endpoint: str, query: str) -> bool:
        found, view = SHORT.fullmatch(query), self._app.view_functions[endpoint]
        return found is not None and found[1] in _asked_by.get(view, ())

    def _page(self, environ: dict[str, Any], version: Hashable) -> _Page:
        """Return the page of that version, made now unless it is there.

        Where only its seconds have passed one makes it anew, and the others get it as it is.
        """
        place = self._place(environ)
        old = place.page if place.page and place.page.version == version else None
        if old and (self._fresh(old) or place.making.locked()):
            return old
        with place.making:
            page = place.page
            if page is None or page.version != version or not self._fresh(page):
                page = self._made(environ, version)
                place.page = page if page.may_be_kept else None
        return page

    def _place(self, environ: dict[str, Any]) -> _Place:
        names = ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
        key = tuple(environ.get(name, "") for name in names)
        if key not in self._places and len(self._places) >= MOST_PAGES:
            self._places.clear()
        return self._places.setdefault(key, _Place())

    def _fresh(self, page: _Page) -> bool:
        return time.monotonic() - page.made_at < self._seconds

    def _made(self, environ: dict[str, Any], version: Hashable) -> _Page:
        told: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, _error: object = None) -> None:
            told.append((status, headers))

        asked = {name: value for name, value in environ.items() if name != "HTTP_COOKIE"}
        made_at = time.monotonic()
        answer = self._inner(asked | {"REQUEST_METHOD": "GET", MAKING: True}, start)
        with closing(cast("Any", answer)):
            plain = b"".join(answer)
        packed = gzip.compress(plain, mtime=0) if len(plain) >= SMALLEST else b""
        etag = f'"{hashlib.sha256(plain).hexdigest()[:24]}"'
        return _Page(version, made_at, *told[-1], plain, packed, etag)

    def _give(
        self, page: _Page, environ: dict[str, Any], start: Any, told: tuple[str | None, float]
    ) -> Iterable[bytes]:
        number, body, status = new_number(), page.plain, page.status
        headers = [one for one in page.headers if one[0].lower() not in OWN]
        headers += [("Cache-Control", FRESH), ("Vary", "Cookie, Accept-Encoding")]
        headers += [("ETag", f"W/{page.etag}"), ("X-Request-ID", number)]
        if page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            status, body = "304 NOT MODIFIED", b""
            headers = [one for one in headers if one[0].lower() != "content-type"]
        else:
            if page.packed and _unpacks(environ):
                body = page.packed
                headers.append(("Content-Encoding", "gzip"))
            headers.append(("Content-Length", str(len(body))))
        method, (view, began) = environ["REQUEST_METHOD"], told
        ms = round((time.perf_counter() - began) * 1000, 1)
        log.info(
            "answered", view=view, method=method, status=int(status[:3]), ms=ms, request=number
        )
        start(status, headers)
        return [b"" if method == "HEAD" else body]


def _unpacks(environ: dict[str, Any]) -> bool:
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"), Accept)
    return bool(accepted["gzip"] > 0)


def _tell(answer: Response) -> Response:
    """Tell of a page that did not come from the shelf."""
    view = current_app.view_functions.get(request.endpoint or "")
    told = _seen.get(view) if view else None
    if told and answer.status_code == HTTPStatus.OK and MAKING not in request.environ:
        told(request.view_args or {}, request.environ)
    return answer


def init_app(app: Flask) -> None:
    """Called before core.i18n, whose prefix then says which language the page is to be in."""
    settings: Settings = app.extensions["settings"]
    app.after_request(_tell)
    if settings.page_seconds:
        app.wsgi_app = _Shelf(app, app.wsgi_app, settings.page_seconds)  # type: ignore[method-assign,assignment]  # as Flask documents
