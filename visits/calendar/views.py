"""The calendar: month, week and agenda, the same days at the same address for whoever looks."""

from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from children.labels import WEEKDAYS
from core import clock
from core.access import allow
from pairings.rules import LIVE
from places.queries import shown as named
from visits.calendar import queries
from visits.calendar.labels import TIMES, VIEWS
from visits.calendar.rules import HOURS, Filters, Span, View, span_of
from visits.groups.rules import bundles
from visits.labels import DAY_KINDS, PLACES, STATES, TONES, at, number
from visits.queries import STAFF, VOLUNTEERS
from visits.rules import PlaceKind, State

bp = Blueprint("visit_calendar", __name__)
READERS = (*STAFF, *VOLUNTEERS, Role.CITY_COORDINATOR)
MOST_A_DAY, MOST_AN_HOUR = 3, 4
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 1)
Choice = TypeVar("Choice", bound=StrEnum)
WORDS = {
    "at": at,
    "bundles": bundles,
    "day_kinds": DAY_KINDS,
    "live": LIVE,
    "number": number,
    "place_names": PLACES,
    "states": STATES,
    "times": TIMES,
    "tones": TONES,
}


@bp.get("/visits/calendar")
@allow(*READERS)
def show() -> ResponseReturnValue:
    me, view, day, filters = person(), _view(), _day(), _filters()
    span = span_of(view, day)
    counties, townships = queries.places_to_choose(me, filters.county_id)
    return render_template(
        "calendar/show.html",
        view=view,
        day=day,
        span=span,
        found=queries.shown(me, filters, span),
        filters=filters,
        counted=queries.counts_only(me),
        chooses_mine=me.has(*STAFF),
        counties=[(one.id, named(one.name, one.name_en)) for one in counties],
        townships=[(one.id, named(one.name, one.name_en)) for one in townships],
        today=clock.today(),
        links=_links(view, day, span, filters),
        on=lambda other: _url(View.AGENDA, other, filters),
        weekdays=WEEKDAYS,
        hours=HOURS,
        most_a_day=MOST_A_DAY,
        most_an_hour=MOST_AN_HOUR,
        **WORDS,
    )


def _links(view: View, day: date, span: Span, filters: Filters) -> dict[str, Any]:
    """Return where the ways on lead: before, after, today, and the other views of this day."""
    return {
        "before": _url(view, span.before, filters),
        "after": _url(view, span.after, filters),
        "today": _url(view, clock.today(), filters),
        "views": [(one, name, _url(one, day, filters)) for one, name in VIEWS.items()],
        "bare": _url(view, day, Filters()),
    }


def _url(view: View, day: date, filters: Filters) -> str:
    said: dict[str, Any] = {"view": view.value, "day": day.isoformat(), **filters.args()}
    return url_for("visit_calendar.show", **said)


def _view() -> View:
    """Return the view asked for; a phone that asks for none gets the agenda, a desk the month."""
    asked = request.args.get("view", "")
    if asked in set(View):
        return View(asked)
    return View.AGENDA if "Mobi" in (request.user_agent.string or "") else View.MONTH


def _day() -> date:
    """Return the day that the address names, if it is one of these decades, or today."""
    try:
        found = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return clock.today()
    return found if FIRST <= found <= LAST else clock.today()


def _filters() -> Filters:
    """Return the filters of the address; what is none counts as none."""
    return Filters(
        state=_one_of(State, "state"),
        county_id=_number("county"),
        township_id=_number("township"),
        place=_one_of(PlaceKind, "place"),
        mine=request.args.get("mine") == "1",
    )


def _one_of(kind: type[Choice], name: str) -> Choice | None:
    asked = request.args.get(name, "")
    return kind(asked) if asked in set(kind) else None


def _number(name: str) -> int | None:
    asked = request.args.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
