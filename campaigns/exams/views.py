"""When examinations are, as the desk keeps it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.exams import queries, services
from campaigns.exams.forms import ExamForm
from core.access import allow
from core.forms import SelectChoice, carry_out
from core.i18n import _
from places.queries import organisations, shown
from places.rules import OrgKind

bp = Blueprint("exams", __name__)


@bp.route("/manage/exams", methods=["GET", "POST"])
@allow(Role.EDITOR)
def listing() -> ResponseReturnValue:
    me, form = person(), _form()
    if form.carries_out(lambda: services.add(form.period(), by=me)):
        flash(_("已加上"), "ok")
        return redirect(url_for("exams.listing"))
    page = render_template(
        "exams/listing.html",
        page=queries.listing(after=request.args.get("after")),
        form=form,
        shown=shown,
    )
    return page, form.status


def _form() -> ExamForm:
    form = ExamForm.of_request()
    schools = organisations([OrgKind.UNIVERSITY])
    named = [SelectChoice(str(one.id), shown(one.name, one.name_en)) for one in schools]
    form.org.choices = [SelectChoice("", _("全市")), *named]
    return form


@bp.post("/manage/exams/<uid>/remove")
@allow(Role.EDITOR)
def remove(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.remove(uid, by=me))
    flash(_("已拿掉"), "ok")
    return redirect(url_for("exams.listing"))
