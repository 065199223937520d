"""Pages of visits: lists, a plan, and the visit itself on the day."""

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.signups.day.rules import seconds_left
from children.services import seen_elsewhere
from core import clock
from core.access import allow
from core.codes import drawn, outside
from core.errors import RuleBroken
from core.forms import Form, carry_out
from core.i18n import _
from pairings.models import Pairing
from pairings.rules import LIVE
from places.queries import area_names
from visits import queries, services
from visits.agenda import queries as agenda
from visits.agenda.rules import FOR_EVERYBODY, Tab
from visits.answers.labels import SAID
from visits.answers.labels import TONES as ANSWER_TONES
from visits.answers.queries import said_of
from visits.arrivals import services as arrivals
from visits.arrivals.queries import asks_to_come, asks_to_go
from visits.arrivals.services import open_now
from visits.contracts.queries import standing
from visits.feeds.queries import ics as to_ics
from visits.feeds.views import site
from visits.forms import CancelForm, CodeForm, ConfirmForm
from visits.groups import queries as groups
from visits.groups.rules import bundles
from visits.groups.services import cancel_visits, move_visits, plan_visits
from visits.labels import (
    CANCEL_REASONS,
    DAY_KINDS,
    LATES,
    MOODS,
    NEED_CHANGES,
    PLACES,
    STATES,
    TABS,
    TONES,
    at,
    number,
    words,
)
from visits.limits.queries import limits_on
from visits.openings import queries as openings
from visits.planning import queries as planning
from visits.planning.forms import MoveForm, PlanForm
from visits.planning.rules import Problem
from visits.queries import Seen
from visits.records.queries import may_read, may_record, records
from visits.rules import AHEAD, State
from visits.series.queries import uid_of_visit as of_visit
from visits.sheet.labels import known
from visits.sheet.queries import sheet

bp = Blueprint("visits", __name__)

PLANNERS = (Role.TEAM_LEADER, Role.COORDINATOR)
ESCORTS = (Role.CHILD_DIRECTOR, Role.CHILD_SUPERVISOR, Role.COORDINATOR)
READERS = (*queries.STAFF, *queries.VOLUNTEERS)
SEEN = ("place_text", "township_id")
WORDS = {
    "answers": SAID,
    "answer_tones": ANSWER_TONES,
    "at": at,
    "bundles": bundles,
    "cancel_reasons": CANCEL_REASONS,
    "day_kinds": DAY_KINDS,
    "lates": LATES,
    "live": LIVE,
    "moods": MOODS,
    "need_changes": NEED_CHANGES,
    "number": number,
    "places": PLACES,
    "states": STATES,
    "tones": TONES,
}


@bp.get("/visits")
@allow(*READERS)
def listing() -> ResponseReturnValue:
    asked = request.args.get("tab", "")
    tab, day = Tab(asked) if asked in set(Tab) else Tab.UPCOMING, _day("day")
    page = agenda.listing(person(), tab, day=day, after=request.args.get("after"))
    names = area_names(
        {row.county_id for row in page.rows} | {row.township_id for row in page.rows}
    )
    return render_template(
        "visits/listing.html",
        page=page,
        tab=tab,
        tabs=_tabs(tab),
        day=day,
        names=names,
        late=agenda.late_now(page.rows),
        **WORDS,
    )


@bp.route("/pairings/<uid>/visits/new", methods=["GET", "POST"])
@allow(*PLANNERS)
def plan(uid: str) -> ResponseReturnValue:
    pairing = planning.plannable(uid, person())
    team, escorts, limits = planning.to_choose(pairing)
    with_whom = groups.choosable(pairing, planning.may_plan(person()))
    form = PlanForm.of_pairing(team, escorts).offer(limits, team, escorts, with_whom)
    also = form.together.data or ()
    if form.carries_out(lambda: plan_visits(uid, form.plan(), also, by=person())):
        flash(_("走访已安排，会在前七天、前两天和前两小时提醒大家"), "ok")
        return redirect(url_for("visits.show", uid=form.result))
    return _plan_page(form, pairing, url_for("visits.plan", uid=uid))


