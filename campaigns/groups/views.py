"""Joining with a group's code: the same sheet, on the seats kept for it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Actor, Role
from accounts.web import address, someone
from campaigns import labels
from campaigns.blocks.queries import Kept, behind
from campaigns.blocks.rules import typed_code
from campaigns.groups import services
from campaigns.groups.forms import GroupForm, TypedForm
from campaigns.groups.queries import wanted_by
from campaigns.manage.slots import labels as slot_labels
from campaigns.seats.labels import said
from campaigns.seats.rules import Act, Party, can
from campaigns.signups.forms import AgainForm
from campaigns.signups.hints.queries import STRANGER, known_of, looker
from campaigns.signups.own.queries import state_at
from campaigns.signups.services import may_write_to
from core.access import EVERYONE, allow
from core.errors import NotYours, RuleBroken
from core.i18n import _

bp = Blueprint("groups", __name__)


@bp.route("/groups", methods=["GET", "POST"])
@allow(EVERYONE)
def enter() -> ResponseReturnValue:
    """Take a code as it stands on paper."""
    form = TypedForm.of_request()

    def look_up() -> str:
        try:
            return behind(typed_code(str(form.code.data))).block.code
        except NotYours:
            raise RuleBroken(
                _("没有这个口令，请核对八个字母和数字，或者问问组织报名的人")
            ) from None

    def floods() -> bool:
        services.may_try(address=address())
        return False

    if form.carries_out(look_up, unless=floods):
        return redirect(url_for("groups.join", code=form.result))
    return render_template("groups/enter.html", form=form), form.status


@bp.route("/groups/<code>", methods=["GET", "POST"])
@allow(EVERYONE)
def join(code: str) -> ResponseReturnValue:
    kept, me = behind(typed_code(code)), someone()
    if me and me.has(Role.VOLUNTEER):
        return _join_again(kept, me)
    form = GroupForm.of_request()

    def disturbs() -> bool:
        return not may_write_to(str(form.contact.data), address=address())

    def sign_up() -> None:
        services.join(kept.block.code, form.wish_from(kept.org))

    if form.carries_out(sign_up, unless=disturbs):
        by_mail = "@" in str(form.contact.data)
        via = "mail" if by_mail else "phone"
        return redirect(url_for("signups.sent", via=via, slot=kept.slot.uid))
    known = known_of(wanted_by(kept), STRANGER, "")
    return _sheet("groups/join.html", kept, form, Party(form.size, late=known.late), known=known)


def _join_again(kept: Kept, me: Actor) -> ResponseReturnValue:
    form = AgainForm.of_request()
    if form.carries_out(lambda: services.join_again(kept.block.code, size=form.size, by=me)):
        flash(_("记下了。下面能看到您的名额"), "ok")
        return redirect(url_for("own_signups.show", uid=form.result))
    known = known_of(wanted_by(kept), looker(me), "")
    party = Party(form.size, state=state_at(kept.slot.id, me), late=known.late)
    return _sheet("groups/again.html", kept, form, party, known=known)


def _sheet(
    template: str, kept: Kept, form: AgainForm, party: Party, **more: object
) -> ResponseReturnValue:
    wanted = wanted_by(kept)
    form.fit(wanted.seats)
    against = can(party, Act.JOIN, wanted.seats)
    page = render_template(
        template,
        kept=kept,
        wanted=wanted,
        form=form,
        why=said(against) if against else "",
        labels=labels,
        slot_labels=slot_labels,
        **more,
    )
    return page, form.status if kept.is_open else 410
