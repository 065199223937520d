"""Entering, approving and withdrawing wishes of one's own centre."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.manage.forms import number
from campaigns.wishes import labels
from campaigns.wishes.making import queries, services
from campaigns.wishes.making.forms import SendBackForm, WishForm
from campaigns.wishes.queries import CENTRE
from campaigns.wishes.rules import WISH_CEILING
from core import clock
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import value_on

bp = Blueprint("manage_wishes", __name__)
TABS = {
    "approve": _l("等您核准"),
    "mine": _l("我写的，等别人核准"),
    "returned": _l("被退回"),
    "open": _l("等人认领"),
    "taken": _l("有人认领"),
    "withdrawn": _l("已撤下"),
}


@bp.get("/manage/wishes")
@allow(*CENTRE)
def listing() -> ResponseReturnValue:
    me, tab = person(), request.args.get("show", "")
    return render_template(
        "wishes/listing.html",
        page=queries.wishes(me, tab=tab, after=request.args.get("after")),
        counts=queries.counts(me),
        tabs=TABS,
        tab=tab if tab in TABS else "",
        may_write=me.has(Role.COORDINATOR),
        labels=labels,
    )


@bp.route("/manage/wishes/new", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def new() -> ResponseReturnValue:
    me = person()
    form = WishForm.for_writer(me)
    if form.carries_out(lambda: services.propose(form.asked(), by=me)):
        flash(_("记下了，等另一个人核准以后公开"), "ok")
        return redirect(url_for("manage_wishes.show", uid=form.result))
    return _sheet(form, url_for("manage_wishes.new"), "")


@bp.route("/manage/wishes/<uid>/edit", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def edit(uid: str) -> ResponseReturnValue:
    me = person()
    row = queries.wish(uid, me, Role.COORDINATOR)
    form = WishForm.for_writer(me, **WishForm.defaults_of(row.Wish))

    def rewrite() -> None:
        services.rewrite(uid, form.asked(), version=form.seen_version(), by=me)

    if form.carries_out(rewrite):
        flash(_("改好了，等另一个人核准以后公开"), "ok")
        return redirect(url_for("manage_wishes.show", uid=uid))
    return _sheet(form, url_for("manage_wishes.edit", uid=uid), row.Wish.code)


def _sheet(form: WishForm, action: str, code: str) -> ResponseReturnValue:
    page = render_template(
        "wishes/edit.html",
        form=form,
        action=action,
        code=code,
        ceiling=value_on(WISH_CEILING, clock.today()),
    )
    return page, form.status


@bp.get("/manage/wishes/<uid>")
@allow(*CENTRE)
def show(uid: str) -> ResponseReturnValue:
    me = person()
    row = queries.wish(uid, me)
    return render_template(
        "wishes/show.html",
        row=row,
        wish=row.Wish,
        own=row.Wish.written_by_id == me.id,
        may_write=me.has(Role.COORDINATOR),
        labels=labels,
    )


@bp.post("/manage/wishes/<uid>/approve")
@allow(*CENTRE)
def approve(uid: str) -> ResponseReturnValue:
    me, version = person(), number(request.form.get("version"))
    carry_out(lambda: services.approve(uid, version=version, by=me))
    flash(_("心愿已公开"), "ok")
    return redirect(url_for("manage_wishes.listing", show="approve"))


@bp.route("/manage/wishes/<uid>/send-back", methods=["GET", "POST"])
@allow(*CENTRE)
def send_back(uid: str) -> ResponseReturnValue:
    me = person()
    wish = queries.wish(uid, me).Wish
    form = SendBackForm.of_request(version=str(wish.version))

    def back() -> None:
        services.send_back(uid, str(form.note.data), version=form.seen_version(), by=me)

    if form.carries_out(back):
        flash(_("已退回"), "ok")
        return redirect(url_for("manage_wishes.show", uid=uid))
    return render_template("wishes/send_back.html", wish=wish, form=form), form.status


@bp.post("/manage/wishes/<uid>/withdraw")
@allow(*CENTRE)
def withdraw(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.withdraw(uid, by=me))
    flash(_("心愿已撤下"), "ok")
    return redirect(url_for("manage_wishes.show", uid=uid))
