"""Pages of series: making one with a look at its days first, what became of them, changing it."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.queries import names
from accounts.rules import Role
from accounts.web import person
from core import clock
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from pairings.models import Pairing
from places.queries import area_names
from visits.forms import CancelForm
from visits.labels import CANCEL_REASONS, PLACES, STATES, words
from visits.labels import TONES as STATE_TONES
from visits.limits.queries import limits_on
from visits.planning import queries as planning
from visits.planning.rules import Problem, Why
from visits.queries import STAFF, VOLUNTEERS, alias_of, to_change
from visits.series import queries, services
from visits.series.following import services as following
from visits.series.forms import SeriesForm
from visits.series.labels import OUTCOMES, POLICIES, TONES, rule_words
from visits.series.queries import Preview
from visits.series.services import Wish

bp = Blueprint("series", __name__)

PLANNERS = (Role.TEAM_LEADER, Role.COORDINATOR)
READERS = (*STAFF, *VOLUNTEERS)
LOOK = "look"
WORDS = {
    "cancel_reasons": CANCEL_REASONS,
    "outcomes": OUTCOMES,
    "places": PLACES,
    "policies": POLICIES,
    "rule_words": rule_words,
    "state_tones": STATE_TONES,
    "states": STATES,
    "tones": TONES,
}


@bp.route("/pairings/<uid>/series/new", methods=["GET", "POST"])
@allow(*PLANNERS)
def new(uid: str) -> ResponseReturnValue:
    pairing = planning.plannable(uid, person())
    _team, escorts, limits = planning.to_choose(pairing)
    form = SeriesForm.of_pairing(escorts).offer(limits, escorts)
    here = url_for("series.new", uid=uid)
    if LOOK in request.form:
        days = _days(form, lambda wish: _preview(wish, pairing))
        return _form_page(form, pairing, here, days=days)
    if form.carries_out(lambda: services.begin(uid, form.wish(), by=person())):
        flash(_("固定走访已排好；排不上的日子列在下面"), "ok")
        return redirect(url_for("series.show", uid=form.result))
    return _form_page(form, pairing, here)


@bp.get("/series/<uid>")
@allow(*READERS)
def show(uid: str) -> ResponseReturnValue:
    series, may_change = queries.seen(uid, person())
    pairing = queries.pairing_of(series)
    limits = limits_on(clock.today(), pairing.county_id)
    return render_template(
        "series/show.html",
        series=series,
        pairing=pairing,
        may_change=may_change and series.ended_at is None,
        alias=alias_of(pairing.child_id),
        escort=names([series.escort_id])[series.escort_id],
        days=queries.coming(series),
        why=lambda reason: words(Problem(Why(reason)), limits, {}),
        **WORDS,
    )


@bp.post("/series/<uid>/drop")
@allow(*PLANNERS)
def drop(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.drop(uid, request.form.get("key", ""), by=person()))
    flash(_("这一天不再排"), "ok")
    return redirect(url_for("series.show", uid=uid))


@bp.get("/series/refused")
@allow(Role.COORDINATOR)
def refused() -> ResponseReturnValue:
    page = queries.refused(person(), after=request.args.get("after"))
    today = clock.today()
    counties = {row.county_id for row in page.rows}
    limits = {county_id: limits_on(today, county_id) for county_id in counties}
    return render_template(
        "series/refused.html",
        page=page,
        names=area_names({row.township_id for row in page.rows}),
        why=lambda row, reason: words(Problem(Why(reason)), limits[row.county_id], {}),
    )


@bp.route("/visits/<uid>/following", methods=["GET", "POST"])
@allow(*PLANNERS)
def move(uid: str) -> ResponseReturnValue:
    """Change this visit of a series and all that follow it."""
    visit = to_change(uid, person()).visit
    series = queries.series_of(visit.id)
    pairing = queries.pairing_of(series)
    _team, escorts, limits = planning.to_choose(pairing)
    form = SeriesForm.of_series(series, visit).offer(limits, escorts)
    here = url_for("series.move", uid=uid)
    if LOOK in request.form:
        days = _days(form, lambda wish: following.look_at_move(uid, wish, by=person()))
        return _form_page(form, pairing, here, days=days, moved=uid)
    if form.carries_out(lambda: following.move_following(uid, form.wish(), by=person())):
        flash(_("从这一次起已按新的时间排，相关提醒同时改好；排不上的日子列在下面"), "ok")
        return redirect(url_for("series.show", uid=form.result))
    return _form_page(form, pairing, here, moved=uid)


@bp.route("/visits/<uid>/following/cancel", methods=["GET", "POST"])
@allow(*PLANNERS)
def cancel(uid: str) -> ResponseReturnValue:
    """Call off this visit of a series and all that follow it."""
    visit = to_change(uid, person()).visit
    series = queries.series_of(visit.id)
    form = CancelForm.of_request()
    if form.carries_out(lambda: _cancelled(uid, form)):
        many = int(form.result or 0)
        flash(_("已取消 %(n)d 次走访", n=many), "ok")
        return redirect(url_for("series.show", uid=series.uid))
    return render_template("series/cancel.html", form=form, visit=visit, series=series), form.status


def _cancelled(uid: str, form: CancelForm) -> str:
    return str(following.cancel_following(uid, form.why(), by=person()))


def _days(form: SeriesForm, look: Callable[[Wish], list[Preview]]) -> list[Preview] | None:
    """Return the days the form would come to, or None while there is something to mend."""
    return look(form.wish()) if form.validate() else None


def _preview(wish: Wish, pairing: Pairing) -> list[Preview]:
    return queries.preview(services.drawn(pairing, wish, by=person()), pairing)


def _form_page(
    form: SeriesForm,
    pairing: Pairing,
    here: str,
    *,
    days: list[Preview] | None = None,
    moved: str = "",
) -> ResponseReturnValue:
    limits = limits_on(clock.today(), pairing.county_id)
    called = names(one.person_id for day in days or () for one in day.problems)
    page = render_template(
        "series/form.html",
        form=form,
        here=here,
        pairing=pairing,
        alias=alias_of(pairing.child_id),
        days=days,
        moved=moved,
        why=lambda problem: words(problem, limits, called),
        **WORDS,
    )
    return page, form.status
