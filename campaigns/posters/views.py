"""Where the posters of a campaign hang, and what came from there."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.manage.queries import campaign as campaign_of
from campaigns.manage.rules import WORKING
from campaigns.posters import queries, services
from campaigns.posters.drawing import drawn
from campaigns.posters.forms import PlaceForm
from campaigns.posters.rules import tagged
from campaigns.posters.texts import poster_of
from campaigns.queries import edition
from campaigns.rules import PUBLIC
from core.access import allow
from core.codes import outside
from core.errors import RuleBroken
from core.forms import SelectChoice, carry_out
from core.i18n import _
from core.paper import missing
from places.queries import counties, shown

bp = Blueprint("posters", __name__)


@bp.route("/manage/campaigns/<uid>/places", methods=["GET", "POST"])
@allow(*WORKING)
def listing(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = campaign_of(uid, me)
    form = _form()

    def add() -> None:
        services.add(uid, str(form.name.data), county_id=int(form.county.data or 0) or None, by=me)

    if form.carries_out(add):
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


def _form() -> PlaceForm:
    form = PlaceForm.of_request()
    named = [SelectChoice(str(one.id), shown(one.name, one.name_en)) for one in counties()]
    form.county.choices = [SelectChoice("", _("不写")), *named]
    return form


@bp.post("/manage/places/<uid>/remove")
@allow(Role.EDITOR)
def remove(uid: str) -> ResponseReturnValue:
    me = person()
    campaign_uid = queries.place(uid, me, Role.EDITOR).campaign.uid
    carry_out(lambda: services.remove(uid, by=me))
    flash(_("已拿掉"), "ok")
    return redirect(url_for("posters.listing", uid=campaign_uid))


@bp.get('/manage/places/<uid>/poster-<any("a4","a3"):size>.pdf')
@allow(*WORKING)
def poster(uid: str, size: str) -> ResponseReturnValue:
    """Give out the poster of a place, in the reader's language."""
    found = queries.place(uid, person())
    if found.campaign.stage not in PUBLIC:
        raise RuleBroken(_("活动公开期间才能印海报"))
    printed = poster_of(edition(found.campaign.slug), found.place.tag)
    if unknown := missing(*printed.texts):
        raise RuleBroken(
            _(
                "海报的字库里没有这些字：%(characters)s。请在活动内容里换一种写法",
                characters=unknown,
            )
        )
    name = f"{found.campaign.slug}-{found.place.tag}-{size}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(drawn(printed, size), content_type="application/pdf", headers=headers)
