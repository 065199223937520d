"""Pages of runs: ask for one, follow it, read what it found. The board is where people decide."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Actor, Role
from accounts.web import person
from children.services import seen_in_list
from core.access import allow
from core.db import AnyRow
from core.forms import SelectChoice, carry_out
from core.i18n import _
from core.paging import Page
from pairings.runs import labels, queries, services
from pairings.runs.forms import StartForm
from pairings.runs.models import MatchRun
from pairings.runs.pages import queries as pages
from pairings.runs.pages.queries import Tab
from pairings.runs.rules import BUSY, State
from places.queries import area_names

bp = Blueprint("match_runs", __name__)


@bp.route("/pairings/runs", methods=["GET", "POST"])
@allow(*queries.COORDINATORS)
def listing() -> ResponseReturnValue:
    me, form = person(), StartForm.of_request()
    mine = queries.startable(me)
    areas = area_names(mine)
    form.area.choices = [SelectChoice(str(id_), name) for id_, name in areas.items() if id_]
    if form.carries_out(lambda: services.start(int(form.area.data), by=me)):
        return redirect(url_for("match_runs.show", uid=form.result))
    page, busy = pages.runs(me, after=request.args.get("after")), queries.busy_runs(me)
    shown = render_template(
        "runs/listing.html",
        form=form,
        page=page,
        busy=busy,
        told=me.has(Role.COORDINATOR),
        may_begin=queries.free(mine, busy),
        places=area_names(row.area_id for row in page.rows),
        labels=labels,
    )
    return shown, form.status


@bp.get("/pairings/runs/<uid>")
@allow(*queries.COORDINATORS)
def show(uid: str) -> ResponseReturnValue:
    me = person()
    found, asked = queries.run(uid, me), request.args.get("show", "")
    told = me.has(Role.COORDINATOR)
    tab = Tab(asked) if asked in set(Tab) and told else (Tab.MOVES if told else Tab.MAP)
    made = found.state in {State.READY, State.EXPIRED}
    after = request.args.get("after")
    page = pages.page_of_tab(found, tab, me, after=after) if made and told else None
    named = _named(found, me, tab, page)
    shown = render_template(
        "runs/show.html",
        found=found,
        busy=found.state in BUSY,
        made=made,
        tab=tab,
        told=told,
        tabs=_tabs(),
        page=page,
        may_cancel=found.area_id in queries.startable(me),
        **named,
        labels=labels,
    )
    seen = len(page.rows) if page else len(named["alarms"])
    if seen:
        seen_in_list("match_run", seen, by=me)
    return shown


def _tabs() -> list[tuple[Tab, str]]:
    """Return the tabs for whoever answers for children; the city reads sums and the map alone."""
    return [
        (Tab.MOVES, _("和上次不同的")),
        (Tab.WAITING, _("还没有小组的孩子")),
        (Tab.ALARMS, _("要人看的结对")),
        (Tab.MAP, _("哪里最缺小组")),
    ]


def _named(found: MatchRun, me: Actor, tab: Tab, page: Page[AnyRow] | None) -> dict[str, Any]:
    """Return the names a page needs, and the map where it is shown."""
    counties = pages.counties_of(found) if tab is Tab.MAP else []
    ids = [found.area_id, *(area.id for area in counties)]
    if tab is Tab.WAITING and page:
        ids += [row.why["county"] for row in page.rows]
    names = area_names(ids)
    return {
        "places": names,
        "alarms": pages.alarms(found, me) if tab is Tab.ALARMS else [],
        "tiles": pages.tiles(found, counties, names) if tab is Tab.MAP else [],
        "needs": pages.needs(found, names) if tab is Tab.MAP else [],
    }


@bp.post("/pairings/runs/<uid>/cancel")
@allow(*queries.COORDINATORS)
def cancel(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.cancel(uid, by=me))
    flash(_("已取消，什么也没有提出"), "ok")
    return redirect(url_for("match_runs.listing"))
