"""What a page says when something does not work: in the site's own look, with what to do next."""

import math
from collections.abc import Callable
from datetime import timedelta

from flask import Flask, g, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError, NotFound

from core import crypto, keychecks, limits, passwords, pictures, vault
from core.errors import NotYours, RuleBroken
from core.logs import log
from core.writers import WriterBusy


def _explain(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error.get_response()
    return _problem(error.code or 500)


def _problem(code: int, reasons: tuple[str, ...] = ()) -> ResponseReturnValue:
    g.plain_frame = code >= 500  # what failed may be the database: the frame must not ask it
    return render_template("problem.html", code=code, reasons=reasons), code


def later(code: int, seconds: int) -> tuple[str, int, dict[str, str]]:
    """Say in how many seconds to come again: to people in words, to programs in a header."""
    wait = timedelta(minutes=math.ceil(seconds / 60))
    page = render_template("problem.html", code=code, wait=wait)
    return page, code, {"Retry-After": str(seconds)}


def _sealed_shut(error: Exception) -> ResponseReturnValue:
    """What is sealed does not open: say that something is wrong, never what or how."""
    log.error("sealed_shut", error=type(error).__name__, detail=str(error))
    return _problem(503)


def init_app(app: Flask, *, kept: Callable[[], bool]) -> None:
    """Answer every error; `kept` keeps a denial and says whether it could.

    A denial is kept before it is told; one that cannot be kept is told as nothing (503).
    """

    def denied(error: HTTPException) -> ResponseReturnValue:
        return _explain(error) if kept() else _problem(503)

    app.register_error_handler(NotYours, lambda _refusal: denied(NotFound()))
    app.register_error_handler(Forbidden, denied)
    for sealed in (crypto.Unreadable, crypto.KeyMissing, vault.VaultMissing, keychecks.WrongKey):
        app.register_error_handler(sealed, _sealed_shut)
    app.register_error_handler(RuleBroken, lambda refusal: _problem(409, refusal.reasons))
    app.register_error_handler(pictures.Busy, lambda busy: _problem(503, busy.reasons))
    app.register_error_handler(WriterBusy, lambda _busy: _problem(503))
    app.register_error_handler(limits.TooMany, lambda full: later(429, full.seconds))
    app.register_error_handler(passwords.Busy, lambda busy: later(503, busy.seconds))
    app.register_error_handler(CSRFError, lambda _error: _problem(400))
    app.register_error_handler(HTTPException, _explain)
    app.register_error_handler(InternalServerError, _explain)