@bp.route("/visits/<uid>/move", methods=["GET", "POST"])
@allow(*PLANNERS)
def move(uid: str) -> ResponseReturnValue:
    seen = queries.to_change(uid, person())
    pairing = planning.pairing_of(seen.visit)
    team, escorts, limits = planning.to_choose(pairing)
    form = MoveForm.of_visit(seen).offer(limits, team, escorts)
    if form.carries_out(lambda: move_visits(uid, form.plan(), version=form.seen(), by=person())):
        flash(_("走访已改期，相关提醒同时改好；请陪同人重新确认"), "ok")
        return redirect(url_for("visits.show", uid=uid))
    return _plan_page(form, pairing, url_for("visits.move", uid=uid), moved=seen.visit.id)


@bp.get("/visits/<uid>")
@allow(*READERS)
def show(uid: str) -> ResponseReturnValue:
    return _show(queries.seen(uid, person()))


@bp.get("/visits/<uid>.ics")
@allow(*READERS)
def ics(uid: str) -> ResponseReturnValue:
    visit = queries.seen(uid, person()).visit
    body = to_ics([visit], site())
    kept = {"Content-Disposition": f"attachment; filename=visit-{number(visit.id)}.ics"}
    return Response(body, content_type="text/calendar; charset=utf-8", headers=kept)


@bp.post("/visits/<uid>/confirm")
@allow(*ESCORTS)
def confirm(uid: str) -> ResponseReturnValue:
    seen = queries.seen(uid, person())
    form = ConfirmForm.of_request()
    if form.carries_out(lambda: services.confirm(uid, by=person())):
        flash(_("已确认。请当天到场，并把签到码读给志愿者"), "ok")
        return redirect(url_for("visits.show", uid=uid))
    return _show(seen, confirm_form=form)


@bp.route("/visits/<uid>/cancel", methods=["GET", "POST"])
@allow(*PLANNERS, *ESCORTS)
def cancel(uid: str) -> ResponseReturnValue:
    seen = queries.to_cancel(uid, person())
    form = CancelForm.of_request()
    if form.carries_out(lambda: _cancel(uid, form)):
        flash(_("走访已取消，相关提醒已停止"), "ok")
        return redirect(url_for("visits.show", uid=uid))
    return render_template("visits/cancel.html", seen=seen, form=form, **WORDS), form.status


def _cancel(uid: str, form: CancelForm) -> None:
    cancel_visits(uid, form.why(), everybody=bool(form.everybody.data), by=person())


@bp.post("/visits/<uid>/check-in")
@allow(*queries.VOLUNTEERS, *ESCORTS)
def check_in(uid: str) -> ResponseReturnValue:
    """Check oneself in by the code, or (`who`) somebody else without one."""
    who = _who()
    if who is not None:
        carry_out(lambda: arrivals.check_in_for(uid, who, by=person()))
        flash(_("已签到"), "ok")
        return redirect(url_for("visits.show", uid=uid))
    form = CodeForm.of_request()
    if form.opens(lambda: arrivals.check_in(uid, str(form.code.data), by=person())):
        flash(_("已签到。走访结束时请记得签退"), "ok")
        return redirect(url_for("visits.show", uid=uid))
    return _show(queries.seen(uid, person()), check_in_form=form)


@bp.post("/visits/<uid>/check-out")
@allow(*queries.VOLUNTEERS, *ESCORTS)
def check_out(uid: str) -> ResponseReturnValue:
    """Check oneself out by the code, or (`who`) somebody without one."""
    who = _who()
    if who is not None:
        carry_out(lambda: arrivals.check_out_for(uid, who, by=person()))
        flash(_("已签退"), "ok")
        return redirect(url_for("visits.show", uid=uid))
    form = CodeForm.of_request()
    if form.opens(lambda: arrivals.check_out(uid, str(form.code.data), by=person())):
        flash(_("已签退"), "ok")
        return redirect(url_for("visits.show", uid=uid))
    return _show(queries.seen(uid, person()), check_out_form=form)


