"""Setting how many places a campaign has in each county."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns import labels
from campaigns.manage import queries
from campaigns.manage.forms import NewSlotsForm, SlotForm
from campaigns.manage.rules import LIVE
from campaigns.manage.slots import services
from campaigns.rules import SlotKind
from core.access import allow
from core.forms import SelectChoice, carry_out
from core.i18n import _

bp = Blueprint("manage_slots", __name__)


@bp.route("/manage/campaigns/<uid>/slots/new", methods=["GET", "POST"])
@allow(Role.EDITOR)
def new(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = queries.campaign(uid, me, Role.EDITOR)
    form = NewSlotsForm.of_request(starts_on=campaign.visits_from, ends_on=campaign.visits_until)
    form.counties.choices = [SelectChoice(*one) for one in queries.counties_of(campaign.area_id)]
    if form.carries_out(
        lambda: services.add(
            uid,
            [int(county) for county in form.counties.data or []],
            form.places(SlotKind(str(form.kind.data))),
            by=me,
        )
    ):
        flash(_("名额已加上"), "ok")
        return redirect(url_for("manage.show", uid=uid))
    return render_template("manage/new_slots.html", campaign=campaign, form=form), form.status


@bp.route("/manage/slots/<uid>", methods=["GET", "POST"])
@allow(Role.EDITOR)
def edit(uid: str) -> ResponseReturnValue:
    me = person()
    slot, campaign, county = queries.slot(uid, me)
    form = SlotForm.of_request(
        starts_on=slot.starts_on, ends_on=slot.ends_on, capacity=slot.capacity
    )
    if form.carries_out(lambda: services.change(uid, form.places(slot.kind), by=me)):
        flash(_("已保存"), "ok")
        return redirect(url_for("manage.show", uid=campaign.uid))
    return (
        render_template(
            "manage/edit_slot.html",
            slot=slot,
            campaign=campaign,
            county=county,
            form=form,
            live=campaign.stage in LIVE,
            labels=labels,
        ),
        form.status,
    )


@bp.post("/manage/slots/<uid>/remove")
@allow(Role.EDITOR)
def remove(uid: str) -> ResponseReturnValue:
    me = person()
    _slot, campaign, _county = queries.slot(uid, me)
    back = campaign.uid
    carry_out(lambda: services.remove(uid, by=me))
    flash(_("名额已删除"), "ok")
    return redirect(url_for("manage.show", uid=back))
