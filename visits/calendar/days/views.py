"""Pages on which the city keeps holidays, and counties terms and examinations."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core import clock
from core.access import allow
from core.errors import NotYours
from core.forms import SelectChoice, carry_out
from core.i18n import _
from places.days.queries import doubtful
from places.queries import shown
from visits.calendar.days import queries, services
from visits.calendar.days.forms import FIRST, LAST, DayForm, TimeForm
from visits.calendar.labels import TIMES
from visits.labels import DAY_KINDS

bp = Blueprint("days", __name__)


@bp.route("/calendar/days", methods=["GET", "POST"])
@allow(Role.CITY_COORDINATOR)
def holidays() -> ResponseReturnValue:
    me, form, year = person(), DayForm.of_request(), _year()
    if form.carries_out(lambda: services.set_day(form.special(), by=me)):
        flash(_("已保存"), "ok")
        return redirect(
            url_for("days.holidays", year=form.day.data.year if form.day.data else year)
        )
    doubt = request.args.get("show") == "doubt"
    page = render_template(
        "calendar/days.html",
        days=queries.days_in_doubt() if doubt else queries.days_of(year),
        doubt=doubt,
        doubtful=doubtful(),
        year=year,
        form=form,
        kinds=DAY_KINDS,
    )
    return page, form.status


@bp.post("/calendar/days/<day>/confirm")
@allow(Role.CITY_COORDINATOR)
def confirm_day(day: str) -> ResponseReturnValue:
    which, me = _day(day), person()
    carry_out(lambda: services.confirm_day(which, by=me))
    flash(_("已核实"), "ok")
    return redirect(url_for("days.holidays", year=which.year, show=request.args.get("show")))


@bp.post("/calendar/days/<day>/remove")
@allow(Role.CITY_COORDINATOR)
def remove_day(day: str) -> ResponseReturnValue:
    which, me = _day(day), person()
    carry_out(lambda: services.remove_day(which, by=me))
    flash(_("已拿掉，可以在下面恢复"), "ok")
    return redirect(url_for("days.holidays", year=which.year))


@bp.post("/calendar/days/<day>/restore")
@allow(Role.CITY_COORDINATOR)
def restore_day(day: str) -> ResponseReturnValue:
    which, me = _day(day), person()
    carry_out(lambda: services.restore_day(which, by=me))
    flash(_("已恢复"), "ok")
    return redirect(url_for("days.holidays", year=which.year))


@bp.route("/calendar/terms", methods=["GET", "POST"])
@allow(*queries.KEEPERS)
def terms() -> ResponseReturnValue:
    me, form = person(), TimeForm.of_request()
    names = queries.whose(me)
    form.whose.choices = [SelectChoice(key, one.name) for key, one in names.items()]
    if form.carries_out(lambda: services.add(form.stretch(), by=me)):
        flash(_("已加上"), "ok")
        return redirect(url_for("days.terms"))
    page = render_template(
        "calendar/terms.html",
        page=queries.listing(me, after=request.args.get("after")),
        form=form,
        kinds=TIMES,
        shown=shown,
    )
    return page, form.status


@bp.post("/calendar/terms/<uid>/confirm")
@allow(*queries.KEEPERS)
def confirm(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.confirm(uid, by=me))
    flash(_("已核实"), "ok")
    return redirect(url_for("days.terms"))


@bp.post("/calendar/terms/<uid>/remove")
@allow(*queries.KEEPERS)
def remove(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.remove(uid, by=me))
    flash(_("已拿掉，可以在列表里恢复"), "ok")
    return redirect(url_for("days.terms"))


@bp.post("/calendar/terms/<uid>/restore")
@allow(*queries.KEEPERS)
def restore(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: services.restore(uid, by=me))
    flash(_("已恢复"), "ok")
    return redirect(url_for("days.terms"))


def _year() -> int:
    """Return the year that the address names, or this one."""
    asked = request.args.get("year", "")
    known = len(asked) == 4 and asked.isascii() and asked.isdigit()
    return int(asked) if known and FIRST <= int(asked) <= LAST else clock.today().year


def _day(text: str) -> date:
    """Return the day of an address. Raises NotYours: what is no day is nobody's."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotYours from None
