"""The drop-off desk of a centre: calls, parcels that come, and parcels handed over."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.web import person
from campaigns.wishes import labels
from campaigns.wishes.desk import queries, services
from campaigns.wishes.desk.forms import ArriveForm, CodeForm
from campaigns.wishes.queries import CENTRE
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from core.i18n import lazy as _l

bp = Blueprint("wish_desk", __name__)
TABS = {
    "due": _l("等送来"),
    "soon": _l("三天内到期"),
    "call": _l("等您打电话"),
    "arrived": _l("等转交"),
    "hand": _l("等您确认转交"),
    "done": _l("已转交"),
}


@bp.route("/wish-desk", methods=["GET", "POST"])
@allow(*CENTRE)
def listing() -> ResponseReturnValue:
    me, shown = person(), request.args.get("show", "due")
    tab = shown if shown in TABS else "due"
    form = CodeForm.of_request()
    if form.carries_out(lambda: services.look_up(str(form.code.data), by=me)):
        return redirect(url_for("wish_desk.show", uid=form.result))
    page = render_template(
        "wishes/desk.html",
        page=queries.claims(me, tab=tab, after=request.args.get("after")),
        counts=queries.counts(me),
        tabs=TABS,
        tab=tab,
        form=form,
        labels=labels,
    )
    return page, form.status


@bp.get("/wish-desk/<uid>")
@allow(*CENTRE)
def show(uid: str) -> ResponseReturnValue:
    return _sheet(uid, ArriveForm())


def _sheet(uid: str, form: ArriveForm) -> ResponseReturnValue:
    me = person()
    row = queries.claim(uid, me)
    own = row.arrived_by_id == me.id
    page = render_template("wishes/parcel.html", row=row, form=form, own=own, labels=labels)
    return page, form.status


@bp.post("/wish-desk/<uid>/arrive")
@allow(*CENTRE)
def arrive(uid: str) -> ResponseReturnValue:
    me, form = person(), ArriveForm.of_request()
    if form.carries_out(lambda: services.arrive(uid, str(form.code.data), form.seen(), by=me)):
        flash(_("收下了。转交以后，请另一个人来确认"), "ok")
        return redirect(url_for("wish_desk.show", uid=uid))
    return _sheet(uid, form)


@bp.post("/wish-desk/<uid>/hand-over")
@allow(*CENTRE)
def hand_over(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.hand_over(uid, by=me))
    flash(_("已转交，谢谢"), "ok")
    return redirect(url_for("wish_desk.listing", show="arrived"))


@bp.post("/wish-desk/<uid>/confirm")
@allow(*CENTRE)
def confirm_by_call(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.confirm_by_call(uid, by=me))
    return _show_code(uid)


@bp.post("/wish-desk/<uid>/code")
@allow(*CENTRE)
def make_code(uid: str) -> ResponseReturnValue:
    return _show_code(uid)


def _show_code(uid: str) -> ResponseReturnValue:
    """Show fresh digits once; they are kept nowhere, so the same form sent again makes others."""
    return render_template("wishes/code.html", code=services.new_code(uid, by=person()), uid=uid)


@bp.post("/wish-desk/<uid>/drop")
@allow(*CENTRE)
def drop(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.drop(uid, by=me))
    flash(_("已取消，心愿让给了别人"), "ok")
    return redirect(url_for("wish_desk.listing", show="call"))
