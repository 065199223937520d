"""Static files by their content: browsers keep them for a year, and texts travel packed.

The site's style sheets go out as one, `site.css`: on a slow network each request costs more than
what is in it. They are joined, made lean and packed once a version, in memory; nothing has to be
built.
"""

import gzip
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

JOINED = "site.css"
SHEETS = (
    "app.css", "css/base.css", "css/frame.css", "css/header.css", "css/layout.css",
    "css/buttons.css", "css/components.css", "css/data.css", "css/sequences.css", "css/public.css",
    "css/forms.css", "css/pictures.css",
)  # fmt: skip
"""In the order of the cascade: app.css names its layers."""
TEXTS = ("text/", "image/svg", "application/javascript", "application/json")

IDLE = re.compile(r"""("[^"]*"|'[^']*')|/\*.*?\*/|\s*([{};,])\s*|\s+""", re.DOTALL)
"""What a style sheet can do without: comments and white space; a text in quotes stays as it is."""


def lean(sheet: str) -> str:
    """Return a style sheet that says the same in fewer signs."""
    return IDLE.sub(_kept, sheet).strip()


def _kept(found: re.Match[str]) -> str:
    return found[1] or found[2] or ("" if found[0].startswith("/*") else " ")


def _folder() -> Path:
    return Path(current_app.root_path, "static")


def _read(filename: str) -> bytes:
    if filename == JOINED:
        return _joined(_stamp(JOINED))
    return (_folder() / filename).read_bytes()


@lru_cache(maxsize=2)
def _joined(_changed: tuple[int, ...]) -> bytes:
    sheets = (_folder() / name for name in SHEETS)
    return lean("\n".join(sheet.read_text("utf-8") for sheet in sheets)).encode()


def _stamp(filename: str) -> tuple[int, ...]:
    """Return when a file, or any that are joined in it, was changed; empty for none."""
    paths = [_folder() / name for name in (SHEETS if filename == JOINED else (filename,))]
    if not all(path.is_file() for path in paths):
        return ()
    return tuple(path.stat().st_mtime_ns for path in paths)


@lru_cache(maxsize=200)
def _version(filename: str, _changed: tuple[int, ...]) -> str:
    return hashlib.sha256(_read(filename)).hexdigest()[:10]


@lru_cache(maxsize=200)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def _with_version(endpoint: str, values: dict[str, Any]) -> None:
    """Name a static file together with its content, so that browsers may keep it for a year."""
    if endpoint != "static" or "filename" not in values:
        return
    changed = _stamp(values["filename"])
    if changed:
        values["v"] = _version(values["filename"], changed)


def _serve(filename: str) -> Response:
    """Return a static file, a text packed for browsers that unpack it: all of them do."""
    if filename == JOINED:
        answer = Response(_read(JOINED), mimetype="text/css")
    else:
        answer = current_app.send_static_file(filename)
        if not (answer.mimetype or "").startswith(TEXTS) or answer.status_code != 200:
            return answer
        answer.direct_passthrough = False
    body = answer.get_data()
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        answer.set_data(_packed(body))
        answer.content_encoding = "gzip"
    answer.add_etag(overwrite=True)
    return answer.make_conditional(request)  # type: ignore[return-value]  # the same response


def init_app(app: Flask) -> None:
    app.url_defaults(_with_version)
    app.view_functions["static"] = _serve
