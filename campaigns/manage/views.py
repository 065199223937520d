"""Where campaigns are written, reviewed and published: three people, one after the other."""

from dataclasses import fields
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.drafts.views import drafted
from accounts.queries import names
from accounts.rules import Actor, Role
from accounts.web import person
from campaigns import labels
from campaigns.manage import queries, services
from campaigns.manage.forms import CampaignForm, HaltForm, NewCampaignForm, ReviewForm, number
from campaigns.manage.labels import ACTIONS, DONE, TABS, VERBS
from campaigns.manage.outlines.queries import outline
from campaigns.manage.rules import MOVES, WORKING, Verb, verbs_for
from campaigns.manage.services import Draft, Step
from campaigns.models import Campaign
from campaigns.pictures.queries import of_campaign, shown_of
from campaigns.reports.queries import of_manage
from campaigns.rules import Stage
from core import clock
from core.access import allow
from core.db import db
from core.forms import SelectChoice, carry_out
from core.i18n import _

bp = Blueprint("manage", __name__)
AnyCampaignForm = TypeVar("AnyCampaignForm", bound=CampaignForm)


@bp.get("/manage/campaigns")
@allow(*WORKING)
def listing() -> ResponseReturnValue:
    me, tab = person(), request.args.get("show", "")
    return render_template(
        "manage/listing.html",
        page=queries.campaigns(me, tab=tab, after=request.args.get("after")),
        counts=queries.counts(me, *TABS),
        tabs=TABS,
        tab=tab if tab in TABS else "",
        labels=labels,
        may_edit=me.has(Role.EDITOR),
    )


