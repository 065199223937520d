"""Who may call a view. A view that does not say so answers nobody, and stops the start."""

from collections.abc import Callable
from typing import Protocol, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from werkzeug.exceptions import HTTPException

from core.i18n import ENGLISH_PREFIX

EVERYONE = "everyone"
SIGNED_IN = "signed in"

login = LoginManager()
login.login_view = "accounts.sign_in"
login.login_message = None


class Someone(Protocol):
    """What this module asks of whoever is signed in."""

    @property
    def roles(self) -> frozenset[str]: ...

    @property
    def stepped_up(self) -> bool: ...

    @property
    def second_factor_due(self) -> bool: ...


View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
_audiences: dict[Callable[..., object], frozenset[str]] = {}
_stepping_up: set[Callable[..., object]] = set()
_before_factor: set[Callable[..., object]] = set()


def allow(
    *audiences: str, step_up: bool = False, before_factor: bool = False
) -> Callable[[View], View]:
    """State who may call the view: EVERYONE, SIGNED_IN, or roles.

    With `step_up` only somebody who has proved who they are within the last minutes; whoever has
    not is asked for it first and comes back. `before_factor` opens it to a session that has yet
    to pass the second factor, which nothing else but a public page answers.
    """

    def mark(view: View) -> View:
        _audiences[view] = frozenset(str(audience) for audience in audiences)
        if step_up:
            _stepping_up.add(view)
        if before_factor:
            _before_factor.add(view)
        return view

    return mark


def audiences_of(endpoint: str) -> frozenset[str]:
    """Return who may call the endpoint: nobody, when its view does not say."""
    return _audiences.get(current_app.view_functions[endpoint], frozenset())


def may(endpoint: str) -> bool:
    """Whether whoever asks now may call the endpoint."""
    allowed = audiences_of(endpoint)
    if EVERYONE in allowed:
        return True
    if not current_user.is_authenticated:
        return False
    if cast("Someone", current_user).second_factor_due:
        return current_app.view_functions[endpoint] in _before_factor
    return SIGNED_IN in allowed or bool(cast("Someone", current_user).roles & allowed)


def own_page(target: str | None) -> str | None:
    """Return the address if it is a page of this site, as a path; else None.

    Only what our own routes answer to a GET: another host, a scheme or a backslash matches none.
    """
    if not target or not target.startswith("/") or "\\" in target:
        return None
    path = urlsplit(target).path
    inner = path.removeprefix(ENGLISH_PREFIX) if path.startswith(ENGLISH_PREFIX + "/") else path
    try:
        current_app.url_map.bind("").match(inner, method="GET")
    except HTTPException:
        return None
    return target if not target.startswith("//") else None


def is_signed_in() -> bool:
    return bool(current_user.is_authenticated)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    if may(request.endpoint):
        return _asked_to_step_up(request.endpoint)
    if not audiences_of(request.endpoint):
        abort(404)
    if not current_user.is_authenticated:
        return cast("ResponseReturnValue", login.unauthorized())
    if cast("Someone", current_user).second_factor_due:
        return redirect(url_for("factors.due", next=_here()))
    return abort(403)


def _asked_to_step_up(endpoint: str) -> ResponseReturnValue | None:
    """Lead whoever has not lately proved who they are to where they can, and back."""
    if current_app.view_functions[endpoint] not in _stepping_up:
        return None
    if cast("Someone", current_user).stepped_up:
        return None
    if request.method == "GET":
        return redirect(url_for("accounts.step_up", next=_here()))
    return redirect(url_for("accounts.step_up", next=_page_before(), unsent=1))


def _here() -> str | None:
    """Return the address of this page, to come back to; nobody comes back to a sent form."""
    return request.full_path.rstrip("?") if request.method == "GET" else None


def _page_before() -> str | None:
    """Return the page of ours that a form was sent from, as far as the browser tells it."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host:
        return None
    return own_page(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


def refuse_silent_views(app: Flask) -> None:
    """Raise when a view does not say who may call it: called last, at the start."""
    with app.app_context():
        silent = sorted(
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if rule.endpoint != "static" and not audiences_of(rule.endpoint)
        )
    if silent:
        raise RuntimeError(f"views without an audience: {', '.join(silent)}")


def init_app(app: Flask) -> None:
    login.init_app(app)
    app.before_request(_check)
