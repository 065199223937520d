"""Signing in and out, the home page of every role, and one's own account."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts import queries, services
from accounts.forms import CodeForm, PasswordForm, SignInForm
from accounts.labels import ROLES
from accounts.rules import Role
from accounts.web import address, agent, person, sign_in_person, sign_out_person, someone
from core.access import EVERYONE, SIGNED_IN, allow, own_page
from core.actions import next_actions
from core.forms import ActionForm, carry_out
from core.i18n import _

bp = Blueprint("accounts", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
@allow(EVERYONE)
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
def sign_in_code() -> ResponseReturnValue:
    form = CodeForm.of_request()

    def check() -> None:
        login, code = str(form.login.data), str(form.code.data)
        sign_in_person(services.use_code(login, code, agent=agent(), address=address()))

    if form.tries(check):
        return redirect(url_for("accounts.home"))
    return render_template("accounts/sign_in_code.html", form=form), form.status


@bp.route("/sign-in/link/<token>", methods=["GET", "POST"])
@allow(EVERYONE)
def sign_in_link(token: str) -> ResponseReturnValue:
    """Show a button first: programs that look at links in mails must not use them up."""
    form = ActionForm.of_request()
    if form.tries(
        lambda: sign_in_person(services.use_link(token, agent=agent(), address=address()))
    ):
        return redirect(url_for("accounts.home"))
    return render_template("accounts/sign_in_link.html", form=form, token=token), form.status


@bp.post("/sign-out")
@allow(SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    me = person()
    if me.session_id is not None:
        services.end_session(me.session_id, by=me)
    sign_out_person()
    return redirect(url_for("campaigns.index"))


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
    me = person()
    form = PasswordForm.of_request()
    if form.tries(lambda: services.set_password(me.id or 0, str(form.password.data), by=me)):
        flash(_("密码已更新，其他设备已退出"), "ok")
        return redirect(url_for("accounts.account"))
    page = render_template(
        "accounts/account.html",
        me=me,
        form=form,
        sessions=queries.sessions_of(me.id or 0),
        login=queries.login_of(me.id or 0),
    )
    return page, form.status


@bp.post("/account/sessions/<int:session_id>/end")
@allow(SIGNED_IN)
def end_session(session_id: int) -> ResponseReturnValue:
    me = person()
    if session_id not in {row.id for row in queries.sessions_of(me.id or 0)}:
        raise NotFound
    carry_out(lambda: services.end_session(session_id, by=me))
    flash(_("那台设备已退出"), "ok")
    return redirect(url_for("accounts.account"))
