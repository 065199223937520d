"""Setting up the second factor, and passing it after sign-in."""

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.factors import queries, services
from accounts.factors.forms import EnrolForm, FactorForm
from accounts.factors.rules import address_of, in_fours
from accounts.queries import login_of
from accounts.rules import STAFF
from accounts.web import has_forgotten, hold_new_secret, passkey_site, person, sign_in_person
from core.access import SIGNED_IN, allow, own_page
from core.config import Settings
from core.errors import RuleBroken
from core.forms import carry_out
from core.i18n import _

bp = Blueprint("factors", __name__)


def code_shown(person_id: int | None) -> str | None:
    """Return the code to show on the page: in a demonstration, whose people have no phones."""
    settings: Settings = current_app.extensions["settings"]
    return queries.code_now(person_id) if settings.demo else None


@bp.route("/sign-in/factor", methods=["GET", "POST"])
@allow(SIGNED_IN, before_factor=True)
def due() -> ResponseReturnValue:
    """Ask for the second factor; whoever has none yet sets it up first."""
    me, wanted = person(), own_page(request.args.get("next"))
    if not me.second_factor_due:
        return redirect(wanted or url_for("accounts.home"))
    proofs = queries.proofs_of(me.id)
    if not proofs.totp:
        return redirect(url_for("factors.enrol", next=wanted))
    form = FactorForm.of_request()
    if form.tries(
        lambda: sign_in_person(services.enter(me, str(form.code.data)), forgot=has_forgotten())
    ):
        return redirect(wanted or url_for("accounts.home"))
    page = render_template(
        "factors/due.html",
        form=form,
        wanted=wanted,
        passkey=proofs.passkeys and passkey_site(),
        shown=code_shown(me.id),
    )
    return page, form.status


@bp.route("/account/factor", methods=["GET", "POST"])
@allow(SIGNED_IN, before_factor=True)
def enrol() -> ResponseReturnValue:
    """Show the secret as a picture and in letters, and take it once a code proves that it came."""
    me, wanted = person(), own_page(request.args.get("next"))
    refused = _must_prove_first()
    if refused is not None:
        return refused
    form = EnrolForm.of_request()
    secret = _secret_of(form)
    made: list[services.Enrolled] = []
    if form.tries(lambda: made.append(services.switch_on(me, secret, str(form.code.data)))):
        hold_new_secret(made[0].secret)
        return _show(made[0].codes, wanted)
    form.sealed.data = services.held_back(secret, me)
    address = address_of(secret, login_of(me.id or 0), _("童行"))
    page = render_template(
        "factors/enrol.html",
        form=form,
        wanted=wanted,
        due=me.second_factor_due,
        secret=in_fours(secret),
        picture=segno.make(address, error="m").svg_data_uri(border=2, dark="#0A464A", light="#fff"),
    )
    return page, form.status


def _must_prove_first() -> ResponseReturnValue | None:
    """Lead away whoever may not set up a factor just now: they have one, or signed in long ago."""
    me = person()
    if me.second_factor_due and queries.proofs_of(me.id).totp:
        return redirect(url_for("factors.due", next=request.args.get("next")))
    if not me.second_factor_due and not me.stepped_up:
        return redirect(url_for("accounts.step_up", next=url_for("factors.enrol")))
    return None


def _secret_of(form: EnrolForm) -> str:
    """Return the secret that came back with the form; a new one when none or a spoilt one did."""
    try:
        return services.handed_back(form.sealed.data or "", person())
    except RuleBroken:
        return services.new_secret()


def _show(codes: tuple[str, ...], wanted: str | None) -> ResponseReturnValue:
    """Show recovery codes: this once, and never again."""
    shown = [in_fours(code) for code in codes]
    return render_template(
        "factors/codes.html", codes=shown, wanted=wanted or url_for("accounts.account")
    )


@bp.post("/account/factor/codes")
@allow(SIGNED_IN, step_up=True)
def codes() -> ResponseReturnValue:
    """Make new recovery codes; the old ones are void."""
    made: list[tuple[str, ...]] = []
    carry_out(lambda: made.append(services.renew_codes(person())))
    if not made:
        return redirect(url_for("accounts.account"))
    return _show(made[0], None)


@bp.post("/account/factor/off")
@allow(SIGNED_IN, step_up=True)
def off() -> ResponseReturnValue:
    """Do without a second factor: for volunteers only, who need not have one."""
    me = person()
    if me.has(*STAFF):
        raise RuleBroken(_("工作人员必须使用二次验证"))
    carry_out(lambda: services.switch_off(me))
    flash(_("二次验证已关闭"), "ok")
    return redirect(url_for("accounts.account"))
