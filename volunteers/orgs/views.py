"""Organisations apply without an account; the county's coordinators check and take them in."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import address, person
from core.access import EVERYONE, allow
from core.forms import Form, SelectChoice, carry_out
from core.i18n import _
from places.queries import counties, shown
from volunteers.orgs import labels, queries, services
from volunteers.orgs.forms import AgreementForm, ApplicationForm, EndForm, VerifyForm
from volunteers.orgs.models import Standing
from volunteers.orgs.rules import NEXT, State

bp = Blueprint("orgs", __name__)


@bp.route("/organisations/join", methods=["GET", "POST"])
@allow(EVERYONE)
def join() -> ResponseReturnValue:
    form = ApplicationForm.of_request()
    form.county.choices = [
        SelectChoice(str(one.id), shown(one.name, one.name_en)) for one in counties()
    ]

    def floods() -> bool:
        services.may_apply(address())
        return False

    if form.carries_out(
        lambda: services.apply(int(str(form.county.data)), form.told()), unless=floods
    ):
        return redirect(url_for("orgs.sent"))
    return render_template("orgs/join.html", form=form), form.status


@bp.get("/organisations/sent")
@allow(EVERYONE)
def sent() -> ResponseReturnValue:
    return render_template("orgs/sent.html")


@bp.get("/organisations")
@allow(Role.COORDINATOR)
def listing() -> ResponseReturnValue:
    me, tab = person(), request.args.get("show", "open")
    return render_template(
        "orgs/listing.html",
        page=queries.listing(me, tab=tab, after=request.args.get("after")),
        counts=queries.counts(me),
        tab=tab if tab in labels.TABS else "",
        labels=labels,
    )


@bp.get("/organisations/<uid>")
@allow(Role.COORDINATOR)
def show(uid: str) -> ResponseReturnValue:
    found = queries.standing(uid, person())
    return _page(found)


@bp.post("/organisations/<uid>/verify")
@allow(Role.COORDINATOR)
def verify(uid: str) -> ResponseReturnValue:
    form = VerifyForm.of_request()
    if form.carries_out(lambda: services.verify(uid, version=form.seen(), by=person())):
        return _done(uid, _("已核验，接着签协议"))
    return _page(queries.standing(uid, person()), verify=form)


@bp.post("/organisations/<uid>/sign")
@allow(Role.COORDINATOR)
def sign(uid: str) -> ResponseReturnValue:
    form = AgreementForm.of_request()

    def enter() -> None:
        reference, until = str(form.reference.data), form.until.data
        services.sign(uid, reference, until, version=form.seen(), by=person())  # type: ignore[arg-type]  # required

    if form.carries_out(enter):
        return _done(uid, _("协议已登记，请另一位同事启用"))
    return _page(queries.standing(uid, person()), sign=form)


@bp.post("/organisations/<uid>/activate")
@allow(Role.COORDINATOR)
def activate(uid: str) -> ResponseReturnValue:
    version = request.form.get("version", 0, type=int)
    carry_out(lambda: services.activate(uid, version=version, by=person()))
    return _done(uid, _("已启用，成员报名时可以选这个单位了"))


@bp.post("/organisations/<uid>/end")
@allow(Role.COORDINATOR)
def end(uid: str) -> ResponseReturnValue:
    form = EndForm.for_state(queries.standing(uid, person()).state)
    if form.carries_out(lambda: services.end(uid, *form.told(), version=form.seen(), by=person())):
        return _done(uid, _("已记下"))
    return _page(queries.standing(uid, person()), end=form)


def _done(uid: str, said: str) -> ResponseReturnValue:
    flash(said, "ok")
    return redirect(url_for("orgs.show", uid=uid))


def _page(found: Standing, **sent: Form) -> ResponseReturnValue:
    """Show an organisation with the forms of what can happen next."""
    version = str(found.version)
    made = {
        "verify": VerifyForm(version=version),
        "sign": AgreementForm(version=version),
        "end": EndForm.for_state(found.state, version=version),
    }
    status = max((form.status for form in sent.values()), default=200)
    page = render_template(
        "orgs/show.html",
        found=found,
        forms=made | sent,
        onward=NEXT[found.state],
        states=State,
        labels=labels,
        own_check=found.verified_by_id == person().id,
    )
    return page, status
