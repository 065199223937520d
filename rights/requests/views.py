"""The rights desk: what people ask for about what is kept of them, and by when."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.rules import Role
from accounts.web import person
from children import queries as children
from children.consents.services import ENTERING
from children.services import look
from core import clock
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from core.i18n import lazy as _l
from places.queries import area_names
from rights.erasures import queries as erasures
from rights.requests import labels, queries, services
from rights.requests.forms import OutcomeForm, RequestForm
from rights.requests.rules import COPYING, OPEN, RequestKind

bp = Blueprint("rights", __name__)
ENDINGS: dict[str, tuple[str, Callable[..., None]]] = {
    "done": (_l("办完了"), services.finish),
    "refuse": (_l("不予办理"), services.refuse),
    "call-off": (_l("请求人不再要求"), services.call_off),
}
WORDS = {
    "kinds": labels.KINDS,
    "askers": labels.ASKERS,
    "channels": labels.CHANNELS,
    "states": labels.STATES,
    "tones": labels.TONES,
    "late_words": labels.LATE,
}


@bp.get("/rights")
@allow(*queries.READERS)
def listing() -> ResponseReturnValue:
    closed = request.args.get("tab") == "closed"
    page = queries.listing(person(), closed=closed, after=request.args.get("after"))
    return render_template(
        "rights/listing.html",
        page=page,
        closed=closed,
        today=clock.today(),
        places=area_names(row[0].county_id for row in page.rows),
        **WORDS,
    )


@bp.route("/children/<uid>/rights", methods=["GET", "POST"])
@allow(*ENTERING)
def enter(uid: str) -> ResponseReturnValue:
    me = person()
    child = look(uid, by=me)
    form = RequestForm.of_request()
    if form.carries_out(lambda: services.enter_for_child(uid, form.new(), by=me)):
        flash(_("已登记，期限从收到那天算起"), "ok")
        return redirect(url_for("rights.show", uid=form.result))
    return render_template(
        "rights/enter.html", child=children.staffs(child), form=form
    ), form.status


@bp.get("/rights/<uid>")
@allow(*queries.READERS)
def show(uid: str) -> ResponseReturnValue:
    me = person()
    found = queries.request_of(uid, me)
    child = queries.child_of(found, me)
    return render_template(
        "rights/show.html",
        found=found,
        today=clock.today(),
        place=area_names([found.county_id])[found.county_id],
        people=queries.people_of(found),
        child=children.staffs(child) if child else None,
        volunteer=queries.volunteer_named(found),
        is_open=found.state in OPEN,
        works=me.has(*services.WORKING),
        refuses=me.has(Role.DPO),
        copies=found.kind in COPYING,
        prints=found.entered_by_id != me.id,
        deletes=found.kind is RequestKind.DELETE,
        erasure=erasures.of_request(found.id),
        **WORDS,
    )


@bp.post("/rights/<uid>/confirm")
@allow(*services.WORKING)
def confirm(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.confirm(uid, by=person()))
    flash(_("已答复收到"), "ok")
    return redirect(url_for("rights.show", uid=uid))


@bp.route("/rights/<uid>/end/<verb>", methods=["GET", "POST"])
@allow(*services.WORKING)
def end(uid: str, verb: str) -> ResponseReturnValue:
    me = person()
    if verb not in ENDINGS:
        raise NotFound
    queries.request_of(uid, me, *((Role.DPO,) if verb == "refuse" else services.WORKING))
    label, act = ENDINGS[verb]
    form = OutcomeForm.of_request()
    if form.carries_out(lambda: act(uid, str(form.outcome.data), by=me)):
        flash(_("已记下结果，可以打印给请求人"), "ok")
        return redirect(url_for("rights.show", uid=uid))
    return render_template(
        "rights/end.html", uid=uid, verb=verb, label=label, form=form
    ), form.status


@bp.get("/rights/<uid>/letter")
@allow(*queries.READERS)
def letter(uid: str) -> ResponseReturnValue:
    """Show what is given to whoever asked, on paper: receipt, result, or refusal with reason."""
    found = queries.request_of(uid, person())
    return render_template(
        "rights/letter.html",
        found=found,
        place=area_names([found.county_id])[found.county_id],
        today=clock.today(),
        **WORDS,
    )
