"""Whoever asks: the door between Flask-Login and our actors."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, Response, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from accounts import queries
from accounts.passwords.services import is_outdated
from accounts.rules import Actor
from accounts.sessions import services as sessions
from accounts.sessions.rules import worth_noting
from accounts.tries import services as tries
from core import clock
from core.access import login
from core.config import Settings
from core.hosts import network
from core.i18n import _
from core.logs import log
from core.passkeys import Site

CHANGING = frozenset(
    {None, "static", "accounts.account", "accounts.step_up", "accounts.sign_out", "health.healthz"}
)
"""What somebody whose password has run out may still open."""
REFUSED = frozenset({403, 404})


@dataclass(frozen=True, slots=True)
class _Ticket:
    """What Flask-Login writes into the cookie: the secret of a session row, nothing else."""

    secret: str
    is_active: bool = True
    is_authenticated: bool = True

    def get_id(self) -> str:
        return self.secret


def person() -> Actor:
    """Return whoever is signed in; only for views that do not allow everyone."""
    return cast("Actor", current_user._get_current_object())  # noqa: SLF001 - the proxy's own way


def someone() -> Actor | None:
    """Return whoever is signed in, the second factor passed where one is needed, or None."""
    if not current_user.is_authenticated or person().second_factor_due:
        return None
    return person()


def sign_in_person(secret: str, *, forgot: bool = False) -> None:
    """Make this browser hold a session; what an earlier visitor left in the cookie goes.

    `forgot`: a link or code was the way in, for whoever has no password or does not know it.
    """
    session.clear()
    login_user(_Ticket(secret))
    if forgot:
        session["forgot"] = True


def has_forgotten() -> bool:
    """Whether whoever asks came in by a link or code; for the cookie of this one session."""
    return bool(session.get("forgot"))


def hold_new_secret(secret: str) -> None:
    """Make this browser hold the new secret of its session; its open forms stay good."""
    session["_user_id"] = secret


def remembers_again() -> None:
    """Ask for the password from now on: whoever had forgotten it has just set another."""
    session.pop("forgot", None)


def sign_out_person() -> None:
    """Take the session away from this browser."""
    logout_user()
    session.clear()


def passkey_site() -> Site | None:
    """Return where passkeys of this site are good; None when it has none."""
    settings: Settings = current_app.extensions["settings"]
    return Site.at(settings.site_url)


def agent() -> str:
    """Return what the browser calls itself, for the list of one's sessions."""
    return (request.user_agent.string or "")[:120]


def count_search(wanted: str) -> None:
    """Count a search for people, if something is searched for. Raises TooMany."""
    if wanted:
        tries.may_search(person().id or 0)


def address() -> str:
    """Return where the request comes from, as it is counted."""
    return network(request.remote_addr)


@login.user_loader  # type: ignore[untyped-decorator]  # Flask-Login has no types
def _load(secret: str) -> Actor | None:
    return queries.actor_of(secret)


def _keep_up() -> None:
    """Note that a session is in use, and replace its secret when its rights have changed."""
    if request.endpoint in {None, "static"} or not current_user.is_authenticated:
        return
    me = person()
    if me.renewal_due:
        hold_new_secret(sessions.renew(me.session_id))
    if me.seen_at is not None and worth_noting(me.seen_at, clock.now()):
        sessions.note_sight(me)


def _log_refusal(response: Response) -> Response:
    """Say who was refused what, by id and view alone: a missing record and another's look alike."""
    routed = request.endpoint not in {None, "static"}
    if response.status_code in REFUSED and routed and current_user.is_authenticated:
        log.warning(
            "refused", person=person().id, view=request.endpoint, status=response.status_code
        )
    return response


def _ask_for_new_password() -> ResponseReturnValue | None:
    """Lead whoever's password is older than the profile allows to where they change it."""
    allowed = request.endpoint in CHANGING or request.blueprint in {"factors", "passkeys"}
    me = None if allowed else someone()
    if me is None or not is_outdated(me.id or 0):
        return None
    flash(_("密码已经用满 90 天，请先换一个新的"), "warn")
    return redirect(url_for("accounts.account"))


def init_app(app: Flask) -> None:
    """Name the cookie: over TLS browsers bind one that begins with `__Host-` to this host."""
    settings: Settings = app.extensions["settings"]
    app.config.from_mapping(
        SESSION_COOKIE_NAME="__Host-tongxing" if settings.secure else "tongxing",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
    )
    app.before_request(_keep_up)
    app.before_request(_ask_for_new_password)
    app.after_request(_log_refusal)
