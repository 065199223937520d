"""What the next free times of a pairing are found from, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from core import clock
from core.db import db
from core.zone import CHINA
from pairings.models import Pairing
from places.days.queries import between
from visits.models import Visit
from visits.openings.rules import Day, Found, openings
from visits.planning.forms import PlanForm
from visits.planning.queries import DAYS_SHOWN, child_days, facts, team
from visits.planning.rules import Facts, Plan
from visits.weather.models import BadWeather
from volunteers.queries import free_slots
from volunteers.rules import Period, Slot


def of_form(form: PlanForm, pairing: Pairing, *, moved: int = 0) -> Found:
    """Return the next times for what stands in a form, which may be half filled in.

    None for visits that are made together: other teams would have to be asked as well.
    """
    joined = moved and db.session.get_one(Visit, moved).joined_id
    if joined or form.together.data or not form.is_told():
        return Found()
    return found(pairing, form.plan(), moved=moved)


def found(pairing: Pairing, wish: Plan, *, moved: int = 0) -> Found:
    """Return the next times for a plan, whatever day it names."""
    first = clock.today() + timedelta(days=1)
    days = [first + timedelta(days=ahead) for ahead in range(DAYS_SHOWN)]
    known = _known(pairing, wish, (days[0], days[-1]), moved=moved)
    special, stopped = between(days[0], days[-1]), _stopped(pairing, days)
    free = _free(pairing)
    return openings(
        wish,
        (
            Day(
                day,
                [
                    replace(
                        one,
                        day_kind=special[day].kind if day in special else None,
                        conditions=replace(
                            one.conditions,
                            exams=one.limits.in_exams(day),
                            bad_weather=day in stopped,
                        ),
                    )
                    for one in known
                ],
                free[known[0].limits.in_term(day)],
            )
            for day in days
        ),
    )


def _known(
    pairing: Pairing, wish: Plan, ends: tuple[date, date], *, moved: int
) -> tuple[Facts, ...]:
    """Return what holds on the first and the last of the days; what is offered fits both.

    A consent or a proof that ends between them, or a figure that changes, offers too little
    rather than too much.
    """
    first, last = (datetime.combine(day, time(), CHINA) for day in ends)
    until = last + timedelta(days=1)
    begin = facts(pairing, replace(wish, starts_at=first, ends_at=until), moved=moved)
    end = facts(pairing, replace(wish, starts_at=last, ends_at=until), moved=moved)
    apart = DAYS_SHOWN + max(begin.limits.days_between, end.limits.days_between)
    others = child_days(pairing.child_id, ends[0], apart, moved=moved)
    return tuple(replace(one, busy=begin.busy, child_days=others) for one in (begin, end))


def _stopped(pairing: Pairing, days: Sequence[date]) -> frozenset[date]:
    """Return on which of the days the county has stopped visits."""
    said = select(BadWeather.day).where(
        BadWeather.county_id == pairing.county_id, BadWeather.day.between(days[0], days[-1])
    )
    return frozenset(db.session.scalars(said))


def _free(pairing: Pairing) -> Mapping[bool, Mapping[int, Sequence[Slot]]]:
    """Return when the team is free in a week of term (True) and of the holidays.

    Who has given no weekly times at all is left out: nothing is known of them.
    """
    people = {one.volunteer_id: one.person_id for one in team(pairing)}
    in_term = free_slots(people, during=Period.TERM)
    off_term = free_slots(people, during=Period.BREAK)
    said = {one for one in people if in_term[one] or off_term[one]}
    return {
        term: {people[one]: slots[one] for one in said}
        for term, slots in ((True, in_term), (False, off_term))
    }
