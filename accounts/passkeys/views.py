"""Adding a passkey, and proving oneself by one; static/passkey.js talks to the browser."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from accounts.passkeys import services
from accounts.sessions import services as sessions
from accounts.web import agent, has_forgotten, hold_new_secret, passkey_site, person, sign_in_person
from core.access import SIGNED_IN, allow, own_page
from core.errors import NotYours
from core.forms import ActionForm, carry_out
from core.i18n import _
from core.passkeys import Site

bp = Blueprint("passkeys", __name__)
LONGEST = 8000


def _site() -> Site:
    here = passkey_site()
    if here is None:
        raise NotYours
    return here


@bp.post("/account/passkeys/invitation")
@allow(SIGNED_IN, step_up=True)
def invitation() -> ResponseReturnValue:
    return Response(services.invitation(person(), _site()), mimetype="application/json")


@bp.post("/account/passkeys")
@allow(SIGNED_IN, step_up=True)
def add() -> ResponseReturnValue:
    me, answer = person(), request.form.get("answer", "")[:LONGEST]
    if _tried(lambda: services.add(me, _site(), answer, agent=agent())):
        flash(_("通行密钥已添加"), "ok")
    return redirect(url_for("accounts.account"))


@bp.post("/account/passkeys/<int:passkey_id>/remove")
@allow(SIGNED_IN, step_up=True)
def remove(passkey_id: int) -> ResponseReturnValue:
    carry_out(lambda: services.remove(person(), passkey_id))
    flash(_("通行密钥已删除"), "ok")
    return redirect(url_for("accounts.account"))


@bp.post("/sign-in/passkey/question")
@allow(SIGNED_IN, before_factor=True)
def question() -> ResponseReturnValue:
    return Response(services.question(person(), _site()), mimetype="application/json")


@bp.post("/sign-in/passkey")
@allow(SIGNED_IN, before_factor=True)
def prove() -> ResponseReturnValue:
    """Pass the second factor by a passkey, or step up by it, whichever was due."""
    me, wanted = person(), own_page(request.args.get("next"))
    answer, due = request.form.get("answer", "")[:LONGEST], me.second_factor_due
    if not _tried(lambda: services.prove(me, _site(), answer)):
        return redirect(url_for("factors.due" if due else "accounts.step_up", next=wanted))
    if due:
        sign_in_person(sessions.pass_factor(me), forgot=has_forgotten())
    else:
        hold_new_secret(sessions.step_up(me))
    return redirect(wanted or url_for("accounts.home"))


def _tried(action: Callable[[], object]) -> bool:
    """Act, and say on the next page why not."""
    form = ActionForm.of_request()
    done = form.tries(action)
    for reason in form.form_errors:
        flash(reason, "error")
    return done
