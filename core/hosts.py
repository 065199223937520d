"""Which names the site answers to and what it calls itself, and where somebody calls from.

Links in mails, calendars and codes are made of the configured address only; a request under
another name gets a plain page before anything of the site has looked at it.
"""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, url_for

from core.config import Settings
from core.headers import ALWAYS

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Names by which a machine calls itself: health checks, and a proxy in front, use them."""
REFUSED = "400 Bad Request"


def names_of(settings: Settings) -> frozenset[str]:
    """Return the host names that belong to a site."""
    own = {bare(urlsplit(settings.site_url).netloc), *(bare(name) for name in settings.hosts)}
    return frozenset(own) | (LOOPBACK if _is_loopback(settings.host) else frozenset())


def bare(netloc: str) -> str:
    """Return a host without its port, in small letters; an IPv6 address keeps its brackets."""
    host = netloc.rpartition("@")[2].lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def absolute(endpoint: str, **values: object) -> str:
    """Return the whole address of a page under the configured name, in the reader's language."""
    settings: Settings = current_app.extensions["settings"]
    return settings.site_url + url_for(endpoint, **values)  # type: ignore[arg-type]  # of a route


class _OwnNames:
    """Refuse requests for other names, and names that are none."""

    def __init__(self, app: Flask, inner: Callable[..., Iterable[bytes]]) -> None:
        self._app, self._inner = app, inner
        self._names = names_of(app.extensions["settings"])

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        given = str(environ.get("HTTP_HOST", ""))
        if "@" not in given and bare(given) in self._names:
            return self._inner(environ, start)
        with self._app.app_context():
            page = self._app.jinja_env.get_template("misdirected.html").render().encode()
        kept = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(page))}
        start(REFUSED, list((ALWAYS | kept | {"Cache-Control": "no-store"}).items()))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else page]


def init_app(app: Flask) -> None:
    app.wsgi_app = _OwnNames(app, app.wsgi_app)  # type: ignore[method-assign,assignment]  # as Flask documents


def network(address: str | None) -> str:
    """Return what is counted of a caller's address: of IPv6 the /64 that one household gets."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address):
        mapped = known.ipv4_mapped
        return str(mapped or ipaddress.ip_network((known, 64), strict=False))
    return str(known)
