"""Anybody checks a certificate: by its square, by number and name, or by its file."""

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from accounts.web import address
from core.access import EVERYONE, allow
from core.errors import NotYours
from core.limits import Limit, spend
from volunteers.certificates import labels, queries
from volunteers.certificates.forms import CheckForm, FileForm
from volunteers.certificates.rules import is_named, masked
from volunteers.certificates.signing.queries import Forged, proved, public_keys

bp = Blueprint("certificate_checks", __name__)
FROM_ONE = Limit("certificate_checks", 60, 3600)
"""Nobody tries names through: a certificate is asked about a few times."""


@bp.route("/certificates/check", methods=["GET", "POST"])
@allow(EVERYONE)
def ask() -> ResponseReturnValue:
    """Answer whoever holds the paper and types its number and name."""
    form = CheckForm.of_request()
    found, asked = None, False

    def look() -> None:
        nonlocal found, asked
        spend(FROM_ONE.of(address()))
        known, asked = queries.standing(number=str(form.number.data).upper()), True
        if known and is_named(known.name, str(form.name.data)):
            found = known

    form.tries(look)
    return _page(form, FileForm(), found, asked=asked)


@bp.get("/certificates/check/<code>")
@allow(EVERYONE)
def scanned(code: str) -> ResponseReturnValue:
    """Answer whoever scans the square of a certificate. Raises NotYours for any other."""
    found = queries.standing(code=code)
    if found is None:
        raise NotYours
    return _page(CheckForm(), FileForm(), found, asked=True)


@bp.post("/certificates/check/file")
@allow(EVERYONE)
def file() -> ResponseReturnValue:
    """Answer whoever brings the file: whether it is ours, and what has become of it since."""
    form = FileForm.of_request()
    found, asked = None, False

    def look() -> None:
        nonlocal found, asked
        spend(FROM_ONE.of(address()))
        asked = True
        try:
            said = proved(form.brought, public_keys())
        except Forged:
            return
        found = queries.standing(number=said.issue.number)

    form.tries(look)
    return _page(CheckForm(), form, found, asked=asked)


@bp.get("/certificates/keys.json")
@allow(EVERYONE)
def keys() -> ResponseReturnValue:
    return jsonify(public_keys())


def _page(
    form: CheckForm, file_form: FileForm, found: queries.Standing | None, *, asked: bool
) -> ResponseReturnValue:
    page = render_template(
        "certificates/check.html",
        form=form,
        file_form=file_form,
        found=found,
        name=masked(found.name) if found else "",
        asked=asked,
        labels=labels,
    )
    status = max(form.status, file_form.status)
    answer = Response(page, status=404 if asked and not found and status == 200 else status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
