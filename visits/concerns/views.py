"""The page of somebody who is worried: whom to call now, and telling the safeguarding leads."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.web import person
from core.access import allow
from core.i18n import _
from visits import queries
from visits.concerns import services
from visits.concerns.forms import ConcernForm
from visits.concerns.labels import STATES, TONES
from visits.concerns.queries import concerns
from visits.labels import number

bp = Blueprint("concerns", __name__)


@bp.route("/visits/<uid>/concern", methods=["GET", "POST"])
@allow(*queries.VOLUNTEERS, *queries.STAFF)
def report(uid: str) -> ResponseReturnValue:
    """Say whom to call now: nothing comes before that. Without words it is told all the same."""
    seen, form = queries.seen(uid, person()), ConcernForm.of_request()

    def tell() -> None:
        told = str(form.told.data or "")
        if told:
            services.tell(uid, told, by=person())
        else:
            services.open_draft(uid, by=person())

    if form.carries_out(tell):
        if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
            return {"said": _("未保专员已经收到通知")}
        flash(_("未保专员已经收到通知"), "ok")
        return redirect(url_for("concerns.report", uid=uid))
    found = concerns(seen.visit, person())
    if others := [one.uid for one in found if not one.mine]:
        services.looked(others, by=person())
    page = render_template(
        "records/concern.html",
        seen=seen, form=form, number=number, found=found, states=STATES, tones=TONES,
    )  # fmt: skip
    return page, form.status