@bp.get("/manage/campaigns/<uid>")
@allow(*WORKING)
def show(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = queries.campaign(uid, me)
    told = of_manage(campaign)
    people = (campaign.edited_by_id, campaign.reviewed_by_id, campaign.published_by_id)
    return render_template(
        "manage/show.html",
        campaign=campaign,
        slots=queries.slots(campaign.id),
        picture=shown_of(of_campaign(campaign.id)),
        names=names(people),
        host=queries.host_name(campaign.host_id),
        history=queries.history(uid),
        verbs=_verbs(me, campaign),
        can_schedule=me.has(Role.PUBLISHER) and campaign.stage is Stage.APPROVED,
        gaps=services.gaps(db.session(), campaign) if me.has(Role.EDITOR) else [],
        may_edit=me.has(Role.EDITOR),
        report=told.report,
        report_gaps=told.gaps,
        correction=told.correction,
        labels=labels,
        actions=ACTIONS,
        verb_names=VERBS,
        moves=MOVES,
    )


def _verbs(me: Actor, campaign: Campaign) -> list[Verb]:
    return [verb for role in WORKING if me.has(role) for verb in verbs_for(role, campaign.stage)]


@bp.route("/manage/campaigns/new", methods=["GET", "POST"])
@allow(Role.EDITOR)
@drafted
def new() -> ResponseReturnValue:
    me = person()
    begun = outline(request.args.get("outline", "")[:40], clock.today())
    form = _filled(NewCampaignForm.of_request(**begun), me)
    if form.carries_out(
        lambda: services.create(str(form.slug.data), form.draft(), form.partner_ids(), by=me)
    ):
        flash(_("草稿已建好，接着设名额"), "ok")
        return redirect(url_for("manage.show", uid=form.result))
    return render_template("manage/new.html", form=form), form.status


@bp.route("/manage/campaigns/<uid>/edit", methods=["GET", "POST"])
@allow(Role.EDITOR)
@drafted
def edit(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = queries.campaign(uid, me, Role.EDITOR)
    form = _filled(CampaignForm.of_request(**_as_typed(campaign)), me)
    if form.carries_out(
        lambda: services.save(
            uid, form.draft(), form.partner_ids(), version=form.seen_version(), by=me
        )
    ):
        flash(_("已保存"), "ok")
        return redirect(url_for("manage.show", uid=uid))
    changed = bool(form.form_errors) and campaign.version != form.seen_version()
    now = _differences(form, campaign) if changed else []
    status = 409 if changed else form.status
    return render_template("manage/edit.html", campaign=campaign, form=form, now=now), status


def _as_typed(campaign: Campaign) -> dict[str, object]:
    """Return a campaign as its form shows it."""
    same = {one.name: getattr(campaign, one.name) for one in fields(Draft)}
    return same | {
        "brand": str(campaign.brand_id),
        "area": str(campaign.area_id),
        "host": str(campaign.host_id or ""),
        "goal": campaign.goal_volunteers,
        "partners": queries.partner_ids(campaign.id),
        "version": str(campaign.version),
    }


def _differences(form: CampaignForm, campaign: Campaign) -> list[tuple[str, str]]:
    """Return the label and the stored text of each field that somebody else has changed."""
    stored = _as_typed(campaign)
    chosen = {"brand", "area", "host", "version"}
    return [
        (one.label.text, str(stored[one.name]))
        for one in form
        if isinstance(stored.get(one.name), str)
        and one.name not in chosen
        and one.data != stored[one.name]
    ]


def _filled(form: AnyCampaignForm, me: Actor) -> AnyCampaignForm:
    form.brand.choices = [SelectChoice(*one) for one in queries.brands()]
    form.area.choices = [SelectChoice(*one) for one in queries.areas(me)]
    form.host.choices = [
        SelectChoice("", "—"),
        *(SelectChoice(*one) for one in queries.choices_of(queries.HOSTS)),
    ]
    form.partners.choices = [SelectChoice(*one) for one in queries.choices_of(queries.PARTNERS)]
    return form


@bp.post("/manage/campaigns/<uid>/submit")
@allow(Role.EDITOR)
def submit(uid: str) -> ResponseReturnValue:
    return _move(uid, Verb.SUBMIT)


@bp.post("/manage/campaigns/<uid>/withdraw")
@allow(Role.EDITOR)
def withdraw(uid: str) -> ResponseReturnValue:
    return _move(uid, Verb.WITHDRAW)


@bp.post(
    '/manage/campaigns/<uid>/<any("publish","start","wrap-up","report","archive","resume"):verb>'
)
@allow(Role.PUBLISHER)
def move(uid: str, verb: str) -> ResponseReturnValue:
    return _move(uid, Verb(verb))


def _move(uid: str, verb: Verb) -> ResponseReturnValue:
    step = Step(verb, number(request.form.get("version")))
    carry_out(lambda: services.move(uid, step, by=person()))
    flash(str(DONE[verb]), "ok")
    return redirect(url_for("manage.show", uid=uid))


@bp.route('/manage/campaigns/<uid>/<any("suspend","cancel"):verb>', methods=["GET", "POST"])
@allow(Role.PUBLISHER)
def halt(uid: str, verb: str) -> ResponseReturnValue:
    """Ask for a reason first: what the public sees changes at once."""
    me, chosen = person(), Verb(verb)
    campaign = queries.campaign(uid, me, Role.PUBLISHER)
    form = HaltForm.of_request(version=str(campaign.version))
    step = Step(chosen, number(form.version.data), str(form.reason.data or ""))
    if form.carries_out(lambda: services.move(uid, step, by=me)):
        flash(str(DONE[chosen]), "ok")
        return redirect(url_for("manage.show", uid=uid))
    return (
        render_template("manage/halt.html", campaign=campaign, form=form, verb=chosen, names=VERBS),
        form.status,
    )


@bp.route("/manage/campaigns/<uid>/review", methods=["GET", "POST"])
@allow(Role.SAFEGUARDING_LEAD)
def review(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = queries.campaign(uid, me, Role.SAFEGUARDING_LEAD)
    form = ReviewForm.of_request(version=str(campaign.version))
    if form.carries_out(lambda: services.move(uid, form.step(), by=me)):
        flash(str(DONE[form.step().verb]), "ok")
        return redirect(url_for("manage.show", uid=uid))
    return (
        render_template(
            "manage/review.html",
            campaign=campaign,
            form=form,
            slots=queries.slots(campaign.id),
            picture=shown_of(of_campaign(campaign.id)),
            names=names((campaign.edited_by_id,)),
            host=queries.host_name(campaign.host_id),
            labels=labels,
        ),
        form.status,
    )
