"""Signing in and out, the home page of every role, and one's own account."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts import queries, services
from accounts.factors import queries as factors
from accounts.factors import services as proving
from accounts.factors.forms import FactorForm, PasswordAgainForm
from accounts.factors.views import code_shown
from accounts.forms import CodeForm, PasswordForm, SignInForm
from accounts.labels import ROLES
from accounts.links import services as links
from accounts.passkeys.queries import passkeys_of
from accounts.rules import STAFF, Role
from accounts.sessions import services as sessions
from accounts.web import (
    address,
    agent,
    has_forgotten,
    hold_new_secret,
    passkey_site,
    person,
    remembers_again,
    sign_in_person,
    sign_out_person,
    someone,
)
from core.access import EVERYONE, SIGNED_IN, allow, own_page
from core.actions import next_actions
from core.forms import ActionForm, carry_out
from core.gates import behind_gate
from core.i18n import _

bp = Blueprint("accounts", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
@allow(EVERYONE)
@behind_gate
def sign_in() -> ResponseReturnValue:
    wanted = own_page(request.args.get("next"))
    if someone():
        return redirect(wanted or url_for("accounts.home"))
    form = SignInForm.of_request()

    def check() -> None:
        login, password = str(form.login.data), str(form.password.data)
        sign_in_person(services.sign_in(login, password, agent=agent(), address=address()))

    if form.tries(check):
        return redirect(wanted or url_for("accounts.home"))
    return render_template("accounts/sign_in.html", form=form, wanted=wanted), form.status


@bp.route("/sign-in/code", methods=["GET", "POST"])
@allow(EVERYONE)
@behind_gate
def sign_in_code() -> ResponseReturnValue:
    form = CodeForm.of_request()

    def check() -> None:
        login, code = str(form.login.data), str(form.code.data)
        secret = links.use_code(login, code, agent=agent(), address=address())
        sign_in_person(secret, forgot=True)

    if form.tries(check):
        return redirect(url_for("accounts.home"))
    return render_template("accounts/sign_in_code.html", form=form), form.status


@bp.route("/sign-in/link/<token>", methods=["GET", "POST"])
@allow(EVERYONE)
@behind_gate
def sign_in_link(token: str) -> ResponseReturnValue:
    """Show a button first: programs that look at links in mails must not use them up."""
    form = ActionForm.of_request()

    def check() -> None:
        secret = links.use_link(token, agent=agent(), address=address())
        sign_in_person(secret, forgot=True)

    if form.tries(check):
        return redirect(url_for("accounts.home"))
    return render_template("accounts/sign_in_link.html", form=form, token=token), form.status


@bp.post("/sign-out")
@allow(SIGNED_IN, before_factor=True)
def sign_out() -> ResponseReturnValue:
    me = person()
    if me.session_id is not None:
        sessions.end_session(me.session_id, by=me)
    sign_out_person()
    left = current_app.make_response(redirect(url_for("campaigns.index")))
    left.headers["Clear-Site-Data"] = '"cache"'  # pages of before do not come back with «back»
    return left


@bp.get("/home")
@allow(SIGNED_IN)
def home() -> ResponseReturnValue:
    me = person()
    if me.roles == {Role.VOLUNTEER.value}:
        return redirect(url_for("volunteers.me"))
    roles = [ROLES[role] for role in Role if role.value in me.roles]
    return render_template("accounts/home.html", me=me, roles=roles, waiting=next_actions(me))


@bp.route("/account", methods=["GET", "POST"])
@allow(SIGNED_IN)
def account() -> ResponseReturnValue:
    me, proofs = person(), factors.proofs_of(person().id)
    if request.method == "POST" and proofs.totp and not me.stepped_up:
        return redirect(url_for("accounts.step_up", next=url_for("accounts.account"), unsent=1))
    form = PasswordForm.of_request()
    knows = proofs.password and not (has_forgotten() and me.stepped_up)
    if not knows:
        del form.current

    def change() -> None:
        if knows:
            proving.prove_password(me, str(form.current.data))
        services.set_password(me.id or 0, str(form.password.data), by=me)

    if form.tries(change):
        remembers_again()
        flash(_("密码已更新，其他设备已退出"), "ok")
        return redirect(url_for("accounts.account"))
    page = render_template(
        "accounts/account.html",
        me=me,
        form=form,
        proofs=proofs,
        knows=knows,
        staff=me.has(*STAFF),
        passkeys=passkeys_of(me.id) if passkey_site() else None,
        sessions=queries.sessions_of(me.id or 0),
        login=queries.login_of(me.id or 0),
    )
    return page, form.status


@bp.route("/account/step-up", methods=["GET", "POST"])
@allow(SIGNED_IN)
def step_up() -> ResponseReturnValue:
    """Ask for one more proof before what is revealed or exported, then go back there."""
    me, wanted = person(), own_page(request.args.get("next"))
    proofs = factors.proofs_of(me.id)
    form = FactorForm.of_request() if proofs.totp else PasswordAgainForm.of_request()
    if form.tries(lambda: hold_new_secret(_proved(form))):
        return redirect(wanted or url_for("accounts.account"))
    page = render_template(
        "accounts/step_up.html",
        form=form,
        wanted=wanted,
        unsent=request.args.get("unsent", type=int),
        login=queries.login_of(me.id or 0),
        proofs=proofs,
        passkey=proofs.passkeys and passkey_site(),
        shown=code_shown(me.id) if proofs.totp else None,
    )
    return page, form.status


def _proved(form: FactorForm | PasswordAgainForm) -> str:
    """Check the proof and return the session's new secret. Raises RuleBroken."""
    if isinstance(form, FactorForm):
        proving.prove(person(), str(form.code.data))
    else:
        proving.prove_password(person(), str(form.password.data))
    return sessions.step_up(person())


@bp.post("/account/sessions/<int:session_id>/end")
@allow(SIGNED_IN, step_up=True)
def end_session(session_id: int) -> ResponseReturnValue:
    me = person()
    if session_id not in {row.id for row in queries.sessions_of(me.id or 0)}:
        raise NotFound
    carry_out(lambda: sessions.end_session(session_id, by=me))
    flash(_("那台设备已退出"), "ok")
    return redirect(url_for("accounts.account"))


@bp.post("/account/sessions/end-others")
@allow(SIGNED_IN, step_up=True)
def end_other_sessions() -> ResponseReturnValue:
    carry_out(lambda: sessions.end_others(person()))
    flash(_("其他设备都已退出"), "ok")
    return redirect(url_for("accounts.account"))
