"""One's own busy times: bring a calendar, look at what is kept of it, delete it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.web import person
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from visits.busy import queries, services
from visits.busy.forms import BringForm
from visits.queries import STAFF, VOLUNTEERS

bp = Blueprint("busy", __name__)


@bp.route("/account/busy", methods=["GET", "POST"])
@allow(*STAFF, *VOLUNTEERS)
def own() -> ResponseReturnValue:
    me, form = person(), BringForm.of_request()
    if form.carries_out(lambda: services.replace(form.found, by=me)):
        flash(_("已更新没空的时间"), "ok")
        return redirect(url_for("busy.own"))
    page = render_template(
        "busy/own.html",
        form=form,
        brought=queries.import_of(me),
        page=queries.own(me, after=request.args.get("after")),
    )
    return page, form.status


@bp.post("/account/busy/delete")
@allow(*STAFF, *VOLUNTEERS)
def drop() -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.drop(by=me))
    flash(_("已全部删除"), "ok")
    return redirect(url_for("busy.own"))
