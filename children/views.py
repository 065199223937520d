"""Pages of children's files, for those who answer for the place a child lives in."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Actor, Role
from accounts.web import person
from children import queries, services
from children.access.queries import week
from children.consents import labels as consent_labels
from children.consents import queries as consents
from children.forms import (
    PART_NAMES,
    CloseForm,
    EditForm,
    NewFileForm,
    SendBackForm,
    defaults_of,
    version_of,
)
from children.labels import (
    AGES,
    CATEGORIES,
    NEEDS,
    RISK_TAGS,
    RISK_TONES,
    SEXES,
    STATE_TONES,
    STATES,
    STEPS,
    WEEKDAYS,
    needs,
)
from children.labels import times as time_words
from children.models import Child
from children.queries import Filters, staffs
from children.rules import Need, Purpose, Step
from children.sealed.labels import FIELDS
from children.sealed.looking.services import look
from children.sealed.services import fields_in_use
from core import clock
from core.access import allow
from core.forms import SelectChoice, carry_out
from core.i18n import _
from places.queries import area_names, shown

bp = Blueprint("children", __name__)
WORDS = {
    "ages": AGES,
    "categories": CATEGORIES,
    "need_names": NEEDS,
    "needs_of": needs,
    "risks": RISK_TAGS,
    "risk_tones": RISK_TONES,
    "sexes": SEXES,
    "states": STATES,
    "state_tones": STATE_TONES,
    "steps": STEPS,
    "weekdays": WEEKDAYS,
    "purposes": consent_labels.PURPOSES,
    "sealed_names": FIELDS,
}


@bp.get("/children")
@allow(*queries.READERS)
def listing() -> ResponseReturnValue:
    me, filters = person(), _filters()
    page = queries.listing(me, filters, after=request.args.get("after"))
    services.seen_in_list("children", len(page.rows), by=me)
    return render_template(
        "children/listing.html",
        page=page,
        filters=filters,
        counts=queries.counts(me),
        places=area_names(row.village_id for row in page.rows),
        lacking_in=consents.lacking_in,
        may_report=me.has(Role.CHILD_DIRECTOR),
        may_export=me.has(Role.COORDINATOR),
        may_find=bool(fields_in_use()),
        today=clock.today(),
        **WORDS,
    )


def _filters() -> Filters:
    step, need = request.args.get("state", ""), request.args.get("need", "")
    return Filters(
        step=Step(step) if step in set(Step) else None,
        need=Need(need) if need in set(Need) else None,
        lacking=request.args.get("consent") == "lacking",
    )


@bp.route("/children/new", methods=["GET", "POST"])
@allow(Role.CHILD_DIRECTOR)
def new() -> ResponseReturnValue:
    me = person()
    villages = queries.own_villages(me)
    form = NewFileForm.of_request(alias=_suggested(me))
    form.village.choices = [
        SelectChoice(str(area.id), shown(area.name, area.name_en)) for area in villages
    ]
    if form.carries_out(lambda: services.report(form.report(), by=me)):
        flash(_("已上报，等督导员核实。接着登记家长和孩子的意见"), "ok")
        return redirect(url_for("children.show", uid=form.result))
    return render_template(
        "children/new.html",
        form=form,
        suggested=_suggested(me) if form.alias.errors or form.form_errors else "",
        parts=PART_NAMES,
        **WORDS,
    ), form.status


def _suggested(me: Actor) -> str:
    villages = queries.own_villages(me)
    county_id = queries.county_of(villages[0].id) if villages else None
    return queries.free_alias(county_id) if county_id else ""


@bp.get("/children/<uid>")
@allow(*queries.READERS)
def show(uid: str) -> ResponseReturnValue:
    me = person()
    child, part = look(uid, by=me)
    if child.erased_on is not None:
        return render_template("children/erased.html", child=staffs(child))
    return render_template(
        "children/show.html", child=staffs(child), part=part, **_file(child, me), **WORDS
    )


def _file(child: Child, me: Actor) -> dict[str, object]:
    """Return what the page of a file shows beside the file itself."""
    today = clock.today()
    return {
        "places": area_names([child.county_id, child.township_id, child.village_id]),
        "free_words": time_words(queries.free_times(child.id)),
        "newest": consents.newest(child.id),
        "history": consents.history(child.id),
        "lacking": consents.lacking([child.id], today)[child.id],
        "consent_words": consent_labels,
        "all_purposes": list(Purpose),
        "today": today,
        "week": week(child.uid),
        "verifies": me.has(Role.CHILD_SUPERVISOR),
        "coordinates": me.has(Role.COORDINATOR),
        "directs": me.has(Role.CHILD_DIRECTOR),
    }


@bp.route("/children/<uid>/edit", methods=["GET", "POST"])
@allow(*services.EDITORS)
def edit(uid: str) -> ResponseReturnValue:
    me = person()
    child = services.look(uid, by=me)
    times = queries.free_times(child.id)
    form = EditForm.of_request(**defaults_of(child, times))
    version = version_of(form.version.data)
    if form.carries_out(lambda: services.edit(uid, form.facts(times), version=version, by=me)):
        flash(_("档案已更新"), "ok")
        return redirect(url_for("children.show", uid=uid))
    return (
        render_template(
            "children/edit.html", child=staffs(child), form=form, parts=PART_NAMES, **WORDS
        ),
        form.status,
    )


@bp.post("/children/<uid>/verify")
@allow(Role.CHILD_SUPERVISOR)
def verify(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.verify(uid, version=_version(), by=person()))
    flash(_("已核实，等县中心评估"), "ok")
    return redirect(url_for("children.show", uid=uid))


@bp.post("/children/<uid>/open")
@allow(Role.COORDINATOR)
def open_need(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.open_need(uid, version=_version(), by=person()))
    flash(_("已开放，孩子进入等待结对的名单"), "ok")
    return redirect(url_for("children.show", uid=uid))


@bp.route("/children/<uid>/send-back", methods=["GET", "POST"])
@allow(*services.CHECKERS)
def send_back(uid: str) -> ResponseReturnValue:
    me = person()
    child = services.look(uid, by=me)
    form = SendBackForm.of_request(version=str(child.version))
    if form.carries_out(
        lambda: services.send_back(
            uid, str(form.note.data), version=version_of(form.version.data), by=me
        )
    ):
        flash(_("已退回村里补充"), "ok")
        return redirect(url_for("children.show", uid=uid))
    return render_template("children/send_back.html", child=staffs(child), form=form), form.status


@bp.route("/children/<uid>/close", methods=["GET", "POST"])
@allow(Role.CHILD_DIRECTOR, Role.COORDINATOR)
def close(uid: str) -> ResponseReturnValue:
    me = person()
    child = services.look(uid, by=me)
    form = CloseForm.of_request(version=str(child.version))
    if form.carries_out(
        lambda: services.close(
            uid, version=version_of(form.version.data), reason=str(form.reason.data), by=me
        )
    ):
        flash(_("需求已撤销"), "ok")
        return redirect(url_for("children.show", uid=uid))
    return render_template("children/close.html", child=staffs(child), form=form), form.status


def _version() -> int:
    return version_of(request.form.get("version"))
