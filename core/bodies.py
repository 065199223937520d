"""How much a request may bring: little everywhere, more only where a file is asked for."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
_most: dict[Callable[..., object], int] = {}


def takes(most: int) -> Callable[[View], View]:
    """State that the view takes up to so many bytes."""

    def mark(view: View) -> View:
        _most[view] = most
        return view

    return mark


def _widen() -> None:
    """Raise the limit of this request, before anything reads what it brings."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view in _most:
        request.max_content_length = _most[view]


def init_app(app: Flask) -> None:
    """Called after access, so that only those who may call a view bring much."""
    app.before_request(_widen)
