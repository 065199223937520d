"""The list of those who are to be asked: for the village and the county, who ask apart."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.web import person
from children.consents.services import ENTERING
from children.services import seen_in_list
from core.access import allow
from core.db import AnyRow
from pairings.voices.due import queries
from pairings.voices.labels import OCCASIONS, TITLES, VOICES
from pairings.voices.rules import Occasion, Voice

bp = Blueprint("voices_due", __name__)
ASKS = (Voice.GUARDIAN, Voice.CHILD)
"""Whom the village and the county ask; the team speaks for itself."""


@bp.get("/pairings/voices/due")
@allow(*ENTERING)
def listing() -> ResponseReturnValue:
    me = person()
    page = queries.listed(me, after=request.args.get("after"))
    seen_in_list("voices_due", len(page.rows), by=me)
    return render_template(
        "voices/due.html",
        page=page,
        lacking=_lacking,
        next_voice=_next,
        titles=TITLES,
        voices=VOICES,
        occasion=lambda row: OCCASIONS[Occasion(row.occasion)],
    )


def _lacking(row: AnyRow) -> list[Voice]:
    return [voice for voice, name in queries.LACKS.items() if getattr(row, name)]


def _next(row: AnyRow) -> Voice | None:
    """Return whom to ask next; nobody where whoever looks is of the team, or only it is missing."""
    return next((one for one in _lacking(row) if one in ASKS and not row.own), None)
