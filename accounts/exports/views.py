"""Pages of exports: asking for one, following it, and fetching the file once."""

from collections.abc import Callable
from pathlib import Path

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from accounts.approvals.labels import STEPS
from accounts.approvals.labels import TONES as STEP_TONES
from accounts.approvals.models import Approval
from accounts.exports import queries, services
from accounts.exports.files import services as files
from accounts.exports.forms import ExportForm
from accounts.exports.labels import FORMATS, STATES, TONES
from accounts.exports.models import Export
from accounts.exports.rules import ExportState, Format, declared, kind_of
from accounts.rules import Actor, Role
from accounts.web import person
from core import clock
from core.access import allow
from core.forms import carry_out

bp = Blueprint("exports", __name__)
PEOPLE = (Role.COORDINATOR, Role.ORG_LEAD)
TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
}
LONGEST_FILTER = 60


def init_app(app: Flask, *, flooded: Callable[[Actor, int | None], object]) -> None:
    """Tell what happens when somebody exports too much; a room above raises the alert."""
    app.extensions["export_flood"] = flooded


def _home() -> Path:
    home: Path = current_app.extensions["settings"].home
    return home


@bp.get("/exports")
@allow(*PEOPLE)
def listing() -> ResponseReturnValue:
    me = person()
    page = queries.listing(me, after=request.args.get("after"))
    return render_template(
        "exports/listing.html",
        page=page,
        kinds=[kind for kind in declared() if me.has(*kind.roles)],
        titles={kind.name: kind.title for kind in declared()},
        words=_words,
    )


def _words(found: Export, approval: Approval | None) -> tuple[object, str]:
    """Return how far an export has come, in words, and their tone."""
    step = queries.refusal(approval)
    if found.state is ExportState.WAITING and step is not None:
        return STEPS[step], STEP_TONES.get(step, "")
    late = found.expires_at is not None and found.expires_at <= clock.now()
    over = found.state is ExportState.READY and late
    state = ExportState.EXPIRED if over else found.state
    return STATES[state], TONES.get(state, "")


@bp.route("/exports/new/<what>", methods=["GET", "POST"])
@allow(*PEOPLE)
def new(what: str) -> ResponseReturnValue:
    filters = {key: request.args.get(key, "")[:LONGEST_FILTER] for key in kind_of(what).filters}
    table = services.table_for(what, filters, person())
    form, flooded = ExportForm.of_request(), current_app.extensions["export_flood"]
    if form.carries_out(
        lambda: services.ask_for(form.wish(what, filters), by=person(), flooded=flooded)
    ):
        if form.result == services.STOPPED:
            abort(429)
        files.make(form.result or "", _home())
        return redirect(url_for("exports.show", uid=form.result))
    page = render_template(
        "exports/new.html",
        form=form,
        title=kind_of(what).title,
        here=_address(what, filters),
        table=table,
        alone=services.left_alone(person()),
    )
    return page, form.status


def _address(what: str, filters: dict[str, str]) -> str:
    given = {key: text for key, text in filters.items() if text}
    return url_for("exports.new", what=what, **given)  # type: ignore[arg-type]  # values of a route


@bp.get("/exports/<uid>")
@allow(*PEOPLE)
def show(uid: str) -> ResponseReturnValue:
    found, approval = queries.export(uid, person())
    words, tone = _words(found, approval)
    return render_template(
        "exports/show.html",
        found=found,
        approval=approval,
        title=kind_of(found.kind).title,
        words=words,
        tone=tone,
        ready=found.state is ExportState.READY and words == STATES[ExportState.READY],
        preparing=found.state in {ExportState.QUEUED, ExportState.MAKING},
        formats=FORMATS,
    )


@bp.post("/exports/<uid>/file")
@allow(*PEOPLE, step_up=True)
def fetch(uid: str) -> ResponseReturnValue:
    """Hand over the file: by a button, since what only looks at a link must not use it up."""
    found, _approval = queries.export(uid, person())
    number, kind, made = found.id, found.format, []
    carry_out(lambda: made.append(files.fetch(uid, _home(), by=person())))
    data = made[0] if made else None
    if data is None:
        abort(410)
    answer = Response(data, content_type=TYPES[kind])
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"tongxing-{number}.{kind.value}"
    )
    return answer
