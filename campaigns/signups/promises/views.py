"""One tap whether one still comes, and the list of those who have not said."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.seats.rules import SeatState
from campaigns.signups.promises import queries, services
from campaigns.signups.promises.rules import Answer
from core.access import EVERYONE, allow
from core.errors import NotYours
from core.forms import carry_out
from core.i18n import _
from places.queries import shown

bp = Blueprint("promises", __name__)


@bp.get("/sign-ups/promise/<token>")
@allow(EVERYONE)
def answer(token: str) -> ResponseReturnValue:
    """Show two buttons: programs that look at links in mails must not answer."""
    found = queries.asked(token)
    page = render_template("promises/answer.html", found=found, token=token)
    return page, 200 if found.state is SeatState.CONFIRMED else 410


@bp.post("/sign-ups/promise/<token>/<verb>")
@allow(EVERYONE)
def give(token: str, verb: str) -> ResponseReturnValue:
    said_so = _answer(verb)
    carry_out(lambda: services.answer(token, said_so))
    return redirect(url_for("promises.answer", token=token))


def _answer(verb: str) -> Answer:
    if verb not in set(Answer):
        raise NotYours
    return Answer(verb)


@bp.get("/sign-ups/at-risk")
@allow(Role.COORDINATOR)
def at_risk() -> ResponseReturnValue:
    page = queries.at_risk(person(), after=request.args.get("after"))
    return render_template("promises/at_risk.html", page=page, shown=shown)


@bp.post("/sign-ups/<uid>/answer/<verb>")
@allow(Role.COORDINATOR)
def give_for(uid: str, verb: str) -> ResponseReturnValue:
    me, said_so = person(), _answer(verb)
    carry_out(lambda: services.answer_for(uid, said_so, by=me))
    comes = said_so is Answer.COMES
    flash(_("记下了：对方会来") if comes else _("已退出，名额让给了别人"), "ok")
    return redirect(url_for("promises.at_risk"))
