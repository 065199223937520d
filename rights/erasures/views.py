"""Erasures: asked for by one person, carried out by another."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core import clock
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from places.queries import area_names
from rights.erasures import queries, services
from rights.erasures.forms import HoldForm
from rights.erasures.labels import WHYS
from rights.erasures.rules import Why

bp = Blueprint("erasures", __name__)


@bp.get("/erasures")
@allow(*queries.READERS)
def listing() -> ResponseReturnValue:
    me, waiting = person(), request.args.get("tab") != "past"
    page = queries.listing(me, waiting=waiting, after=request.args.get("after"))
    return render_template(
        "rights/erasures.html",
        page=page,
        waiting=waiting,
        me=me,
        holds=me.has(Role.DPO),
        today=clock.today(),
        whys=WHYS,
        places=area_names(row[0].county_id for row in page.rows),
    )


@bp.post("/children/<uid>/erase")
@allow(Role.COORDINATOR)
def ask(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.ask_for_child(uid, Why.TERM_OVER, by=person()))
    flash(_("已提出删除，等另一个人执行"), "ok")
    return redirect(url_for("erasures.listing"))


@bp.post("/rights/<uid>/erase")
@allow(*services.WORKING)
def ask_for_request(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.ask_for_request(uid, by=person()))
    flash(_("已提出删除，等另一个人执行"), "ok")
    return redirect(url_for("rights.show", uid=uid))


@bp.post("/erasures/<uid>/carry-out")
@allow(*services.WORKING, step_up=True)
def act(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.carry_out(uid, by=person()))
    flash(_("已删除，只留下编号、日期和两个人的名字"), "ok")
    return redirect(url_for("erasures.listing", tab="past"))


@bp.route("/erasures/<uid>/hold", methods=["GET", "POST"])
@allow(Role.DPO)
def hold(uid: str) -> ResponseReturnValue:
    me = person()
    found = queries.erasure(uid, me, Role.DPO)
    form = HoldForm.of_request(reason=found.hold_reason, until=found.held_until)
    if form.carries_out(
        lambda: services.hold(uid, str(form.reason.data or ""), form.until.data, by=me)
    ):
        flash(_("已记下"), "ok")
        return redirect(url_for("erasures.listing"))
    return render_template("rights/hold.html", uid=uid, form=form), form.status


@bp.post("/erasures/<uid>/call-off")
@allow(*services.WORKING)
def call_off(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.call_off(uid, by=person()))
    flash(_("已撤销，不再删除"), "ok")
    return redirect(url_for("erasures.listing"))
