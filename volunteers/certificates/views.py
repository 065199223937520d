"""One's own certificates, and the desk where coordinators issue them."""

import json
from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core import clock
from core.access import allow
from core.errors import NotYours, RuleBroken
from core.forms import Form, carry_out
from core.i18n import _
from core.paper import missing
from volunteers import queries as people
from volunteers.certificates import labels, queries, services
from volunteers.certificates.batches import views as batches
from volunteers.certificates.checking import views as checking
from volunteers.certificates.drawing import drawn
from volunteers.certificates.forms import CorrectionForm, PeriodForm, ReasonForm
from volunteers.certificates.models import Certificate
from volunteers.certificates.rules import Period, State, Tab
from volunteers.certificates.sheets import sheet_of

bp = Blueprint("certificates", __name__)
HOLDERS = (Role.VOLUNTEER, Role.COORDINATOR)
KEPT = {"Cache-Control": "no-store"}


@bp.route("/volunteers/me/certificates", methods=["GET", "POST"])
@allow(Role.VOLUNTEER)
def mine() -> ResponseReturnValue:
    me = person()
    form = PeriodForm.of_year(clock.today())
    if form.carries_out(lambda: services.ask(form.period(), by=me)):
        flash(_("已申请，县中心核对后开出，会给您发消息"), "ok")
        return redirect(url_for("certificates.mine"))
    page = queries.own(me.id, after=request.args.get("after"))
    shown = render_template(
        "certificates/mine.html",
        form=form,
        page=page,
        asked=any(row.state is State.REQUESTED for row in page.rows),
        labels=labels,
    )
    return shown, form.status


@bp.post("/volunteers/me/certificates/<uid>/withdraw")
@allow(Role.VOLUNTEER)
def withdraw(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.withdraw(uid, by=person()))
    flash(_("已撤回"), "ok")
    return redirect(url_for("certificates.mine"))


@bp.get("/certificates")
@allow(Role.COORDINATOR)
def listing() -> ResponseReturnValue:
    me, asked = person(), request.args.get("show", "")
    tab = Tab(asked) if asked in set(Tab) else Tab.REQUESTED
    return render_template(
        "certificates/listing.html",
        page=queries.listing(me, tab, after=request.args.get("after")),
        counts=queries.counts(me),
        tab=tab,
        labels=labels,
    )


@bp.get("/certificates/<uid>")
@allow(Role.COORDINATOR)
def show(uid: str) -> ResponseReturnValue:
    return _page(uid)


@bp.post("/certificates/<uid>/issue")
@allow(Role.COORDINATOR)
def issue(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.issue(uid, by=person()))
    return _done(uid, _("已开出，志愿者会收到消息"))


@bp.post("/certificates/<uid>/decline")
@allow(Role.COORDINATOR)
def decline(uid: str) -> ResponseReturnValue:
    return _reasoned(uid, "decline", services.decline)


@bp.post("/certificates/<uid>/void")
@allow(Role.COORDINATOR)
def void(uid: str) -> ResponseReturnValue:
    return _reasoned(uid, "void", services.void)


@bp.post("/certificates/<uid>/correct")
@allow(Role.COORDINATOR)
def correct(uid: str) -> ResponseReturnValue:
    form = CorrectionForm.of_request()
    if form.carries_out(
        lambda: services.correct(uid, form.period(), str(form.wrong.data), by=person())
    ):
        return _done(uid, _("新的一张已开出，旧的查验时会显示已换新"))
    return _page(uid, correct=form)


@bp.route("/volunteers/<uid>/certificate", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def give(uid: str) -> ResponseReturnValue:
    """Issue a certificate to a volunteer who has not asked for one."""
    me = person()
    file = people.file(uid, me, Role.COORDINATOR)
    form = PeriodForm.of_year(clock.today())
    if form.carries_out(lambda: services.hand(uid, form.period(), by=me)):
        flash(_("已开出，志愿者会收到消息"), "ok")
        return redirect(url_for("certificates.listing", show=Tab.ISSUED.value))
    return render_template("certificates/give.html", file=file, form=form), form.status


@bp.get("/certificates/<uid>.pdf")
@allow(*HOLDERS)
def pdf(uid: str) -> ResponseReturnValue:
    """Give the sheet; what is not in the font is said, never printed as a box."""
    found = queries.certificate(uid, person())
    sheet = sheet_of(found)
    if sheet is None:
        raise NotYours
    strange = missing(*sheet.texts)
    if strange:
        raise RuleBroken(_("字库里没有这些字，印不出来：%(what)s", what=strange))
    services.fetched(uid, by=person())
    return _file(drawn([sheet]), "application/pdf", f"{found.number}.pdf")


@bp.get("/certificates/<uid>.json")
@allow(*HOLDERS)
def signed(uid: str) -> ResponseReturnValue:
    found = queries.certificate(uid, person())
    content = queries.file_of(found)
    if content is None:
        raise NotYours
    services.fetched(uid, by=person())
    text = json.dumps(content, ensure_ascii=False, indent=1)
    return _file(text.encode(), "application/json", f"{found.number}.json")


def _file(data: bytes, kind: str, name: str) -> Response:
    answer = Response(data, content_type=kind, headers=KEPT)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _reasoned(uid: str, name: str, action: Callable[..., None]) -> ResponseReturnValue:
    form = ReasonForm.of_request()
    if form.carries_out(lambda: action(uid, str(form.reason.data), by=person())):
        return _done(uid, _("已记下"))
    return _page(uid, **{name: form})


def _done(uid: str, said: str) -> ResponseReturnValue:
    flash(said, "ok")
    return redirect(url_for("certificates.show", uid=uid))


def _page(uid: str, **sent: Form) -> ResponseReturnValue:
    me = person()
    found: Certificate = queries.certificate(uid, me)
    period = Period(found.from_on, found.until_on)
    made = {
        "decline": ReasonForm(),
        "void": ReasonForm(),
        "correct": CorrectionForm(data={"first": period.first, "last": period.last}),
    }
    page = render_template(
        "certificates/show.html",
        found=found,
        holder=queries.holder(found),
        served=queries.served(found.volunteer_id, period),
        said=queries.said(found),
        history=queries.history(found),
        forms=made | sent,
        states=State,
        own=queries.holder(found).person_id == me.id,
        labels=labels,
    )
    return page, max((form.status for form in sent.values()), default=200)


BLUEPRINTS = (checking.bp, batches.bp, bp)
