"""Pages of alerts, for those who answer for safety; none shows a child's data."""

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from accounts.queries import names
from accounts.web import person
from core.access import allow, may
from core.forms import carry_out
from core.i18n import _
from messages.alerts import queries, services
from messages.alerts.forms import CloseForm, FalseAlarmForm
from messages.alerts.labels import ADVICE, KINDS, STATES, TONES
from messages.alerts.models import Alert
from messages.alerts.rules import WAITING, AlertKind
from places.queries import area_names

bp = Blueprint("alerts", __name__)


def init_app(app: Flask, *, pages: dict[AlertKind, str]) -> None:
    """Tell which page shows what an alert is about, by its uid: rooms above own those pages."""
    app.extensions["alert_pages"] = pages


@bp.get("/alerts")
@allow(*queries.HANDLERS)
def listing() -> ResponseReturnValue:
    settled = request.args.get("state") == "settled"
    page = queries.listing(person(), waiting=not settled, after=request.args.get("after"))
    return render_template(
        "alerts/listing.html", page=page, settled=settled, kinds=KINDS, states=STATES, tones=TONES
    )


@bp.get("/alerts/<uid>")
@allow(*queries.HANDLERS)
def show(uid: str) -> ResponseReturnValue:
    return _page(queries.alert(uid, person()), CloseForm(), FalseAlarmForm())


def _page(found: Alert, closing: CloseForm, doubting: FalseAlarmForm) -> ResponseReturnValue:
    people = (found.about_id, found.acknowledged_by_id, found.proposed_by_id, found.closed_by_id)
    page = render_template(
        "alerts/show.html",
        found=found,
        waits=found.state in WAITING,
        mine=found.proposed_by_id == person().id,
        names=names(people),
        place=area_names([found.area_id])[found.area_id],
        about=_subject_page(found),
        closing=closing,
        doubting=doubting,
        kinds=KINDS,
        advice=ADVICE,
        states=STATES,
        tones=TONES,
    )
    return page, max(closing.status, doubting.status)


def _subject_page(found: Alert) -> str | None:
    """Return the address of what the alert is about, for those who may open such pages."""
    endpoint = current_app.extensions["alert_pages"].get(found.kind)
    return url_for(endpoint, uid=found.ref) if endpoint and may(endpoint) else None


@bp.post("/alerts/<uid>/acknowledge")
@allow(*queries.HANDLERS)
def acknowledge(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.acknowledge(uid, by=person()))
    flash(_("已由您接手"), "ok")
    return redirect(url_for("alerts.show", uid=uid))


@bp.post("/alerts/<uid>/close")
@allow(*queries.HANDLERS)
def close(uid: str) -> ResponseReturnValue:
    found, form = queries.alert(uid, person()), CloseForm.of_request()
    if form.carries_out(lambda: services.close(uid, str(form.outcome.data), by=person())):
        flash(_("已记下结果"), "ok")
        return redirect(url_for("alerts.listing"))
    return _page(found, form, FalseAlarmForm())


@bp.post("/alerts/<uid>/false-alarm")
@allow(*queries.HANDLERS)
def propose_false_alarm(uid: str) -> ResponseReturnValue:
    found, form = queries.alert(uid, person()), FalseAlarmForm.of_request()
    if form.carries_out(
        lambda: services.propose_false_alarm(uid, str(form.reason.data), by=person())
    ):
        flash(_("已提出，等另一个人确认"), "ok")
        return redirect(url_for("alerts.show", uid=uid))
    return _page(found, CloseForm(), form)


@bp.post("/alerts/<uid>/false-alarm/confirm")
@allow(*queries.HANDLERS)
def confirm_false_alarm(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.confirm_false_alarm(uid, by=person()))
    flash(_("已确认是误报"), "ok")
    return redirect(url_for("alerts.listing"))


@bp.post("/alerts/<uid>/false-alarm/decline")
@allow(*queries.HANDLERS)
def decline_false_alarm(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.decline_false_alarm(uid, by=person()))
    flash(_("不算误报，请继续处理"), "ok")
    return redirect(url_for("alerts.show", uid=uid))
