"""The demonstration's clock: what day it is here, moving on, and what happened meanwhile.

Registered only where the site is a demonstration; elsewhere there is no such page.
"""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.admin.labels import ACTIONS
from accounts.rules import Role
from accounts.sessions.services import begin_session
from accounts.web import agent, person, sign_in_person
from core import clock
from core.access import allow
from core.i18n import _
from core.i18n import lazy as _l
from demo.playing import queries, services
from demo.playing.forms import AdvanceForm
from messages.labels import KINDS
from visits.labels import STATES

bp = Blueprint("playing", __name__)
WATCHERS = (Role.CITY_COORDINATOR, Role.COORDINATOR, Role.ADMIN)
SPANS = {1: _l("1 天"), 7: _l("7 天"), 30: _l("30 天"), 365: _l("一年")}


@bp.route("/demo/clock", methods=["GET", "POST"])
@allow(*WATCHERS)
def show() -> ResponseReturnValue:
    form = AdvanceForm.of_request()
    if form.carries_out(lambda: services.advance(form.length)):
        # hours have passed for this session too: it begins anew, behind the second factor
        sign_in_person(begin_session(person().id or 0, agent=agent()))
        flash(_("时钟拨好了，网站会在几秒内把这段时间该做的事做完；请刷新看结果"), "ok")
        return redirect(url_for("playing.show", days=request.args.get("days")))
    asked = request.args.get("days", default=7, type=int)
    days = asked if asked in SPANS else 7
    now = clock.now()
    return render_template(
        "playing/show.html",
        form=form,
        now=now,
        ahead=clock.shift(),
        days=days,
        spans=SPANS,
        happened=queries.happened(now - timedelta(days=days), now),
        kinds=KINDS,
        states=STATES,
        actions=ACTIONS,
    ), form.status
