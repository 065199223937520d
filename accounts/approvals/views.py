"""Pages of requests that take two people."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.approvals import queries, services
from accounts.approvals.forms import ApproveForm, DeclineForm
from accounts.approvals.labels import STEPS, TONES
from accounts.approvals.models import Approval
from accounts.approvals.rules import Step, declared, matter_of
from accounts.queries import names
from accounts.rules import Role
from accounts.web import person
from core import clock
from core.access import allow
from core.forms import carry_out
from core.i18n import _

bp = Blueprint("approvals", __name__)
PEOPLE = (
    Role.ADMIN,
    Role.CITY_COORDINATOR,
    Role.COORDINATOR,
    Role.DPO,
    Role.ORG_LEAD,
    Role.SAFEGUARDING_LEAD,
)
"""Everybody who asks or decides in any of the matters."""
LISTS = {"": queries.waiting, "mine": queries.asked_by, "settled": queries.settled}


@bp.get("/approvals")
@allow(*PEOPLE)
def listing() -> ResponseReturnValue:
    which = request.args.get("list", "")
    page = LISTS.get(which, queries.waiting)(person(), after=request.args.get("after"))
    return render_template(
        "approvals/listing.html",
        page=page,
        which=which,
        matters={matter.kind: matter.name for matter in declared()},
        steps=STEPS,
        tones=TONES,
        step_of=_step,
    )


def _step(found: Approval) -> Step:
    """Return how far a request has come: late ones have expired, before any job says so."""
    late = found.state is Step.ASKED and found.expires_at <= clock.now()
    return Step.EXPIRED if late else found.state


@bp.get("/approvals/<uid>")
@allow(*PEOPLE)
def show(uid: str) -> ResponseReturnValue:
    return _page(queries.approval(uid, person()), ApproveForm(), DeclineForm())


def _page(found: Approval, yes: ApproveForm, no: DeclineForm) -> ResponseReturnValue:
    page = render_template(
        "approvals/show.html",
        found=found,
        name=matter_of(found.kind).name,
        facts=queries.facts(found),
        names=names((found.asked_by_id, found.decided_by_id)),
        mine=found.asked_by_id == person().id,
        step=_step(found),
        yes=yes,
        no=no,
        steps=STEPS,
        tones=TONES,
    )
    return page, max(yes.status, no.status)


@bp.post("/approvals/<uid>/approve")
@allow(*PEOPLE, step_up=True)
def approve(uid: str) -> ResponseReturnValue:
    found, form = queries.approval(uid, person()), ApproveForm.of_request()
    if form.carries_out(lambda: services.approve(uid, str(form.note.data or ""), by=person())):
        flash(_("已批准，立即生效"), "ok")
        return redirect(url_for("approvals.show", uid=uid))
    return _page(found, form, DeclineForm())


@bp.post("/approvals/<uid>/decline")
@allow(*PEOPLE, step_up=True)
def decline(uid: str) -> ResponseReturnValue:
    found, form = queries.approval(uid, person()), DeclineForm.of_request()
    if form.carries_out(lambda: services.decline(uid, str(form.why.data), by=person())):
        flash(_("已驳回"), "ok")
        return redirect(url_for("approvals.show", uid=uid))
    return _page(found, ApproveForm(), form)


@bp.post("/approvals/<uid>/withdraw")
@allow(*PEOPLE)
def withdraw(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.withdraw(uid, by=person()))
    flash(_("已撤回"), "ok")
    return redirect(url_for("approvals.show", uid=uid))
