"""The next times at which a plan would be accepted. Nothing here reads a clock or a database.

Nothing of its own is judged here but people's free weekly times: a time is offered when the rules
of planning have nothing against it, so that what is offered is what planning accepts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from core.zone import CHINA
from visits.planning.rules import Facts, Plan, Problem, Why, open_hours, problems
from volunteers.rules import Slot

STEP = timedelta(minutes=15)
MOST = 6


@dataclass(frozen=True, slots=True)
class Opening:
    """When a visit could be, with nothing against it."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """A day that has open hours and yet is not offered, with the first reason."""

    day: date
    problem: Problem


@dataclass(frozen=True, slots=True)
class Day:
    """A day with what holds on it, known from one moment or from several: all have to agree."""

    day: date
    facts: Sequence[Facts]
    free: Mapping[int, Sequence[Slot]] = field(default_factory=dict)
    """When people are free in such a week, by person id; who is not named has said nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """The times that are offered, and the first day among or before them that is not."""

    openings: tuple[Opening, ...] = ()
    missed: Missed | None = None
    ended: Missed | None = None
    """From which day on, after the last that is offered, one reason stands against all."""


def still_held(known: tuple[Facts, Facts]) -> tuple[Facts, Facts]:
    """Return the same, with consent, clearances and posts on both days as on the first."""
    begin, end = known
    return begin, replace(
        end,
        consent_lacking=begin.consent_lacking,
        members=begin.members,
        local_ids=begin.local_ids,
    )


def openings(wish: Plan, days: Iterable[Day], *, most: int = MOST) -> Found:
    """Return the next times for a plan, one a day, each as near as can be to its time of day."""
    found: list[Opening] = []
    missed: Missed | None = None
    ended: Missed | None = None
    for day in days:
        if len(found) == most:
            break
        best = _best(wish, day)
        if isinstance(best, Opening):
            found.append(best)
            ended = None
        elif best is not None:
            missed = missed or Missed(day.day, best)
            if ended is None or ended.problem != best:
                ended = Missed(day.day, best)
    return Found(tuple(found), missed, ended if found and ended != missed else None)


def _best(wish: Plan, day: Day) -> Opening | Problem | None:
    """Return the time of a day that is nearest to the wish, or why there is none.

    None when the day has no open hours: the list of days says so already.
    """
    hours = [open_hours(day.day, one.child, one.day_kind, one.limits) for one in day.facts]
    spans = [one for one in hours if not isinstance(one, Why)]
    if len(spans) < len(hours):
        return None
    first: Problem | None = None
    for start in _starts(wish, day.day, max(one[0] for one in spans), min(one[1] for one in spans)):
        plan = replace(wish, starts_at=start, ends_at=start + (wish.ends_at - wish.starts_at))
        against = _against(plan, day)
        if against is None:
            return Opening(plan.starts_at, plan.ends_at)
        first = first or against
    return first


def _starts(wish: Plan, day: date, first: time, last: time) -> list[datetime]:
    """Return the starts the form knows that fit into the hours, the nearest to the wish first."""
    usual = datetime.combine(day, wish.starts_at.astimezone(CHINA).time(), CHINA)
    start, end = (datetime.combine(day, one, CHINA) for one in (first, last))
    count = (end - (wish.ends_at - wish.starts_at) - start) // STEP + 1
    found = [start + number * STEP for number in range(max(0, count))]
    return sorted(found, key=lambda one: (abs(one - usual), one))


def _against(plan: Plan, day: Day) -> Problem | None:
    """Return the first reason against a plan, a weekly time that does not hold it among them."""
    for facts in day.facts:
        found = problems(plan, facts)
        if found:
            return found[0]
    start = plan.starts_at.astimezone(CHINA)
    minute = start.hour * 60 + start.minute
    until = minute + (plan.ends_at - plan.starts_at) // timedelta(minutes=1)
    for person_id in sorted(plan.member_ids & day.free.keys()):
        if not any(
            slot.weekday == start.weekday() and slot.start <= minute and until <= slot.end
            for slot in day.free[person_id]
        ):
            return Problem(Why.PERSON_BUSY, person_id)
    return None
