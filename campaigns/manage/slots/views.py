"""Setting how many places a campaign has in each county."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns import labels
from campaigns.manage import queries
from campaigns.manage.rules import LIVE
from campaigns.manage.slots import services
from campaigns.manage.slots.forms import NewSlotsForm, PlacesForm, SlotForm
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

    def open_them() -> str:
        counties = [int(county) for county in form.counties.data or []]
        return str(services.add(uid, counties, form.places(), by=me))

    if form.carries_out(open_them):
        flash(_("开好了 %(n)s 个名额", n=form.result), "ok")
        return redirect(url_for("manage.show", uid=uid))
    return render_template("manage/new_slots.html", campaign=campaign, form=form), form.status


@bp.route("/manage/slots/<uid>", methods=["GET", "POST"])
@allow(Role.EDITOR)
def edit(uid: str) -> ResponseReturnValue:
    me = person()
    own = queries.slot(uid, me)
    live = own.campaign.stage in LIVE
    form = (PlacesForm if live else SlotForm).of_request(**SlotForm.defaults_of(own.slot))

    def change() -> None:
        if isinstance(form, SlotForm):
            services.change(uid, form.when(), form.asked(), by=me)
        else:
            capacity, least = int(form.capacity.data or 0), int(form.least.data or 0)
            services.change_places(uid, capacity, least, by=me)

    if form.carries_out(change):
        flash(_("已保存"), "ok")
        return redirect(url_for("manage.show", uid=own.campaign.uid))
    return (
        render_template(
            "manage/edit_slot.html",
            own=own,
            form=form,
            live=live,
            labels=labels,
        ),
        form.status,
    )


@bp.post("/manage/slots/<uid>/remove")
@allow(Role.EDITOR)
def remove(uid: str) -> ResponseReturnValue:
    me = person()
    back = queries.slot(uid, me).campaign.uid
    carry_out(lambda: services.remove(uid, by=me))
    flash(_("名额已删除"), "ok")
    return redirect(url_for("manage.show", uid=back))
