"""One's own sign-ups, and a slot for one's calendar."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns import labels
from campaigns.cards.joined.texts import share_of
from campaigns.manage.slots import labels as slot_labels
from campaigns.seats import labels as seat_labels
from campaigns.signups.leaving import services as leaving
from campaigns.signups.own import queries, services
from campaigns.signups.queries import joining
from core.access import EVERYONE, allow
from core.forms import carry_out
from core.i18n import _
from volunteers import labels as steps
from volunteers.rules import Step

bp = Blueprint("own_signups", __name__)
OWN = (Role.VOLUNTEER, Role.TEAM_LEADER)
ONWARD = {Step.PROFILE: "volunteers.profile", Step.PLEDGE: "volunteers.pledge"}
"""What somebody does themselves; everything else is the centre's."""


@bp.get("/my/sign-ups")
@allow(*OWN)
def listing() -> ResponseReturnValue:
    me = person()
    page = queries.mine(me, after=request.args.get("after"))
    return render_template(
        "signups/mine.html",
        page=page,
        todos=queries.todos(me, page.rows),
        labels=labels,
        seats=seat_labels,
    )


@bp.get("/my/sign-ups/<uid>")
@allow(*OWN)
def show(uid: str) -> ResponseReturnValue:
    """Show one's own seat: where it stands, what is still to do, its code, what may be shared."""
    me = person()
    one = queries.own(uid, me)
    return render_template(
        "signups/own.html",
        one=one,
        todo=queries.todos(me, [one]).get(uid),
        share=share_of(one.slug) if one.may_leave else None,
        onward=ONWARD,
        steps=steps,
        labels=labels,
        slot_labels=slot_labels,
        seats=seat_labels,
    )


@bp.post("/my/sign-ups/<uid>/confirm")
@allow(*OWN)
def confirm(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.confirm(uid, by=me))
    flash(_("已确认，名额是您的了"), "ok")
    return redirect(url_for("own_signups.show", uid=uid))


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
