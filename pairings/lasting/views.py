"""The page of how long pairings last."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core.access import allow
from pairings.lasting import queries
from pairings.lasting.labels import BY, COLUMNS
from pairings.lasting.rules import MARKS, By

bp = Blueprint("lasting", __name__)


@bp.get("/pairings/lasting")
@allow(Role.COORDINATOR, Role.CITY_COORDINATOR)
def board() -> ResponseReturnValue:
    me, asked = person(), request.args.get("by", "")
    by = By(asked) if asked in set(By) else By.COUNTY
    return render_template(
        "lasting/board.html",
        lines=queries.lines(me, by),
        by=by,
        tabs=BY,
        column=COLUMNS[by],
        marks=MARKS,
        outside=queries.of_city(me),
    )
