"""Pages of coordinators about proposed pairs: ask, follow, look, accept what is ticked, refuse."""

from typing import cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core.access import allow
from core.errors import RuleBroken
from core.forms import SelectChoice, carry_out
from core.i18n import _
from places.queries import area_names
from volunteers.teams.forming import labels, queries, services
from volunteers.teams.forming.forms import PickForm, RefuseForm, StartForm
from volunteers.teams.forming.rules import BUSY, Fate, State
from volunteers.teams.forming.seeking.queries import Children
from volunteers.teams.labels import REFUSALS

bp = Blueprint("forming", __name__)


def _children() -> Children:
    return cast("Children", current_app.extensions["children_by_team"])


@bp.route("/teams/forming", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def listing() -> ResponseReturnValue:
    me, form = person(), StartForm.of_request()
    counties = area_names(reach.area_id for reach in me.reaches(Role.COORDINATOR))
    form.county.choices = [SelectChoice(str(id_), name) for id_, name in counties.items() if id_]
    if form.carries_out(lambda: services.start(int(form.county.data), by=me)):
        return redirect(url_for("forming.show", uid=form.result))
    page = queries.runs(me, after=request.args.get("after"))
    busy = queries.busy_run(me) if len(form.county.choices) == 1 else None
    shown = render_template(
        "forming/listing.html", form=form, page=page, counties=counties, busy=busy, labels=labels
    )
    return shown, form.status


@bp.get("/teams/forming/<uid>")
@allow(Role.COORDINATOR)
def show(uid: str) -> ResponseReturnValue:
    found = queries.run(uid, person())
    left = request.args.get("show") == "left"
    after = request.args.get("after")
    fates = queries.fates(found.id)
    by_reason = queries.left_by_reason(found.id)
    return render_template(
        "forming/show.html",
        found=found,
        busy=found.state in BUSY,
        ready=found.state is State.READY,
        left=left,
        page=queries.left(found.id, after=after)
        if left
        else queries.proposals(found.id, after=after),
        pairs=sum(fates.values()),
        open=fates.get(Fate.OPEN, 0),
        alone=sum(by_reason.values()),
        by_reason=[(labels.WHYS[why], many) for why, many in by_reason.items()],
        points=labels.points_of(found.figures),
        labels=labels,
        refusals=REFUSALS,
        form=PickForm(),
    )


@bp.post("/teams/forming/<uid>/accept")
@allow(Role.COORDINATOR)
def accept(uid: str) -> ResponseReturnValue:
    me, form = person(), PickForm.of_request()
    found = queries.run(uid, me)
    rows = queries.picked(found.id, form.chosen)
    picked = form.chosen
    form.offer(rows)

    def act() -> str:
        made = services.accept(uid, picked, by=me, children=_children())
        return f"{made.made}/{made.outdated}"

    if form.sure.data and form.carries_out(act):
        _tell(str(form.result))
        return redirect(url_for("forming.show", uid=uid))
    if not rows and not form.errors:
        raise RuleBroken(_("没有勾选，或者勾选的几对已经有人决定过了"))
    form.sure.data = "1"  # whoever sends the page that follows has seen it
    return (
        render_template("forming/accept.html", found=found, form=form, rows=rows, labels=labels),
        form.status,
    )


def _tell(result: str) -> None:
    made, outdated = (int(one) for one in result.split("/"))
    if made:
        flash(_("成立了 %(n)d 个小组，组员和领队会收到通知", n=made), "ok")
    if outdated:
        flash(_("%(n)d 对没有成组：他们的情况已经变了", n=outdated), "warn")


@bp.post("/teams/forming/<uid>/refuse")
@allow(Role.COORDINATOR)
def refuse(uid: str) -> ResponseReturnValue:
    me, form = person(), RefuseForm.of_request()
    queries.run(uid, me)
    if not form.carries_out(lambda: services.refuse(uid, str(form.pair.data), form.why, by=me)):
        raise RuleBroken(*(str(reason) for reason in form.form_errors or [_("请选一个理由")]))
    flash(_("记下了，这两位以后不再配成一对"), "ok")
    return redirect(url_for("forming.show", uid=uid))


@bp.post("/teams/forming/<uid>/cancel")
@allow(Role.COORDINATOR)
def cancel(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.cancel(uid, by=me))
    flash(_("已取消，没有提出任何一对"), "ok")
    return redirect(url_for("forming.listing"))
