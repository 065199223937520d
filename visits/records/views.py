"""Pages of records: writing one, saying yes to it, sending it back, and what to do when worried."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core.access import allow
from core.errors import NotYours
from core.forms import carry_out
from core.i18n import _
from visits import queries
from visits.labels import number
from visits.records import services
from visits.records.forms import DecisionForm, RecordForm, SendBackForm
from visits.records.queries import newest, writes
from visits.sheet.queries import sheet

bp = Blueprint("records", __name__)

APPROVERS = (Role.CHILD_SUPERVISOR, Role.COORDINATOR)


@bp.route("/visits/<uid>/record", methods=["GET", "POST"])
@allow(*queries.VOLUNTEERS)
def record(uid: str) -> ResponseReturnValue:
    seen = queries.seen(uid, person())
    if not writes(seen):
        raise NotYours
    last = newest(seen.visit)
    form = RecordForm.after(last)

    def write() -> str:
        services.record(uid, form.account(), follows=form.seen(), by=person())
        return "concern" if form.account().concern else ""

    if form.carries_out(write):
        flash(_("记录已保存，等待审核"), "ok")
        return redirect(url_for("records.concern" if form.result else "visits.show", uid=uid))
    page = render_template(
        "records/record.html", seen=seen, sheet=sheet(seen), last=last, form=form, number=number
    )
    return page, form.status


@bp.get("/visits/<uid>/concern")
@allow(*queries.VOLUNTEERS, *queries.STAFF)
def concern(uid: str) -> ResponseReturnValue:
    """Say whom to call now: nothing comes before that."""
    seen = queries.seen(uid, person())
    return render_template("records/concern.html", seen=seen, number=number)


@bp.post("/visits/<uid>/record/approve")
@allow(*APPROVERS)
def approve(uid: str) -> ResponseReturnValue:
    form = DecisionForm.of_request()
    carry_out(lambda: services.approve(uid, form.seen(), by=person()))
    flash(_("已审核，志愿时长已计入"), "ok")
    return redirect(url_for("visits.show", uid=uid))


@bp.route("/visits/<uid>/record/send-back", methods=["GET", "POST"])
@allow(*APPROVERS)
def send_back(uid: str) -> ResponseReturnValue:
    seen = queries.seen(uid, person())
    last = newest(seen.visit)
    if last is None or not seen.approves:
        raise NotYours
    form = SendBackForm.of_request(number=last.number)
    if form.carries_out(
        lambda: services.send_back(uid, form.seen(), str(form.reason.data), by=person())
    ):
        flash(_("已退回，写记录的人会收到通知"), "ok")
        return redirect(url_for("visits.show", uid=uid))
    page = render_template("records/send_back.html", seen=seen, form=form, number=number)
    return page, form.status
