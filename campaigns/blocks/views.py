"""Keeping seats for groups, and what the groups make of them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns import labels
from campaigns.blocks import queries, services
from campaigns.blocks.forms import BlockForm
from campaigns.blocks.rules import shown_code
from campaigns.seats import labels as seat_labels
from core import clock
from core.access import allow
from core.codes import drawn, outside
from core.forms import SelectChoice, carry_out
from core.i18n import _
from places.queries import shown

bp = Blueprint("blocks", __name__)
SEEING = (Role.COORDINATOR, Role.ORG_LEAD)


@bp.get("/seat-blocks")
@allow(*SEEING)
def listing() -> ResponseReturnValue:
    past = request.args.get("show") == "past"
    return render_template(
        "blocks/listing.html",
        page=queries.blocks(person(), past=past, after=request.args.get("after")),
        past=past,
        may_keep=person().has(Role.COORDINATOR),
        labels=labels,
    )


@bp.get("/seat-blocks/new")
@allow(Role.COORDINATOR)
def choose() -> ResponseReturnValue:
    page = queries.slots(person(), after=request.args.get("after"))
    return render_template("blocks/choose.html", page=page, labels=labels)


@bp.route("/slots/<uid>/blocks/new", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def new(uid: str) -> ResponseReturnValue:
    me, form = person(), BlockForm.of_request()
    row = queries.slot(uid, me)
    form.org.choices = [
        SelectChoice(str(one.id), shown(one.name, one.name_en))
        for one in queries.partners(clock.today())
    ]
    if form.carries_out(lambda: services.keep(uid, form.asked(), by=me)):
        flash(_("名额留好了，把口令或链接发给他们"), "ok")
        return redirect(url_for("blocks.show", uid=form.result))
    page = render_template("blocks/new.html", row=row, form=form, labels=labels)
    return page, form.status


@bp.get("/seat-blocks/<uid>")
@allow(*SEEING)
def show(uid: str) -> ResponseReturnValue:
    me = person()
    found = queries.block(uid, me)
    address = outside(url_for("groups.join", code=found.block.code))
    return render_template(
        "blocks/show.html",
        found=found,
        page=queries.members(found.block.id, after=request.args.get("after")),
        address=address,
        code=shown_code(found.block.code),
        squares=drawn(address, _("扫码报名")),
        can_release=me.has(Role.COORDINATOR),
        labels=labels,
        seats=seat_labels,
    )


@bp.post("/seat-blocks/<uid>/release")
@allow(Role.COORDINATOR)
def release(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.release(uid, by=me))
    flash(_("空位放回去了，先给排队的人"), "ok")
    return redirect(url_for("blocks.show", uid=uid))
