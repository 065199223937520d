"""Copies for those whose data it is: one's own on the screen and as a file, a child's on paper."""

import csv
import io
import json

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.rules import Role
from accounts.web import person
from children.consents import labels as consent_words
from children.consents.queries import newest
from children.labels import AGES, CATEGORIES, RISKS, SEXES, needs, times
from children.queries import free_times, staffs
from children.sealed.labels import FIELDS
from core import clock
from core.access import SIGNED_IN, allow
from core.forms import carry_out
from core.i18n import _
from core.sheets import neutral
from pairings.answers.labels import WHOSE
from pairings.answers.queries import of_child as answers_of
from places.queries import area_names
from rights.copies import queries, services
from rights.copies.labels import in_words
from rights.copies.rules import Section, as_data
from rights.requests import labels
from rights.requests import queries as requests
from rights.requests import services as desk
from rights.requests.forms import OwnRequestForm
from volunteers.queries import volunteer_of

bp = Blueprint("copies", __name__)
SHOWN = 50


@bp.route("/my-data", methods=["GET", "POST"])
@allow(SIGNED_IN)
def mine() -> ResponseReturnValue:
    """Show what is kept about whoever asks, and take what they ask to be changed."""
    me = person()
    form = OwnRequestForm.of_request()
    if form.carries_out(lambda: desk.ask_for_oneself(form.wanted(), form.words(), by=me)):
        flash(_("已收到，三个工作日内答复，十五个工作日内办完"), "ok")
        return redirect(url_for("copies.mine"))
    return render_template(
        "rights/mine.html",
        form=form,
        sections=[
            (one.title, len(one.rows), *in_words(one.newest(SHOWN)))
            for one in queries.everything(me.id or 0)
        ],
        most=SHOWN,
        asked=requests.of_person(me.id),
        may_ask=volunteer_of(me.id) is not None,
        kinds=labels.KINDS,
        states=labels.STATES,
        tones=labels.TONES,
    ), form.status


@bp.post("/my-data/<shape>")
@allow(SIGNED_IN, step_up=True)
def take(shape: str) -> ResponseReturnValue:
    """Hand out one's own data as a file, and keep that it was: asked and done in one go."""
    if shape not in {"json", "csv"}:
        raise NotFound
    me = person()
    carry_out(lambda: desk.answered_at_once(by=me))
    sections = queries.everything(me.id or 0)
    text = _as_json(sections) if shape == "json" else _as_csv(sections)
    kind = "application/json" if shape == "json" else "text/csv"
    answer = Response(text, mimetype=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename=tongxing-my-data.{shape}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/rights/<uid>/copy")
@allow(Role.COORDINATOR, step_up=True)
def childs(uid: str) -> ResponseReturnValue:
    """Show the whole file of a child whose guardian has asked for it, to be printed."""
    me = person()
    child, sealed = services.copy_for(uid, by=me)
    if sealed is None:
        return render_template("child_access/stopped.html"), 429
    return render_template(
        "rights/copy.html",
        uid=uid,
        child=staffs(child),
        today=clock.today(),
        places=area_names([child.county_id, child.township_id, child.village_id]),
        free_words=times(free_times(child.id)),
        consents=newest(child.id),
        answers=answers_of(child.id),
        whose=WHOSE,
        sealed=[(FIELDS[field], text) for field, text in sealed.items()],
        words=consent_words,
        ages=AGES,
        categories=CATEGORIES,
        risks=RISKS,
        sexes=SEXES,
        needs_of=needs,
    )


def _as_json(sections: list[Section]) -> str:
    return json.dumps(as_data(sections), ensure_ascii=False, indent=1)


def _as_csv(sections: list[Section]) -> str:
    """Return one table under another; a text that begins like a formula is kept from being one."""
    out = io.StringIO()
    writer = csv.writer(out)
    for section in sections:
        writer.writerow([section.title])
        writer.writerow([name for _key, name in section.columns])
        writer.writerows([neutral(cell) for cell in row] for row in section.plain_rows())
        writer.writerow([])
    return "\ufeff" + out.getvalue()
