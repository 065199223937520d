"""One's own sign-ups, and a slot for one's calendar."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns import labels
from campaigns.seats import labels as seat_labels
from campaigns.signups.leaving import services as leaving
from campaigns.signups.own import queries, services
from campaigns.signups.queries import joining
from core.access import EVERYONE, allow
from core.forms import carry_out
from core.i18n import _

bp = Blueprint("own_signups", __name__)
OWN = (Role.VOLUNTEER, Role.TEAM_LEADER)


@bp.get("/my/sign-ups")
@allow(*OWN)
def listing() -> ResponseReturnValue:
    return render_template(
        "signups/mine.html",
        page=queries.mine(person(), after=request.args.get("after")),
        labels=labels,
        seats=seat_labels,
    )


@bp.post("/my/sign-ups/<uid>/confirm")
@allow(*OWN)
def confirm(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.confirm(uid, by=me))
    flash(_("已确认，名额是您的了"), "ok")
    return redirect(url_for("own_signups.listing"))


@bp.post("/my/sign-ups/<uid>/leave")
@allow(*OWN)
def leave(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: leaving.leave_own(uid, by=me))
    flash(_("已退出，名额让给了别人。谢谢您说一声"), "ok")
    return redirect(url_for("own_signups.listing"))


@bp.get("/slots/<uid>.ics")
@allow(EVERYONE)
def ics(uid: str) -> ResponseReturnValue:
    wanted = joining(uid)
    url = url_for("campaigns.show", slug=wanted.campaign.slug, _external=True)
    body = queries.ics(wanted, url=url, host=urlsplit(url).hostname or "localhost")
    kept = {"Content-Disposition": "attachment; filename=tongxing.ics"}
    return Response(body, mimetype="text/calendar", headers=kept)
