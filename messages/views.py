"""One's own inbox, and the ledger for whoever keeps the site running."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core.access import SIGNED_IN, allow
from core.forms import carry_out
from core.i18n import _
from messages import queries, services
from messages.labels import CHANNELS, STATES, TONES
from messages.rules import UNSETTLED
from messages.texts import render_here

bp = Blueprint("messages", __name__)


@bp.get("/inbox")
@allow(SIGNED_IN)
def inbox() -> ResponseReturnValue:
    page = queries.inbox(person().id or 0, after=request.args.get("after"))
    items = [(row, render_here(row.kind, row.params)) for row in page.rows]
    return render_template("messages/inbox.html", page=page, items=items)


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
        page=queries.troubled(state, after=request.args.get("after")),
        state=state,
        states=STATES,
        tones=TONES,
        channels=CHANNELS,
        may_send=person().has(Role.ADMIN),
        unsettled=UNSETTLED,
        mail_server=bool(current_app.extensions["settings"].smtp_url),
    )


@bp.post("/messages/<uid>/again")
@allow(Role.ADMIN)
def send_again(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.send_again(uid, by=person()))
    flash(_("已重新排队，马上再发一次"), "ok")
    return redirect(url_for("messages.ledger"))
