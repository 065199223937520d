"""Logs as JSON lines: ids and names of views, never what people typed, never an address."""

import logging
import re
import secrets
import sys
import time
from pathlib import Path
from traceback import extract_tb
from types import TracebackType

import structlog
from flask import Flask, Response, g, request

Failure = tuple[type[BaseException], BaseException, TracebackType | None]
ROOT = Path(__file__).parent.parent
OURS = re.compile(re.escape(f"{ROOT}/") + r"(?!\.venv/).*")
"""Files of our own: where in a library something failed follows from where we called it."""
QUOTABLE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
log = structlog.get_logger("tongxing")


def configure(level: str) -> None:
    """Write lines of at least that level to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def request_id() -> str:
    """Return the number people can quote when they ask for help with this page."""
    if "request_id" not in g:
        g.request_id = "".join(secrets.choice(QUOTABLE) for _turn in range(8))
    return str(g.request_id)


def _begin() -> None:
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=request_id())


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id()
    if request.endpoint != "static":
        spent = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
        log.info(
            "answered",
            view=request.endpoint,
            method=request.method,
            status=response.status_code,
            ms=spent,
        )
    return response


def _failed(failure: Failure | tuple[None, None, None]) -> None:
    """Note what failed and where, in place of Flask's own line.

    That one holds the address, which may be a guardian's link, and the error's own words, among
    which a database quotes what somebody typed.
    """
    _kind, error, trace = failure
    kinds = []
    while error is not None:
        kinds.append(type(error).__name__)
        error = error.__cause__
    ours = [one for one in extract_tb(trace) if OURS.fullmatch(one.filename)]
    places = [f"{Path(one.filename).relative_to(ROOT)}:{one.lineno}" for one in ours]
    log.error("failed", view=request.endpoint, method=request.method, error=kinds, at=places)


def init_app(app: Flask, level: str) -> None:
    configure(level)
    app.log_exception = _failed  # type: ignore[method-assign, assignment]  # Flask's place for it
    app.before_request(_begin)
    app.after_request(_end)
