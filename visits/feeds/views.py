"""One's calendars: making, revoking, and the address that calendars read."""

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from accounts.web import address, person
from core.access import EVERYONE, allow
from core.forms import carry_out
from core.hosts import absolute
from core.i18n import _
from visits.busy import queries as busy
from visits.feeds import queries, services
from visits.feeds.forms import FeedForm
from visits.feeds.labels import REACHES
from visits.feeds.queries import READERS, Site
from visits.feeds.rules import Reach

bp = Blueprint("feeds", __name__)
CALENDAR = "text/calendar; charset=utf-8"


@bp.get("/account/calendars")
@allow(*READERS)
def own() -> ResponseReturnValue:
    me = person()
    return render_template(
        "feeds/own.html",
        feeds=queries.feeds_of(me),
        reaches=REACHES,
        invited=bool(queries.wants_invitations([me.id or 0])),
        busy=busy.import_of(me),
    )


@bp.route("/account/calendars/new", methods=["GET", "POST"])
@allow(*READERS, step_up=True)
def make() -> ResponseReturnValue:
    me, form = person(), FeedForm.of_request()
    made: list[str] = []  # not the form's result: that would be kept, and a secret is shown once

    def act() -> None:
        made.append(services.make(str(form.name.data), Reach(form.reach.data), by=me))

    if form.carries_out(act):
        url = absolute("feeds.read", token=made[0]) if made else ""
        return render_template("feeds/made.html", address=url)
    return render_template("feeds/make.html", form=form), form.status


@bp.post("/account/calendars/<uid>/revoke")
@allow(*READERS)
def revoke(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.revoke(uid, by=me))
    flash(_("已作废，那个日历不会再更新"), "ok")
    return redirect(url_for("feeds.own"))


@bp.post("/account/calendars/invitations")
@allow(*READERS)
def invitations() -> ResponseReturnValue:
    me, wanted = person(), request.form.get("wanted") == "1"
    carry_out(lambda: services.choose_invitations(wanted=wanted, by=me))
    flash(_("走访安排和变动会同时发日历邀请") if wanted else _("不再发日历邀请"), "ok")
    return redirect(url_for("feeds.own"))


@bp.get("/calendar/<token>.ics")
@allow(EVERYONE)
def read(token: str) -> ResponseReturnValue:
    feed, reader = services.opened(token, address=address())
    here = site()
    mark = services.mark_of(feed, reader, here)
    if mark in request.if_none_match:
        answer = Response(status=304)
    else:
        answer = Response(services.file_of(mark, feed, reader, here), content_type=CALENDAR)
    answer.set_etag(mark)
    return answer


def site() -> Site:
    """Return what the addresses of visits are made of, in the language of the request."""
    url = absolute("visits.show", uid="-")
    return Site(urlsplit(url).hostname or "localhost", url)
