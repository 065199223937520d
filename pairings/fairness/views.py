"""The page of waiting: who waits how long where, and what each order would do in the long run."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from children.labels import RISK_TONES, RISKS
from children.services import seen_in_list
from core import clock
from core.access import allow
from core.db import AnyRow
from core.paging import Page
from core.parameters import value_on
from pairings.fairness import queries
from pairings.fairness.labels import BANDS, ORDERS

bp = Blueprint("fairness", __name__)


@bp.get("/pairings/fairness")
@allow(Role.COORDINATOR, Role.CITY_COORDINATOR)
def board() -> ResponseReturnValue:
    me, today = person(), clock.today()
    overdue_days = int(value_on("pairings.overdue_days", today))
    late: Page[AnyRow] = Page([], None)
    if me.has(Role.COORDINATOR):
        late = queries.overdue(me, overdue_days, after=request.args.get("after"))
        seen_in_list("fairness", len(late.rows), by=me)
    return render_template(
        "fairness/board.html",
        lines=queries.lines(me, overdue_days),
        months=queries.until_proposed(me),
        late=late,
        own=me.has(Role.COORDINATOR),
        outside=queries.of_city(me),
        bands=BANDS,
        orders=ORDERS,
        report=queries.simulated(),
        overdue_days=overdue_days,
        today=today,
        risks=RISKS,
        tones=RISK_TONES,
    )
