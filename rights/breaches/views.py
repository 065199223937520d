"""Pages of breach records and the notices that go with them."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.rules import Role
from accounts.web import person
from children.forms import version_of
from core import clock
from core.access import allow
from core.forms import Form
from core.i18n import _
from core.zone import CHINA
from rights.breaches import labels, queries, services
from rights.breaches.forms import BreachForm, StepForm
from rights.breaches.models import Breach
from rights.breaches.rules import Notice, State, next_state

bp = Blueprint("breaches", __name__)
READERS = (*services.WORKING, Role.AUDITOR)
WORDS = {"kinds": labels.KINDS, "states": labels.STATES, "tones": labels.TONES}


@bp.get("/breaches")
@allow(*READERS)
def listing() -> ResponseReturnValue:
    return render_template(
        "breaches/listing.html",
        page=queries.listing(after=request.args.get("after")),
        works=person().has(*services.WORKING),
        **WORDS,
    )


@bp.route("/breaches/new", methods=["GET", "POST"])
@allow(*services.WORKING)
def new() -> ResponseReturnValue:
    form = BreachForm.of_request(detected_at=clock.now().astimezone(CHINA).time())
    if form.carries_out(lambda: services.enter(form.content(), by=person())):
        flash(_("已登记。先控制住，再报告和告知"), "ok")
        return redirect(url_for("breaches.show", uid=form.result))
    return _edit_page(form, url_for("breaches.new"))


@bp.get("/breaches/<uid>")
@allow(*READERS)
def show(uid: str) -> ResponseReturnValue:
    found, works = queries.breach(uid), person().has(*services.WORKING)
    return render_template(
        "breaches/show.html",
        found=found,
        steps=queries.steps_of(found.id),
        following=next_state(found.state) if works else None,
        works=works and found.state is not State.CLOSED,
        step_words=labels.STEPS,
        notices=labels.NOTICES,
        **WORDS,
    )


@bp.route("/breaches/<uid>/edit", methods=["GET", "POST"])
@allow(*services.WORKING)
def edit(uid: str) -> ResponseReturnValue:
    form = BreachForm.of_request(**_known(queries.breach(uid)))
    version = version_of(form.version.data)
    if form.carries_out(lambda: services.amend(uid, form.content(), version=version, by=person())):
        flash(_("已更新"), "ok")
        return redirect(url_for("breaches.show", uid=uid))
    return _edit_page(form, url_for("breaches.edit", uid=uid))


@bp.route("/breaches/<uid>/step/<to>", methods=["GET", "POST"])
@allow(*services.WORKING)
def step(uid: str, to: str) -> ResponseReturnValue:
    found = queries.breach(uid)
    if to not in labels.STEPS:
        raise NotFound
    state, form = State(to), StepForm.of_request()
    form.note.description = labels.HINTS[state]
    if form.carries_out(lambda: services.step(uid, state, str(form.note.data), by=person())):
        flash(_("已记下"), "ok")
        return redirect(url_for("breaches.show", uid=uid))
    return render_template(
        "breaches/step.html", found=found, to=to, label=labels.STEPS[state], form=form
    ), form.status


@bp.get("/breaches/<uid>/notice/<whom>")
@allow(*READERS)
def notice(uid: str, whom: str) -> ResponseReturnValue:
    found = queries.breach(uid)
    if whom not in set(Notice):
        raise NotFound
    return render_template(
        "breaches/notice.html",
        found=found,
        steps=queries.steps_of(found.id),
        whom=whom,
        heading=labels.NOTICES[Notice(whom)],
        today=clock.today(),
        **WORDS,
    )


def _known(found: Breach) -> dict[str, Any]:
    names = ("title", "involved", "cause", "harm", "measures", "advice", "people", "children")
    local = found.detected_at.astimezone(CHINA)
    return {name: getattr(found, name) for name in names} | {
        "kind": found.kind.value,
        "detected_on": local.date(),
        "detected_at": local.time(),
        "version": str(found.version),
    }


def _edit_page(form: Form, here: str) -> ResponseReturnValue:
    return render_template("breaches/edit.html", form=form, here=here), form.status
