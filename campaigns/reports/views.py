"""Where a closing report is written and corrected, and where everybody reads and prints it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.drafts.views import drafted
from accounts.queries import names
from accounts.rules import Role
from accounts.web import person
from campaigns.counties.queries import counties
from campaigns.manage.forms import number
from campaigns.manage.queries import campaign as campaign_of
from campaigns.manage.rules import WORKING
from campaigns.models import Campaign
from campaigns.numbers.queries import progress_of
from campaigns.queries import edition, partners
from campaigns.reports import queries, services
from campaigns.reports.forms import CorrectionForm, ReportForm
from campaigns.reports.models import ClosingReport
from campaigns.reports.rules import Mark, changed, changes
from campaigns.reports.services import Seen
from campaigns.rules import Stage
from campaigns.stories.faces.queries import public_stories
from core.access import EVERYONE, allow
from core.errors import NotYours, RuleBroken
from core.forms import carry_out
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


@bp.route("/manage/campaigns/<uid>/closing-report/correction", methods=["GET", "POST"])
@allow(Role.EDITOR)
@drafted
def correct(uid: str) -> ResponseReturnValue:
    """Write a correction; whoever was overtaken sees both texts (409)."""
    me = person()
    campaign = campaign_of(uid, me, Role.EDITOR)
    public, so_far = services.public_of(campaign), queries.correction(campaign.id)
    form = CorrectionForm.of_request(**_as_typed(campaign, so_far or public))
    if form.carries_out(lambda: services.correct(uid, form.correction(), by=me)):
        flash(_("更正已保存，等发布人公布；公开的总结还没有变"), "ok")
        return redirect(url_for("reports.versions", uid=uid))
    said = form.correction()
    overtaken = bool(form.form_errors) and (
        services.standing(campaign.id) != Seen(said.number, said.version)
    )
    page = render_template(
        "reports/correct.html",
        campaign=campaign,
        form=form,
        now=(queries.correction(campaign.id) or services.public_of(campaign))
        if overtaken
        else None,
    )
    return page, 409 if overtaken else form.status


def _as_typed(campaign: Campaign, found: ClosingReport) -> dict[str, object]:
    """Return what a correction begins with: what is written of it, or else what is public."""
    seen = services.standing(campaign.id)
    return {
        "text": found.text,
        "text_en": found.text_en,
        "reason": found.reason if seen.version else "",
        "reason_en": found.reason_en if seen.version else "",
        "number": str(seen.number),
        "version": str(seen.version),
    }


@bp.get("/manage/campaigns/<uid>/closing-report/versions")
@allow(*WORKING)
def versions(uid: str) -> ResponseReturnValue:
    """Show what is public, what waits to take its place, and what was public before."""
    me = person()
    campaign = campaign_of(uid, me)
    public, waiting = services.public_of(campaign), queries.correction(campaign.id)
    return render_template(
        "reports/versions.html",
        campaign=campaign,
        public=public,
        waiting=waiting,
        writer=names((waiting.written_by_id,)).get(waiting.written_by_id, "") if waiting else "",
        wrote=waiting is not None and queries.wrote(waiting, uid, me),
        slips=queries.slips_in(waiting) if waiting else [],
        page=queries.versions(campaign.id, after=request.args.get("after")),
        may_edit=me.has(Role.EDITOR),
        may_publish=me.has(Role.PUBLISHER),
        changes=changes,
        changed=changed,
        marks=Mark,
    )


@bp.post("/manage/campaigns/<uid>/closing-report/correction/publish")
@allow(Role.PUBLISHER)
def publish_correction(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.publish_correction(uid, _seen(), by=person()))
    flash(_("更正已公布，公开的总结换成了新的文字"), "ok")
    return redirect(url_for("reports.versions", uid=uid))


@bp.post("/manage/campaigns/<uid>/closing-report/correction/give-up")
@allow(Role.EDITOR, Role.PUBLISHER)
def give_up_correction(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.give_up_correction(uid, _seen(), by=person()))
    flash(_("更正已放弃，公开的总结没有变"), "ok")
    return redirect(url_for("reports.versions", uid=uid))


def _seen() -> Seen:
    return Seen(number(request.form.get("number")), number(request.form.get("version")))
