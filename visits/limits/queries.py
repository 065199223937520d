"""The dated figures that visits are judged by, as the rules read them."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from core.parameters import values_on
from places.days.queries import stretches_of
from places.days.rules import TimeKind, overlaps
from visits.groups.rules import Ratio
from visits.limits.rules import Limits
from visits.planning.services import PARAMETERS


def limits_on(day: date, county_id: int | None = None) -> Limits:
    """Return the figures that hold on a day; a value nobody can read counts as the declared one.

    In a county its own terms hold where it has written them down: each takes the place of the
    country's that it overlaps, the others stay. Its examinations come besides the country's.
    """
    values = {one.name: one.default for one in PARAMETERS}
    try:
        limits = _limits(values_on(day))
    except (TypeError, ValueError):
        limits = _limits(values)
    if county_id is None:
        return limits
    own = stretches_of(county_id)
    terms, exams = own[TimeKind.TERM], own[TimeKind.EXAMS]
    others = (one for one in limits.terms if not any(overlaps(one, mine) for mine in terms))
    return replace(limits, terms=(*terms, *others), exams=(*limits.exams, *exams))


def _limits(values: dict[str, Any]) -> Limits:
    own = {name.removeprefix("visits."): value for name, value in values.items()}
    return Limits(
        notice=timedelta(hours=own["notice_hours"]),
        shortest=timedelta(minutes=own["shortest_minutes"]),
        longest=timedelta(minutes=own["longest_minutes"]),
        first=time.fromisoformat(own["first_time"]),
        last=time.fromisoformat(own["last_time"]),
        winter_months=frozenset(own["winter_months"]),
        winter_last=time.fromisoformat(own["winter_last_time"]),
        after_school=time.fromisoformat(own["after_school"]),
        terms=_stretches(own["terms"]),
        travel=timedelta(minutes=own["travel_minutes"]),
        days_between=int(own["days_between"]),
        fewest_adults=max(2, int(own["fewest_adults"])),
        exams=_stretches(own["exams"]),
        ratio=Ratio(*(int(one) for one in own["children_per_adult"])),
    )


def _stretches(text: str) -> tuple[tuple[date, date], ...]:
    """Return stretches of days written as first/last, one after the other."""
    pairs = [stretch.split("/") for stretch in text.split()]
    return tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in pairs)