def _who() -> int | None:
    """Return whom a button is about: nobody has the number of a text that is none."""
    if "who" not in request.form:
        return None
    return request.form.get("who", default=0, type=int)


def _show(seen: Seen, **forms: Form) -> ResponseReturnValue:
    """Show a visit, and the form that was refused; when its time is over, only the reasons."""
    visit = seen.visit
    shown, sent = sheet(seen), next(iter(forms.values()), None)
    offered = {
        "confirm_form": _may_confirm(seen),
        "check_in_form": asks_to_come(seen),
        "check_out_form": asks_to_go(seen),
    }
    if sent and not all(offered[name] for name in forms):
        raise RuleBroken(*(str(each) for every in sent.errors.values() for each in every))
    page = render_template(
        "visits/show.html",
        seen=seen,
        visit=visit,
        me=seen.me,
        reader=person().id,
        said=said_of(visit) if seen.plans or seen.receives else {},
        sheet=shown,
        known=known(seen, shown),
        written=records(visit) if may_read(seen, paired=bool(shown.pairing_uid)) else [],
        may_record=may_record(seen),
        may_move=seen.plans and visit.state in AHEAD and visit.starts_at > clock.now(),
        may_plan_next=seen.plans and visit.state not in AHEAD,
        may_cancel=(seen.plans or seen.receives) and visit.state in AHEAD,
        confirm_open=offered["confirm_form"],
        code_asked=offered["check_in_form"],
        check_in_open=open_now(visit),
        series_uid=of_visit(visit.id),
        late=agenda.how_late(visit),
        company=(company := groups.seen_with(visit, person())),
        children=groups.number(visit),
        names=groups.names_with(seen, company),
        squares=drawn(outside(url_for("visits.show", uid=visit.uid)), _("打开这次走访的二维码")),
        code_until=seconds_left(clock.now()),
        confirm_form=forms.get("confirm_form") or ConfirmForm(),
        code_form=forms.get("check_in_form") or forms.get("check_out_form") or CodeForm(),
        **WORDS,
    )
    if shown.released:  # where to meet and whom to call: more than the alias tier
        seen_elsewhere(shown.child_id, by=person(), fields=SEEN, where=f"visit/{number(visit.id)}")
    return page, sent.status if sent else 200


def _may_confirm(seen: Seen) -> bool:
    return seen.receives and seen.visit.state is State.PLANNED


def _plan_page(
    form: PlanForm, pairing: Pairing, here: str, *, moved: int = 0
) -> ResponseReturnValue:
    limits = limits_on(clock.today(), pairing.county_id)
    page = render_template(
        "visits/plan.html",
        form=form,
        here=here,
        alias=queries.alias_of(pairing.child_id),
        pairing=pairing,
        limits=limits,
        days=planning.open_days(pairing, limits, moved=moved),
        openings=openings.of_form(form, pairing, moved=moved),
        against=lambda problem: words(problem, limits, form.names()),
        why=lambda why: words(Problem(why), limits, {}),
        moved=moved,
        window=standing(pairing, many=1).next,
        **WORDS,
    )
    return page, form.status


def _tabs(current: Tab) -> list[tuple[str, str, bool]]:
    """Return the tabs to show: those for everybody, and the one that a next action led to."""
    return [
        (str(name), url_for("visits.listing", tab=tab), tab is current)
        for tab, name in TABS.items()
        if tab in FOR_EVERYBODY or tab is current
    ]


def _day(name: str, more: str = "") -> date | None:
    """Return a day that the address names, if it is one of these decades."""
    try:
        found = date.fromisoformat(request.args.get(name, "") + more)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
