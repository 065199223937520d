"""Pages of what is over its term."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core.access import allow
from places.queries import area_names
from rights.retention import labels, queries

bp = Blueprint("retention", __name__)


@bp.get("/retention")
@allow(Role.DPO, Role.AUDITOR)
def status() -> ResponseReturnValue:
    return render_template("retention/status.html", found=queries.status(), labels=labels)


@bp.get("/retention/files")
@allow(Role.COORDINATOR)
def files() -> ResponseReturnValue:
    page = queries.files(person(), after=request.args.get("after"))
    places = area_names(row.village_id for row in page.rows)
    return render_template("retention/files.html", page=page, places=places)
