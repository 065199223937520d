"""Pages of what is sealed: entering it, and finding a file by an exact name or phone."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.web import count_search, person
from children import queries
from children.labels import STATE_TONES, STATES
from children.queries import READERS
from children.sealed import services
from children.sealed.entering.services import OnFileAlready, enter, keep_refusal
from children.sealed.forms import SealedForm, SearchForm
from children.sealed.queries import part_of
from children.sealed.search.services import search
from children.services import look
from core.access import allow
from core.db import AnyRow
from core.i18n import _
from places.queries import area_names

bp = Blueprint("sealed", __name__)


@bp.route("/children/<uid>/sealed", methods=["GET", "POST"])
@allow(*services.EDITORS)
def edit(uid: str) -> ResponseReturnValue:
    me = person()
    child, part = look(uid, by=me), part_of(uid, me)
    form = SealedForm.of_request(version=str(part.version))
    form.offer(part)
    twins: list[OnFileAlready] = []

    def act() -> None:
        try:
            enter(uid, form.entry(), by=me)
        except OnFileAlready as refusal:
            twins.append(refusal)
            raise

    if form.carries_out(act):
        flash(_("密封信息已更新"), "ok")
        return redirect(url_for("children.show", uid=uid))
    if twins:
        keep_refusal(uid, by=me)
    shown = queries.staffs(child)
    return render_template("sealed/edit.html", child=shown, part=part, form=form), form.status


@bp.route("/children/find", methods=["GET", "POST"])
@allow(*READERS)
def find() -> ResponseReturnValue:
    """Search by POST: a name is never part of an address. As many a minute as anybody may."""
    me, form = person(), SearchForm.of_request()
    found: list[AnyRow] = []

    def look_up() -> None:
        count_search("one")
        found.extend(search(form.wanted(), by=me))

    asked = form.tries(look_up)
    return render_template(
        "sealed/find.html",
        form=form,
        asked=asked,
        found=found,
        places=area_names(row.village_id for row in found),
        states=STATES,
        state_tones=STATE_TONES,
    ), form.status
