"""Pages that stand by themselves: help, children's privacy, what this is, accessibility."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from core.access import EVERYONE, allow

bp = Blueprint("pages", __name__)

PRIVACY_VERSION = "2026-11"


@bp.get("/help", endpoint="help")
@allow(EVERYONE)
def show_help() -> ResponseReturnValue:
    return render_template("pages/help.html")


@bp.get("/privacy")
@allow(EVERYONE)
def privacy() -> ResponseReturnValue:
    return render_template("pages/privacy.html", version=PRIVACY_VERSION)


@bp.get("/about")
@allow(EVERYONE)
def about() -> ResponseReturnValue:
    return render_template("pages/about.html")


@bp.get("/accessibility")
@allow(EVERYONE)
def accessibility() -> ResponseReturnValue:
    return render_template("pages/accessibility.html")
