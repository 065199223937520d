"""One tap whether one comes to a visit, and the visits that somebody cannot come to."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core.access import EVERYONE, allow
from core.errors import NotYours
from core.forms import carry_out
from visits.answers import queries, services
from visits.answers.rules import Asked, Said
from visits.labels import number

bp = Blueprint("visit_answers", __name__)


@bp.app_template_global()
def visit_answer(uid: str, asked: dict[str, int]) -> str:
    """Return the secret of a reminder's link, made when its text is: the ledger never holds it."""
    return services.token_of(Asked(uid, asked["person"], asked["minute"]))


@bp.get("/visits/answer/<token>")
@allow(EVERYONE)
def ask(token: str) -> ResponseReturnValue:
    """Show two buttons: programs that look at links in mails must not answer."""
    found = queries.question(services.asked_by(token))
    page = render_template("visit_answers/ask.html", found=found, token=token, number=number)
    return page, 200 if found.open else 410


@bp.post("/visits/answer/<token>/<verb>")
@allow(EVERYONE)
def give(token: str, verb: str) -> ResponseReturnValue:
    if verb not in set(Said):
        raise NotYours
    carry_out(lambda: services.answer(token, Said(verb)))
    return redirect(url_for("visit_answers.ask", token=token))


@bp.get("/visits/answers")
@allow(Role.TEAM_LEADER, Role.COORDINATOR)
def listing() -> ResponseReturnValue:
    page = queries.declined(person(), after=request.args.get("after"))
    stays = queries.who_stays([row.id for row in page.rows])
    return render_template("visit_answers/listing.html", page=page, stays=stays, number=number)
