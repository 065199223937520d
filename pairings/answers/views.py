"""Pages for what guardian and child say to one pairing."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.web import person
from children.consents.labels import PROOFS, SIGNERS
from children.services import seen_elsewhere
from core.access import allow
from core.errors import NotYours
from core.i18n import _
from pairings import queries
from pairings.answers import services
from pairings.answers.forms import AnswerForm
from pairings.answers.labels import ASKED, QUESTIONS, WHOSE
from pairings.answers.queries import history
from pairings.answers.rules import Whose

bp = Blueprint("pairing_answers", __name__)
SHOWN_OF_CHILD = ("answers",)


@bp.route("/pairings/<uid>/answers/<whose>", methods=["GET", "POST"])
@allow(*services.ENTERING)
def record(uid: str, whose: str) -> ResponseReturnValue:
    me, side = person(), _side(whose)
    seen = queries.shown(uid, me)
    if not seen.enters:
        raise NotYours
    form = AnswerForm.of_request().ask(side, seen.child.age_band)
    if form.carries_out(lambda: services.answer(uid, side, form.answer(), by=me)):
        said = form.answer().yes
        flash(_("已登记：愿意") if said else _("已登记：不愿意，结对到此为止"), "ok")
        return redirect(url_for("pairings.show", uid=uid))
    page = render_template(
        "pairings/answer.html",
        pairing=seen.pairing,
        child=seen.child,
        side=side,
        heading=QUESTIONS[side],
        meaning=ASKED[side],
        rows=history(seen.pairing.id),
        whose=WHOSE,
        proofs=PROOFS,
        signers=SIGNERS,
        open=services.open_to_answers(seen.pairing.stage),
        form=form,
    )
    seen_elsewhere(seen.child.id, by=me, fields=SHOWN_OF_CHILD)
    return page, form.status


def _side(text: str) -> Whose:
    if text not in set(Whose):
        raise NotFound
    return Whose(text)
