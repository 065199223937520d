"""Pages of what is agreed for a pairing's visits, and of windows that were missed."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from children.services import seen_elsewhere
from core import clock
from core.access import allow
from core.errors import NotYours
from core.i18n import _
from pairings.labels import STAGES
from pairings.models import Pairing
from pairings.queries import READERS, coordinates
from pairings.queries import pairing as known
from pairings.rules import BEGUN
from places.queries import area_names
from visits.contracts import services
from visits.contracts.forms import CheckForm, ContractForm
from visits.contracts.labels import CHECK_TONES, CHECKS, EVERY, STEPS
from visits.contracts.queries import standing
from visits.contracts.rules import Every
from visits.labels import PLACES
from visits.lapses.ladder import queries as ladder
from visits.lapses.ladder.services import looked_after
from visits.queries import alias_of
from visits.rules import PlaceKind
from visits.series.labels import rule_words
from visits.series.queries import of_pairing

bp = Blueprint("contracts", __name__)

CHECKERS = (Role.CHILD_DIRECTOR, Role.CHILD_SUPERVISOR)
WAITED_FOR = (*CHECKERS, Role.COORDINATOR)
WORDS = {
    "checks": CHECKS,
    "check_tones": CHECK_TONES,
    "rule_words": rule_words,
    "stages": STAGES,
    "steps": STEPS,
}


@bp.get("/pairings/<uid>/rhythm")
@allow(*READERS)
def show(uid: str) -> ResponseReturnValue:
    return _show(known(uid, person()), CheckForm())


@bp.route("/pairings/<uid>/rhythm/edit", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def edit(uid: str) -> ResponseReturnValue:
    pairing = known(uid, person())
    if not coordinates(pairing, person()):
        raise NotYours
    now = standing(pairing)
    form = ContractForm.of_terms(now.terms, own=now.own)
    if form.carries_out(lambda: services.agree(uid, form.terms(), by=person())):
        flash(_("约定已改好，下一次的时间重新算过"), "ok")
        return redirect(url_for("contracts.show", uid=uid))
    page = render_template(
        "contracts/edit.html", form=form, pairing=pairing, alias=alias_of(pairing.child_id)
    )
    return page, form.status


@bp.post("/pairings/<uid>/rhythm/checked")
@allow(*CHECKERS)
def checked(uid: str) -> ResponseReturnValue:
    pairing = known(uid, person())
    if not ladder.checks(pairing, person()):
        raise NotYours
    form = CheckForm.of_request()
    if form.carries_out(lambda: looked_after(uid, form.said(), by=person())):
        flash(_("记下了，谢谢您去看孩子"), "ok")
        return redirect(url_for("contracts.show", uid=uid))
    return _show(pairing, form)


@bp.get("/visits/lapsed")
@allow(*WAITED_FOR)
def lapsed() -> ResponseReturnValue:
    page = ladder.listing(person(), after=request.args.get("after"))
    names = area_names({row.township_id for row in page.rows})
    return render_template("contracts/lapsed.html", page=page, names=names, **WORDS)


def _show(pairing: Pairing, form: CheckForm) -> ResponseReturnValue:
    me, now = person(), standing(pairing)
    knows, checks = ladder.knows(pairing, me), ladder.checks(pairing, me)
    steps = ladder.history(pairing.id, answers=knows)
    page = render_template(
        "contracts/show.html",
        pairing=pairing,
        alias=alias_of(pairing.child_id),
        standing=now,
        agreed=_agreed(now.terms.every, now.terms.places),
        series=of_pairing(pairing.id),
        history=steps,
        knows=knows,
        over=now.next.days_over(clock.today()),
        begun=pairing.stage in BEGUN,
        may_edit=coordinates(pairing, me),
        check_form=form if checks and ladder.waits(pairing.id) else None,
        **WORDS,
    )
    if steps and knows:
        seen_elsewhere(pairing.child_id, by=me, fields=("lapse_steps",))
    return page, form.status


def _agreed(every: int, places: frozenset[PlaceKind]) -> list[tuple[str, str]]:
    """Return what is agreed, line by line."""
    known_rhythm = every in set(Every)
    often = str(EVERY[Every(every)]) if known_rhythm else _("每 %(n)d 天一次", n=every)
    where = _("、").join(str(PLACES[one]) for one in PlaceKind if one in places)
    return [(_("多久一次"), often), (_("可以在哪里见面"), where)]
