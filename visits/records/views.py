"""Pages of records: writing one, saying yes to it, choosing between two, sending it back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.drafts.views import drafted
from accounts.rules import Role
from accounts.web import person
from children.services import seen_elsewhere
from core import clock
from core.access import allow
from core.errors import NotYours, RuleBroken
from core.forms import carry_out
from core.i18n import _
from visits import queries
from visits.labels import number
from visits.models import Visit
from visits.queries import Seen
from visits.records import services
from visits.records.forms import DecisionForm, RecordForm, SendBackForm
from visits.records.merging.forms import MergeForm
from visits.records.merging.labels import words
from visits.records.models import VisitRecord
from visits.records.queries import newest, numbered, records, told, writes
from visits.rules import State
from visits.sheet.queries import sheet

bp = Blueprint("records", __name__)

WRITTEN = frozenset({State.COMPLETED, State.RECORDED})
"""States in which a record can be written or corrected."""
APPROVERS = (Role.CHILD_SUPERVISOR, Role.COORDINATOR)


@bp.route("/visits/<uid>/record", methods=["GET", "POST"])
@allow(*queries.VOLUNTEERS, Role.COORDINATOR)
@drafted
def record(uid: str) -> ResponseReturnValue:
    seen = queries.seen(uid, person())
    if not writes(seen):
        raise NotYours
    if seen.visit.state is State.APPROVED and request.method == "GET":
        raise RuleBroken(_("走访结束、审核通过以前才能写记录"))
    last = newest(seen.visit)
    form = _form(seen.visit, last)

    def write() -> str:
        services.record(uid, form.account(), follows=form.seen(), by=person())
        return "concern" if form.account().concern else ""

    if form.carries_out(write):
        return _written(uid, worried=bool(form.result))
    shown = sheet(seen)
    if seen.staff:  # what is written of the child: more than the alias tier
        seen_elsewhere(shown.child_id, by=person(), fields=("record",))
    choice = _choice(seen.visit, form)
    if choice:
        return _merge_page(seen, choice)
    page = render_template(
        "records/record.html", seen=seen, sheet=shown, last=last, form=form, number=number
    )
    return page, form.status


def _form(visit: Visit, last: VisitRecord | None) -> RecordForm:
    """Return the form that was sent, or an empty one, or the last record to be corrected."""
    theirs = None
    if "merging" in request.form:
        theirs = numbered(visit, request.form.get("follows", 0, type=_short))
    return MergeForm.sent(theirs) if theirs else RecordForm.after(last)


def _short(text: str) -> int:
    return int(text[:3])


def _written(uid: str, *, worried: bool) -> ResponseReturnValue:
    """Go on after a record was saved; a script is told where to (static/records.js)."""
    flash(_("记录已保存，等待审核"), "ok")
    url = url_for("concerns.report" if worried else "visits.show", uid=uid)
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return {"to": url}
    return redirect(url)


def _choice(visit: Visit, form: RecordForm) -> MergeForm | None:
    """Return the choice between two records, if that is what keeps a sent form from being saved."""
    if isinstance(form, MergeForm) and form.undecided:
        return form
    now = newest(visit)
    sent = request.method == "POST" and not any(field.errors for field in form)
    if not sent or now is None or now.number == form.seen() or visit.state not in WRITTEN:
        return None
    base, key = numbered(visit, form.seen()), form.form_key.data
    carried = {"follows": now.number, "form_key": key}
    return MergeForm.between(form.account(), told(now), base, **carried)


def _merge_page(seen: Seen, form: MergeForm) -> ResponseReturnValue:
    """Show both records side by side."""
    last, writer = records(seen.visit)[0]
    minutes = int((clock.now() - last.recorded_at).total_seconds()) // 60
    page = render_template(
        "records/merge.html",
        seen=seen, form=form, number=number, words=words, writer=writer, minutes=minutes, last=last,
    )  # fmt: skip
    return page, 422 if any(field.errors for field in form) else 409


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
