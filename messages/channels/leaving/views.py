"""No more mails, without signing in: the page behind the link, and the button of mail programs."""

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue

from core.access import EVERYONE, allow
from messages.channels.leaving import services

bp = Blueprint("leaving", __name__)


def init_app(app: Flask) -> None:
    """Let mail programs send their one field: they have no token of ours (RFC 8058)."""
    app.extensions["csrf"].exempt(leave)


@bp.get("/messages/leave/<token>")
@allow(EVERYONE)
def page(token: str) -> ResponseReturnValue:
    """Show one button: programs that look at links in mails must not leave for anybody."""
    services.reader_of(token)
    return render_template("channels/leave.html", token=token, left=False)


@bp.post("/messages/leave/<token>")
@allow(EVERYONE)
def leave(token: str) -> ResponseReturnValue:
    services.leave(token)
    return render_template("channels/leave.html", token=token, left=True)
