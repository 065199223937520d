"""Where a campaign gets its picture, and where everybody loads it from."""

from pathlib import Path

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person, someone
from campaigns.manage.queries import campaign as campaign_of
from campaigns.pictures import queries, services
from campaigns.pictures.forms import PictureForm
from core.access import EVERYONE, allow
from core.bodies import takes
from core.config import Settings
from core.errors import NotYours
from core.forms import carry_out
from core.i18n import _
from core.pictures import MOST_BYTES, file_of

bp = Blueprint("pictures", __name__)

BESIDES = 64 * 1024
"""Bytes of a form beside its picture."""
INERT = "default-src 'none'; sandbox"
KEPT = "private, max-age=86400, immutable"
"""A day in one's own browser, and in no proxy: a picture that has to go is gone tomorrow."""


def folder() -> Path:
    settings: Settings = current_app.extensions["settings"]
    return settings.home / "pictures"


@bp.get("/pictures/<uid>/<int:width>.webp")
@allow(EVERYONE)
def serve(uid: str, width: int) -> ResponseReturnValue:
    public = queries.is_public(uid, width, someone())
    try:
        body = file_of(folder(), uid, width).read_bytes()
    except OSError as error:
        raise NotYours from error
    headers = {"Content-Security-Policy": INERT, "Cache-Control": KEPT if public else "no-store"}
    return Response(body, content_type="image/webp", headers=headers)


@bp.route("/manage/campaigns/<uid>/picture", methods=["GET", "POST"])
@allow(Role.EDITOR)
@takes(MOST_BYTES + BESIDES)
def edit(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = campaign_of(uid, me, Role.EDITOR)
    form = PictureForm.of_request()
    if form.carries_out(lambda: services.add(uid, form.as_picture(), folder(), by=me)):
        flash(_("图片已保存"), "ok")
        return redirect(url_for("manage.show", uid=uid))
    has_one = queries.shown_of(queries.of_campaign(campaign.id))
    page = render_template("manage/picture.html", campaign=campaign, form=form, has_one=has_one)
    return page, form.status


@bp.post("/manage/campaigns/<uid>/picture/remove")
@allow(Role.EDITOR)
def remove(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.remove(uid, by=person()))
    flash(_("图片已拿掉"), "ok")
    return redirect(url_for("manage.show", uid=uid))
