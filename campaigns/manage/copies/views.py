"""Copying a campaign for its next edition."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.manage import queries
from campaigns.manage.copies import services
from campaigns.manage.copies.forms import CopyForm
from core import clock
from core.access import allow
from core.i18n import _

bp = Blueprint("manage_copies", __name__)


@bp.route("/manage/campaigns/<uid>/copy", methods=["GET", "POST"])
@allow(Role.EDITOR)
def new(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = queries.campaign(uid, me, Role.EDITOR)
    form = CopyForm.of_request(**CopyForm.next_of(campaign))

    def copy() -> str:
        begins = form.begins.data or clock.today()
        slug, title = str(form.slug.data), str(form.title.data)
        return services.copy(uid, slug, title, begins, by=me)

    if form.carries_out(copy):
        flash(_("草稿已建好：内容和名额都照旧，日子已往后移"), "ok")
        return redirect(url_for("manage.show", uid=form.result))
    return render_template("manage/copy.html", campaign=campaign, form=form), form.status
