"""The page of what ends soon."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from children.services import seen_in_list
from core import clock
from core.access import allow
from core.db import AnyRow
from core.paging import Page
from pairings.forecast import queries
from pairings.forecast.labels import NEXT, WHY
from pairings.forecast.rules import SPANS, Next, Why, next_of
from pairings.labels import STAGES, TONES

bp = Blueprint("forecast", __name__)


@bp.get("/pairings/forecast")
@allow(Role.COORDINATOR, Role.CITY_COORDINATOR)
def board() -> ResponseReturnValue:
    me, days = person(), _days(request.args.get("days", ""))
    outside = queries.of_city(me)
    page: Page[AnyRow] = Page([], None)
    if not outside:
        page = queries.ending(me, days, after=request.args.get("after"))
        seen_in_list("forecast", len(page.rows), by=me)
    return render_template(
        "forecast/board.html",
        months=queries.by_month(me, days),
        page=page,
        outside=outside,
        days=days,
        spans=SPANS,
        why=WHY,
        next_words=_next,
        stages=STAGES,
        tones=TONES,
        today=clock.today(),
    )


def _days(asked: str) -> int:
    return int(asked) if asked in {str(span) for span in SPANS} else SPANS[1]


def _next(row: AnyRow) -> tuple[str, str | None]:
    """Return what to do now in words, and the deed of a pairing's page if one does it."""
    step = next_of(row.stage, Why(row.why), parted=row.goodbye_on is not None)
    deed = {Next.RENEW: "renewing", Next.RENEWING: "renew", Next.GO_ON: "go-on"}.get(step)
    return str(NEXT[step]), deed
