"""The door to Flask-Babel, which has no types of its own, and the languages of the site.

Chinese is served as it is, English below `/en`: the prefix becomes SCRIPT_NAME, so that every
address the site makes keeps the reader's language without a cookie.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, cast
from urllib.parse import quote

import flask_babel
from flask import Flask, has_request_context, request

LANGUAGES = {"zh_Hans": "中文", "en": "English"}
ENGLISH_PREFIX = "/en"

lazy_gettext = flask_babel.lazy_gettext


def _(text: str, **values: object) -> str:
    """Return the text in the reader's language."""
    return cast("str", flask_babel.gettext(text, **values))


def lazy(text: str) -> str:
    """Return a text that finds its language when it is shown: for forms and constants."""
    return cast("str", flask_babel.lazy_gettext(text))


def locale() -> str:
    """Return the language of this page or message: zh_Hans or en."""
    return "en" if str(flask_babel.get_locale()) == "en" else "zh_Hans"


def in_english() -> bool:
    return locale() == "en"


def language_links() -> list[tuple[str, str, str, bool]]:
    """Return code, name, address and "is this one" of the page in each language."""
    # quoted, and with a single slash in front: else the address of a page that does not exist
    # could lead to another site
    here = "/" + quote(request.path.lstrip("/"))
    if request.query_string:
        here += "?" + request.query_string.decode("latin-1")
    prefixes = {"zh_Hans": "", "en": ENGLISH_PREFIX}
    return [
        (code, name, prefixes[code] + here, code == locale()) for code, name in LANGUAGES.items()
    ]


def _of_request() -> str:
    asked = has_request_context() and request.script_root.endswith(ENGLISH_PREFIX)
    return "en" if asked else "zh_Hans"


class _LanguagePrefix:
    """Take `/en` off the path and put it into SCRIPT_NAME."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == ENGLISH_PREFIX or path.startswith(ENGLISH_PREFIX + "/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + ENGLISH_PREFIX
            environ["PATH_INFO"] = path[len(ENGLISH_PREFIX) :] or "/"
        return self._app(environ, start)


def init_app(app: Flask) -> None:
    app.config.from_mapping(
        BABEL_DEFAULT_LOCALE="zh_Hans",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        SESSION_COOKIE_PATH="/",
    )
    flask_babel.Babel(app, locale_selector=_of_request)
    app.wsgi_app = _LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign,assignment]  # as Flask documents
    app.jinja_env.globals.update(get_locale=flask_babel.get_locale)


def speaking(language: str) -> AbstractContextManager[None]:
    """Speak a language in the block, whatever the reader's is: for files in both."""
    return cast("AbstractContextManager[None]", flask_babel.force_locale(language))
