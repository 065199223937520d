"""Pages that stand by themselves: help, children's privacy, what this is, accessibility."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from core.access import EVERYONE, allow
from core.shelf import shelved

bp = Blueprint("pages", __name__)

PRIVACY_VERSION = "2026-11"


def as_written() -> str:
    """Return the version of pages that say what their templates say, whatever is in the rows."""
    return PRIVACY_VERSION


@bp.get("/help", endpoint="help")
@allow(EVERYONE)
@shelved(as_written)
def show_help() -> ResponseReturnValue:
    return render_template("pages/help.html")


@bp.get("/privacy")
@allow(EVERYONE)
@shelved(as_written)
def privacy() -> ResponseReturnValue:
    return render_template("pages/privacy.html", version=PRIVACY_VERSION)


@bp.get("/about")
@allow(EVERYONE)
@shelved(as_written)
def about() -> ResponseReturnValue:
    return render_template("pages/about.html")


@bp.get("/accessibility")
@allow(EVERYONE)
@shelved(as_written)
def accessibility() -> ResponseReturnValue:
    return render_template("pages/accessibility.html")
