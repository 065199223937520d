"""The city's page: every county beside the others, without a single child's file."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core.access import allow
from visits.overview import queries

bp = Blueprint("overview", __name__)


@bp.get("/overview")
@allow(Role.CITY_COORDINATOR)
def counties() -> ResponseReturnValue:
    lines = queries.counties(person())
    return render_template("overview/counties.html", lines=lines)
