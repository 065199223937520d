"""Setting the hour at which a campaign becomes public, and taking it back."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.manage import queries
from campaigns.manage.forms import number
from campaigns.manage.schedule import services
from campaigns.manage.schedule.forms import ScheduleForm
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from core.show import moment

bp = Blueprint("schedule", __name__)


@bp.route("/manage/campaigns/<uid>/schedule", methods=["GET", "POST"])
@allow(Role.PUBLISHER)
def edit(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = queries.campaign(uid, me, Role.PUBLISHER)
    form = ScheduleForm.of_request(version=str(campaign.version))

    def schedule() -> None:
        services.schedule(uid, form.at(), version=number(form.version.data), by=me)

    if form.carries_out(schedule):
        flash(_("定好了，%(moment)s公开", moment=moment(form.at())), "ok")
        return redirect(url_for("manage.show", uid=uid))
    return render_template("manage/schedule.html", campaign=campaign, form=form), form.status


@bp.post("/manage/campaigns/<uid>/unschedule")
@allow(Role.PUBLISHER)
def drop(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.unschedule(uid, by=me))
    flash(_("不再定时，等发布人自己公开"), "ok")
    return redirect(url_for("manage.show", uid=uid))
