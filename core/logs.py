"""Logs as JSON lines: ids and names of views, never what people typed, never an address."""

import logging
import secrets
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TextIO, TypeAlias

import structlog
from flask import Flask, Response, g, request

FRAMES = 12
Raised: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)
QUOTABLE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
log = structlog.get_logger("tongxing")


class _Libraries(logging.Handler):
    """What libraries say: which one and its own words, never what it was about to put into them."""

    def emit(self, record: logging.LogRecord) -> None:
        tell = log.error if record.levelno >= logging.ERROR else log.warning
        kind = record.exc_info[0] if record.exc_info else None
        tell("library", of=record.name, said=str(record.msg), error=kind.__name__ if kind else "")


def _writing_to(stream: TextIO) -> Callable[..., structlog.WriteLogger]:
    """Write there; should it be closed meanwhile, to what is standard error then."""
    return lambda *_asked: structlog.WriteLogger(sys.stderr if stream.closed else stream)


def configure(level: str) -> None:
    """Write lines of at least that level to standard error."""
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, _Libraries)]
    root.addHandler(_Libraries(logging.WARNING))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=_writing_to(sys.stderr),
        cache_logger_on_first_use=False,
    )


def request_id() -> str:
    """Return the number people can quote when they ask for help with this page."""
    if "request_id" not in g:
        g.request_id = new_number()
    return str(g.request_id)


def new_number() -> str:
    """Return a number that people can read out."""
    return "".join(secrets.choice(QUOTABLE) for _turn in range(8))


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


def _failed(raised: Raised) -> None:
    """Log where it went wrong, and nothing of what it says.

    Flask would write the address, which may hold the secret of a link, and the error's own words:
    a database quotes what was to be stored.
    """
    kind, error, trace = raised
    causes = [type(one).__name__ for one in (getattr(error, "__cause__", None),) if one]
    places = traceback.extract_tb(trace)
    # deep inside a library the last places are all its own: where we called it is what helps
    ours = [one for one in places if "site-packages" not in one.filename]
    at = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in ours or places]
    log.error(
        "failed",
        view=request.endpoint,
        error=getattr(kind, "__name__", ""),
        causes=causes,
        at=at[-FRAMES:],
    )


def init_app(app: Flask, level: str) -> None:
    configure(level)
    app.log_exception = _failed  # type: ignore[method-assign, assignment]  # Flask's documented way to log otherwise
    app.before_request(_begin)
    app.after_request(_end)
