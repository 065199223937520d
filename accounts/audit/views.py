"""Pages of those who watch over data: the trail, its heads and checks, the yearly package.

None shows a child's data: the trail has ids and names of fields only.
"""

from collections.abc import Sequence
from datetime import date

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.admin.labels import ACTIONS, KINDS
from accounts.audit import queries, services
from accounts.audit.labels import FAULTS, SECTIONS
from accounts.audit.packing import queries as packing
from accounts.audit.packing.rules import Source
from accounts.audit.packing.services import write_zip
from accounts.audit.queries import Sought
from accounts.audit.rules import due_on
from accounts.rules import Role
from accounts.web import person
from core import clock, heads
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from core.parameters import value_on

bp = Blueprint("audit", __name__)
WATCHERS = (Role.AUDITOR, Role.DPO)
DAYS, CHECKS = 62, 30


def init_app(app: Flask, *, tables: Sequence[Source]) -> None:
    """Take the tables that other rooms add to the yearly package."""
    app.extensions["audit_pack"] = tuple(tables)


@bp.get("/audit")
@allow(*WATCHERS)
def trail() -> ResponseReturnValue:
    sought = Sought(
        kind=request.args.get("kind", "")[:30],
        ref=request.args.get("ref", "").strip()[:60],
        day=_day(request.args.get("day", "")),
        actor=request.args.get("actor", "").strip()[:40],
        action=request.args.get("action", "")[:60],
    )
    return render_template(
        "audit/trail.html",
        page=queries.trail(sought, after=request.args.get("after")),
        sought=sought,
        actions=ACTIONS,
        kinds=KINDS,
        check=queries.last_check(),
        faults=FAULTS,
    )


@bp.get("/audit/heads")
@allow(*WATCHERS)
def chain() -> ResponseReturnValue:
    return render_template(
        "audit/chain.html",
        now=heads.newest(),
        days=heads.of_days(DAYS),
        checks=queries.checks(CHECKS),
        faults=FAULTS,
    )


@bp.post("/audit/verify")
@allow(*WATCHERS)
def verify() -> ResponseReturnValue:
    carry_out(lambda: services.ask(by=person()))
    flash(_("已排上，几秒后刷新这一页就能看到结果"), "ok")
    return redirect(url_for("audit.chain"))


@bp.get("/audit/pack")
@allow(*WATCHERS, Role.CITY_COORDINATOR)
def pack() -> ResponseReturnValue:
    years = queries.years()
    asked = request.args.get("year", "")
    past = clock.today().year - 1
    year = int(asked) if asked in map(str, years) else past if past in years else years[0]
    return render_template(
        "audit/pack.html",
        year=year,
        years=years,
        counts=packing.counts(year),
        made=queries.packs(year),
        sections=SECTIONS,
        check=queries.last_check(),
        faults=FAULTS,
        due=due_on(date(year + 1, 1, 1), value_on("audit.due_day", clock.today())),
        may_make=person().has(*WATCHERS),
    )


@bp.post("/audit/pack/<int:year>")
@allow(*WATCHERS, step_up=True)
def make_pack(year: int) -> ResponseReturnValue:
    if year not in queries.years():
        raise NotFound
    file = write_zip(year, current_app.extensions["audit_pack"])
    carry_out(lambda: services.note_package(year, by=person()))
    name = f"tongxing-audit-{year}.zip"
    return send_file(file, "application/zip", as_attachment=True, download_name=name)


def _day(text: str) -> date | None:
    """Return a day that the address names, if it is one of these decades."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
