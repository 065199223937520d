"""Where a closing report is written, and where everybody reads and prints it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.drafts.views import drafted
from accounts.rules import Role
from accounts.web import person
from campaigns.counties.queries import counties
from campaigns.manage.forms import number
from campaigns.manage.queries import campaign as campaign_of
from campaigns.numbers.queries import progress_of
from campaigns.queries import edition, partners
from campaigns.reports import queries, services
from campaigns.reports.forms import ReportForm
from campaigns.rules import Stage
from campaigns.stories.faces.queries import public_stories
from core.access import EVERYONE, allow
from core.errors import NotYours, RuleBroken
from core.i18n import _

bp = Blueprint("reports", __name__)


@bp.get("/campaigns/<slug>/report")
@allow(EVERYONE)
def show(slug: str) -> ResponseReturnValue:
    campaign = edition(slug)
    report = queries.published(campaign)
    if report is None:
        raise NotYours
    return render_template(
        "reports/show.html",
        campaign=campaign,
        report=report,
        progress=progress_of(report.figures, counties(campaign)),
        partners=partners(campaign.id),
        stories=public_stories(campaign.id),
    )


@bp.route("/manage/campaigns/<uid>/closing-report", methods=["GET", "POST"])
@allow(Role.EDITOR)
@drafted
def edit(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = campaign_of(uid, me, Role.EDITOR)
    if campaign.stage is not Stage.WRAP_UP:
        raise RuleBroken(_("收尾阶段才能写总结"))
    so_far = queries.written(campaign.id)
    form = ReportForm.of_request(
        text=so_far.text if so_far else "",
        text_en=so_far.text_en if so_far else "",
        version=str(campaign.version),
    )

    def write() -> None:
        texts = str(form.text.data or ""), str(form.text_en.data or "")
        services.write(uid, *texts, version=number(form.version.data), by=me)

    if form.carries_out(write):
        flash(_("总结已保存，等发布人公布"), "ok")
        return redirect(url_for("manage.show", uid=uid))
    return render_template("reports/edit.html", campaign=campaign, form=form), form.status
