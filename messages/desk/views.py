"""For those who answer for visits: who will hear of what, who has, and how it reads."""

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from messages.delivery.holds import services as holds
from messages.desk import queries, services
from messages.desk.labels import SUBJECTS, WEIGHTS
from messages.desk.queries import PLANNERS, Reach
from messages.labels import CHANNELS, KINDS, STATES, TONES
from messages.texts import preview

bp = Blueprint("message_desk", __name__)


def init_app(app: Flask, *, reach: Reach) -> None:
    """Tell which subjects of messages somebody answers for: rooms above own them."""
    app.extensions["message_reach"] = reach


def _reach() -> Reach:
    found: Reach = current_app.extensions["message_reach"]
    return found


@bp.get("/messages/planned")
@allow(*PLANNERS)
def planned() -> ResponseReturnValue:
    return render_template(
        "message_desk/planned.html",
        page=queries.planned(person(), _reach(), after=request.args.get("after")),
        kinds=KINDS,
        weights=WEIGHTS,
        subjects=SUBJECTS,
    )


@bp.get("/messages/about/<kind>/<ref>")
@allow(*PLANNERS)
def about(kind: str, ref: str) -> ResponseReturnValue:
    found = queries.subject_id(kind, ref, person(), _reach())
    return render_template(
        "message_desk/about.html",
        page=queries.told(found, after=request.args.get("after")),
        failed=queries.failed(found),
        kind=kind,
        ref=ref,
        kinds=KINDS,
        channels=CHANNELS,
        states=STATES,
        tones=TONES,
    )


@bp.post("/messages/about/<kind>/<ref>/again")
@allow(*PLANNERS)
def again(kind: str, ref: str) -> ResponseReturnValue:
    done: list[int] = []
    carry_out(
        lambda: done.append(services.send_to_failures(kind, ref, by=person(), reach=_reach()))
    )
    if done:
        flash(_("失败的消息马上重发：%(many)s 条", many=done[0]), "ok")
    return redirect(url_for("message_desk.about", kind=kind, ref=ref))


@bp.get("/messages/texts")
@allow(*PLANNERS, Role.CITY_COORDINATOR, Role.ADMIN)
def texts() -> ResponseReturnValue:
    shown = [(KINDS[kind], preview(kind)) for kind in sorted(KINDS)]
    return render_template("message_desk/texts.html", shown=shown)


@bp.post("/messages/release")
@allow(Role.CITY_COORDINATOR, Role.ADMIN)
def release() -> ResponseReturnValue:
    carry_out(lambda: holds.release(by=person()))
    flash(_("已放行，马上开始发送"), "ok")
    return redirect(url_for("messages.ledger"))
