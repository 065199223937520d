"""One page for each deed that sends a pairing along its way: what follows, and then the button."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.rules import Actor
from accounts.web import person
from core.access import allow
from core.errors import NotYours
from core.forms import ActionForm, Form
from core.i18n import lazy as _l
from pairings import queries
from pairings.endings import services as endings
from pairings.keys import services as keys
from pairings.services import DECIDERS
from pairings.steps.forms import NoteForm, PartingForm, UntilForm

bp = Blueprint("pairing_steps", __name__)


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody can do, in words, with its form and its service."""

    title: str
    follows: str
    done: str
    form: type[Form]
    act: Callable[[str, Form, Actor], None]
    tone: str = "brand"


def _pause(uid: str, form: Form, by: Actor) -> None:
    endings.pause(uid, str(form["note"].data), by=by)


def _end(uid: str, form: Form, by: Actor) -> None:
    if isinstance(form, PartingForm):
        endings.begin_ending(uid, form.parting(), by=by)


def _renewing(uid: str, form: Form, by: Actor) -> None:
    endings.begin_renewing(uid, form["until"].data, by=by)


def _review(uid: str, form: Form, by: Actor) -> None:
    endings.review(uid, str(form["note"].data), by=by)


DEEDS = {
    "pause": Deed(
        _l("暂停陪伴"), _l("暂停期间不安排走访；随时可以恢复。"), _l("已暂停"), NoteForm, _pause
    ),
    "go-on": Deed(
        _l("恢复陪伴"),
        _l("回到陪伴中：暂停、续期或开始了的结束都不再算数。"),
        _l("已恢复"),
        ActionForm,
        lambda uid, _form, by: endings.go_on(uid, by=by),
    ),
    "ending": Deed(
        _l("开始结束"),
        _l("先安排一次告别走访、写好交接，再结束。现在告诉小组成员；在真正结束以前可以收回。"),
        _l("已开始结束，请安排告别走访"),
        PartingForm,
        _end,
        "danger",
    ),
    "renewing": Deed(
        _l("续期"),
        _l("重新问监护人和孩子；协议换了版本的要补签。问齐以前，按原来的约定走访。"),
        _l("已提出续期，请重新征求意见"),
        UntilForm,
        _renewing,
    ),
    "renew": Deed(
        _l("完成续期"),
        _l("监护人和孩子都重新同意、协议签齐后，约定改到新的日期。"),
        _l("已续期"),
        ActionForm,
        lambda uid, _form, by: endings.renew(uid, by=by),
    ),
    "review": Deed(
        _l("回顾"),
        _l("写下哪里做得好、哪里要改；不写孩子和家里的事。"),
        _l("已写好回顾"),
        NoteForm,
        _review,
    ),
    "take-back": Deed(
        _l("收回“不批准”"),
        _l("回到您作决定以前；这一组又可以和这个孩子结对。"),
        _l("已收回，请重新决定"),
        ActionForm,
        lambda uid, _form, by: keys.take_back(uid, by=by),
    ),
    "city-key": Deed(
        _l("市级审批"),
        _l("孩子的风险升高了：您批准以后，这个结对才能往下走。"),
        _l("已批准"),
        ActionForm,
        lambda uid, _form, by: keys.turn_late(uid, by=by),
    ),
}


@bp.route("/pairings/<uid>/steps/<deed>", methods=["GET", "POST"])
@allow(*DECIDERS)
def step(uid: str, deed: str) -> ResponseReturnValue:
    me = person()
    seen = queries.shown(uid, me)
    if deed not in DEEDS:
        raise NotFound
    if not seen.ends or (deed == "renew" and not seen.plans):
        raise NotYours
    what = DEEDS[deed]
    form = what.form.of_request()
    if form.carries_out(lambda: what.act(uid, form, me)):
        flash(str(what.done), "ok")
        return redirect(url_for("pairings.show", uid=uid))
    page = render_template(
        "pairings/step.html",
        pairing=seen.pairing,
        child=seen.child,
        deed=deed,
        what=what,
        form=form,
    )
    return page, form.status
