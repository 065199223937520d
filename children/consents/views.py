"""Pages for consent: entering an answer, taking a yes back."""

from collections.abc import Callable

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.rules import Actor
from accounts.web import person
from children import queries
from children import services as files
from children.consents import queries as consents
from children.consents import services
from children.consents.forms import AnswerForm
from children.consents.labels import MEANINGS, PROOFS, PURPOSES, SIGNERS
from children.consents.texts.queries import current_version
from children.rules import NEEDED_FOR_PAIRING, Purpose
from children.services import look
from core import clock
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from places.queries import area_names

bp = Blueprint("consents", __name__)
Withdrawn = Callable[[int, Actor], None]


def init_app(app: Flask, *, withdrawn: Withdrawn) -> None:
    """Tell this room what a withdrawn consent ends in the rooms above it."""
    app.extensions["consent_withdrawn"] = withdrawn


@bp.route("/children/<uid>/consents/<purpose>", methods=["GET", "POST"])
@allow(*services.ENTERING)
def record(uid: str, purpose: str) -> ResponseReturnValue:
    me, about = person(), _purpose(purpose)
    child = look(uid, by=me)
    last = consents.newest(child.id).get(about)
    form = AnswerForm.of_request(seen=str(last.number if last else 0))
    form.ask_about(about, child)
    if form.carries_out(
        lambda: services.record(uid, about, form.answer(), seen=form.number_seen(), by=me)
    ):
        flash(_("已登记：%(what)s", what=PURPOSES[about]), "ok")
        return redirect(url_for("children.show", uid=uid))
    return render_template(
        "consents/record.html",
        child=queries.staffs(child),
        purpose=about,
        heading=PURPOSES[about],
        meaning=MEANINGS[about],
        months=services.consent_months(),
        version=current_version(),
        form=form,
    ), form.status


@bp.get("/children/<uid>/consents/certificate")
@allow(*services.ENTERING)
def certificate(uid: str) -> ResponseReturnValue:
    """Show what the family has agreed to, to be printed and handed over."""
    child = files.look(uid, by=person())
    today = clock.today()
    rows = consents.newest(child.id)
    given = [(one, rows[one]) for one in Purpose if one in rows and services.in_force(rows[one])]
    return render_template(
        "consents/certificate.html",
        child=queries.staffs(child),
        county=area_names([child.county_id])[child.county_id],
        given=given,
        today=today,
        purposes=PURPOSES,
        meanings=MEANINGS,
        signers=SIGNERS,
        proofs=PROOFS,
    )


@bp.post("/children/<uid>/consents/<purpose>/withdraw")
@allow(*services.TAKING_BACK)
def withdraw(uid: str, purpose: str) -> ResponseReturnValue:
    about = _purpose(purpose)
    then: Withdrawn = current_app.extensions["consent_withdrawn"]
    carry_out(lambda: services.withdraw(uid, about, person(), then))
    ended = about in NEEDED_FOR_PAIRING
    flash(_("已撤回，结对和走访同时停止") if ended else _("已撤回"), "ok")
    return redirect(url_for("children.show", uid=uid))


def _purpose(text: str) -> Purpose:
    if text not in set(Purpose):
        raise NotFound
    return Purpose(text)
