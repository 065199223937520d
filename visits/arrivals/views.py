"""The code by itself: what the escort's page fetches anew each minute, large enough to be read."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.signups.day.rules import seconds_left
from core import clock
from core.access import allow
from core.codes import drawn, outside
from core.i18n import _
from visits import queries
from visits.arrivals.queries import code_now

bp = Blueprint("arrivals", __name__)


@bp.get("/visits/<uid>/code")
@allow(Role.CHILD_DIRECTOR, Role.CHILD_SUPERVISOR, Role.COORDINATOR)
def code(uid: str) -> ResponseReturnValue:
    """Show the code and the squares of the visit's page, and nothing of the child."""
    seen = queries.to_receive(uid, person())
    here = outside(url_for("visits.show", uid=uid))
    return render_template(
        "visits/code.html",
        visit=seen.visit,
        code=code_now(seen),
        code_until=seconds_left(clock.now()),
        squares=drawn(here, _("打开这次走访的二维码")),
    )
