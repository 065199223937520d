"""Where the posters of a campaign hang, and what came from there."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.manage.queries import campaign as campaign_of
from campaigns.manage.rules import WORKING
from campaigns.posters import queries, services
from campaigns.posters.forms import PlaceForm
from campaigns.posters.rules import tagged
from campaigns.rules import PUBLIC
from core.access import allow
from core.codes import outside
from core.forms import carry_out
from core.i18n import _

bp = Blueprint("posters", __name__)


@bp.route("/manage/campaigns/<uid>/places", methods=["GET", "POST"])
@allow(*WORKING)
def listing(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = campaign_of(uid, me)
    form = PlaceForm.of_request()
    if form.carries_out(lambda: services.add(uid, str(form.name.data), by=me)):
        flash(_("已加上"), "ok")
        return redirect(url_for("posters.listing", uid=uid))
    page = render_template(
        "posters/listing.html",
        campaign=campaign,
        places=queries.hung(campaign.id),
        form=form,
        may_edit=me.has(Role.EDITOR),
        public=campaign.stage in PUBLIC,
        tagged=tagged,
        address=outside(url_for("campaigns.show", slug=campaign.slug)),
    )
    return page, form.status


@bp.post("/manage/places/<uid>/remove")
@allow(Role.EDITOR)
def remove(uid: str) -> ResponseReturnValue:
    me = person()
    campaign_uid = queries.place(uid, me, Role.EDITOR).campaign.uid
    carry_out(lambda: services.remove(uid, by=me))
    flash(_("已拿掉"), "ok")
    return redirect(url_for("posters.listing", uid=campaign_uid))
