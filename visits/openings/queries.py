"""What the next free times of a pairing are found from, in a fixed number of queries."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from children.consents.queries import lacking
from core import clock
from core.db import db
from core.zone import CHINA
from pairings.models import Pairing
from places.days.queries import between
from visits.models import Visit
from visits.openings.rules import Day, Found, openings, still_held
from visits.planning.forms import PlanForm
from visits.planning.queries import DAYS_SHOWN, child_days, facts, local_people, members_on, team
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
    held = _held_until(pairing, known, days)
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
                    for one in (known if day > held else still_held(known))
                ],
                free[known[0].limits.in_term(day)],
            )
            for day in days
        ),
    )


def _known(
    pairing: Pairing, wish: Plan, ends: tuple[date, date], *, moved: int
) -> tuple[Facts, Facts]:
    """Return what holds on the first and the last of the days; what is offered fits both.

    A figure that changes between them offers too little rather than too much; for consents and
    proofs that end see `_held_until`.
    """
    first, last = (datetime.combine(day, time(), CHINA) for day in ends)
    until = last + timedelta(days=1)
    begin = facts(pairing, replace(wish, starts_at=first, ends_at=until), moved=moved)
    end = facts(pairing, replace(wish, starts_at=last, ends_at=until), moved=moved)
    apart = DAYS_SHOWN + max(begin.limits.days_between, end.limits.days_between)
    others = child_days(pairing.child_id, ends[0], apart, moved=moved)
    return (
        replace(begin, child_days=others),
        replace(end, busy=begin.busy, child_days=others),
    )


def _held_until(pairing: Pairing, known: tuple[Facts, Facts], days: Sequence[date]) -> date:
    """Return the last day on which consent, clearances and posts are those of the first day.

    Nothing more is asked when they are the same on the last day; else the day is halved down to.
    """
    begin, end = known

    def changed(day: date) -> bool:
        child, members, posts = pairing.child_id, begin.members, begin.local_ids
        return (
            (
                end.consent_lacking != begin.consent_lacking
                and bool(lacking([child], day).get(child)) != begin.consent_lacking
            )
            or (end.members != members and members_on(pairing, day) != members)
            or (
                end.local_ids != posts
                and frozenset(row.id for row in local_people(pairing, day)) != posts
            )
        )

    return days[max(0, bisect_left(days, x=True, key=changed) - 1)]


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
