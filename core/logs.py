"""Logs as JSON lines: ids and names of views, never what people typed, never an address."""

import logging
import secrets
import sys
import time
import traceback
from types import TracebackType

import structlog
from flask import Flask, Response, g, request

QUOTABLE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
log = structlog.get_logger("tongxing")


class _Libraries(logging.Handler):
    """What libraries say: which one and its own words, never what it was about to put into them."""

    def emit(self, record: logging.LogRecord) -> None:
        tell = log.error if record.levelno >= logging.ERROR else log.warning
        kind = record.exc_info[0] if record.exc_info else None
        tell("library", of=record.name, said=str(record.msg), error=kind.__name__ if kind else "")


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


ErrorNow = tuple[type, BaseException, TracebackType] | tuple[None, None, None]


def _failed(error: ErrorNow) -> None:
    """Log what went wrong by its kind and place: messages of errors quote what people typed."""
    kind, cause, trace = error
    steps = [f"{step.filename}:{step.lineno} {step.name}" for step in traceback.extract_tb(trace)]
    first = cause
    while first is not None and (first.__cause__ or first.__context__) is not None:
        first = first.__cause__ or first.__context__
    log.error(
        "failed",
        view=request.endpoint,
        error=kind.__name__ if kind else "",
        because=type(first).__name__,
        at=steps[-8:],
    )


def init_app(app: Flask, level: str) -> None:
    configure(level)
    app.log_exception = _failed  # type: ignore[assignment,method-assign]  # Flask's writes addresses
    app.before_request(_begin)
    app.after_request(_end)
