"""One's own inbox, and the ledger for whoever keeps the site running."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core.access import SIGNED_IN, allow
from core.db import AnyRow
from core.forms import carry_out
from core.i18n import _
from core.logs import log
from messages import queries, services
from messages.channels.rules import Text
from messages.delivery.holds import services as holds
from messages.labels import CHANNELS, KINDS, STATES, TONES
from messages.rules import UNSETTLED
from messages.texts import render_here

bp = Blueprint("messages", __name__)


@bp.get("/inbox")
@allow(SIGNED_IN)
def inbox() -> ResponseReturnValue:
    page = queries.inbox(person().id or 0, after=request.args.get("after"))
    items = [(row, _words(row)) for row in page.rows]
    return render_template("messages/inbox.html", page=page, items=items)


def _words(row: AnyRow) -> Text:
    """Return what a message says; one that cannot be shown does not hide the others."""
    try:
        return render_here(row.kind, row.params)
    except ValueError as error:
        log.error("text cannot be made", kind=row.kind, error=str(error))
        return Text(_("这条消息暂时无法显示"), _("请联系所在县的未成年人救助保护中心。"))


@bp.post("/inbox/<int:item_id>/read")
@allow(SIGNED_IN)
def read(item_id: int) -> ResponseReturnValue:
    carry_out(lambda: services.mark_read(item_id, by=person()))
    return redirect(url_for("messages.inbox"))


@bp.get("/messages")
@allow(Role.ADMIN, Role.CITY_COORDINATOR)
def ledger() -> ResponseReturnValue:
    state = request.args.get("state", "")
    return render_template(
        "messages/ledger.html",
        counts=queries.counts(),
        most=queries.MOST,
        page=queries.troubled(state, after=request.args.get("after")),
        state=state,
        states=STATES,
        tones=TONES,
        channels=CHANNELS,
        kinds=KINDS,
        unsettled=UNSETTLED,
        held=holds.standing(),
        mail_server=bool(current_app.extensions["settings"].smtp_url),
    )


@bp.post("/messages/<uid>/again")
@allow(Role.ADMIN, Role.CITY_COORDINATOR)
def send_again(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.send_again(uid, by=person()))
    flash(_("已重新排队，马上再发一次"), "ok")
    return redirect(url_for("messages.ledger"))
