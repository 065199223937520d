"""Pages of the register of impact assessments."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.queries import names
from accounts.rules import Role
from accounts.web import person
from children.forms import version_of
from core import clock
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from rights.assessments import labels, queries, services
from rights.assessments.forms import AssessmentForm
from rights.assessments.rules import TEXTS, State

bp = Blueprint("assessments", __name__)
READERS = (*services.APPROVERS, Role.AUDITOR)


@bp.get("/assessments")
@allow(*READERS)
def listing() -> ResponseReturnValue:
    return render_template(
        "assessments/listing.html",
        page=queries.listing(after=request.args.get("after")),
        may_write=person().has(*services.WRITERS),
        standing=labels.standing,
        results=labels.RESULTS,
        today=clock.today(),
    )


@bp.route("/assessments/new", methods=["GET", "POST"])
@allow(*services.WRITERS)
def new() -> ResponseReturnValue:
    form = AssessmentForm.of_request()
    if form.carries_out(lambda: services.write(form.content(), by=person())):
        flash(_("已存为草稿，请另一个人批准"), "ok")
        return redirect(url_for("assessments.show", uid=form.result))
    here = url_for("assessments.new")
    return render_template("assessments/edit.html", form=form, here=here), form.status


@bp.get("/assessments/<uid>")
@allow(*READERS)
def show(uid: str) -> ResponseReturnValue:
    me, found = person(), queries.assessment(uid)
    draft = found.state is State.DRAFT
    return render_template(
        "assessments/show.html",
        found=found,
        standing=labels.standing(found, clock.today()),
        fields=labels.FIELDS,
        results=labels.RESULTS,
        people=names([found.written_by_id, found.approved_by_id]),
        edits=draft and me.has(*services.WRITERS),
        approves=draft and me.has(*services.APPROVERS) and found.written_by_id != me.id,
        reviews=found.state is State.APPROVED and me.has(*services.WRITERS),
    )


@bp.route("/assessments/<uid>/edit", methods=["GET", "POST"])
@allow(*services.WRITERS)
def edit(uid: str) -> ResponseReturnValue:
    found = queries.assessment(uid)
    texts = {name: getattr(found, name) for name in TEXTS}
    form = AssessmentForm.of_request(
        **texts, conclusion=found.conclusion.value, version=str(found.version)
    )
    version = version_of(form.version.data)
    if form.carries_out(
        lambda: services.rewrite(uid, form.content(), version=version, by=person())
    ):
        flash(_("已存为草稿，请另一个人批准"), "ok")
        return redirect(url_for("assessments.show", uid=uid))
    here = url_for("assessments.edit", uid=uid)
    return render_template("assessments/edit.html", form=form, here=here), form.status


@bp.post("/assessments/<uid>/approve")
@allow(*services.APPROVERS)
def approve(uid: str) -> ResponseReturnValue:
    version = version_of(request.form.get("version"))
    carry_out(lambda: services.approve(uid, version=version, by=person()))
    flash(_("已批准"), "ok")
    return redirect(url_for("assessments.show", uid=uid))


@bp.post("/assessments/<uid>/review")
@allow(*services.WRITERS)
def review(uid: str) -> ResponseReturnValue:
    fresh = carry_out(lambda: services.review(uid, by=person()))
    flash(_("请照现在的情况修改，再请另一个人批准"), "ok")
    return redirect(url_for("assessments.edit", uid=fresh))
