"""Signing in on the way: a page that was asked for, or a form that came too late."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from accounts.unsent import services
from accounts.web import person
from core.access import SIGNED_IN, allow, login
from core.forms import carry_out
from core.i18n import _

bp = Blueprint("unsent", __name__)
NEVER_KEPT = frozenset({"accounts", "factors", "passkeys", "unsent"})
"""Rooms whose forms hold passwords and codes."""


@login.unauthorized_handler  # type: ignore[untyped-decorator]  # Flask-Login has no types
def sign_in_first() -> ResponseReturnValue:
    """Lead to sign-in and back; a form that came too late is kept until then."""
    if request.method == "GET":
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    if _keep():
        flash(_("登录已过期。刚才填的内容已为您保留，登录后可以接着提交"), "info")
        return redirect(url_for("accounts.sign_in", next=url_for("unsent.show")))
    return redirect(url_for("accounts.sign_in"))


def _keep() -> bool:
    """Keep what one of our own pages has just sent; another site's form is not kept."""
    if request.blueprint in NEVER_KEPT or request.files:
        return False
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    pairs = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    path = request.script_root + request.full_path.rstrip("?")
    return services.keep(str(session.get("_user_id", "")), path, pairs)


@bp.get("/account/unsent")
@allow(SIGNED_IN)
def show() -> ResponseReturnValue:
    """Offer the form once more: sent from here, it goes where it was meant to go."""
    kept = services.kept_for(person().id)
    if kept is None:
        return redirect(url_for("accounts.home"))
    return render_template("accounts/unsent.html", path=kept[0], pairs=kept[1])


@bp.post("/account/unsent/drop")
@allow(SIGNED_IN)
def drop() -> ResponseReturnValue:
    carry_out(lambda: services.drop(person().id))
    return redirect(url_for("accounts.home"))
