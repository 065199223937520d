"""When, where and with whom a visit may take place. Nothing here reads a clock or a database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from children.rules import AgeBand
from core.zone import CHINA
from places.days.rules import DayKind
from visits.conditions.rules import Conditions
from visits.groups.rules import ALONE, Company
from visits.limits.rules import Limits
from visits.rules import PlaceKind
from volunteers.rules import Sex


class Why(StrEnum):
    """What stands against a plan; domain.md §3 and §6 say why."""

    PAIRING_NOT_OPEN = "pairing_not_open"
    INTRO_AHEAD = "intro_ahead"
    OUTSIDE_PAIRING = "outside_pairing"
    NO_CONSENT = "no_consent"
    TOO_SOON = "too_soon"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_ONE_DAY = "not_one_day"
    OUT_OF_HOURS = "out_of_hours"
    MAKEUP_WORKDAY = "makeup_workday"
    CLASS_HOURS = "class_hours"
    DARK_AFTER_SCHOOL = "dark_after_school"
    AT_BOARDING_SCHOOL = "at_boarding_school"
    TOO_OFTEN = "too_often"
    CHILD_BUSY = "child_busy"
    PERSON_BUSY = "person_busy"
    NOT_IN_TEAM = "not_in_team"
    NOT_ACTIVE = "not_active"
    NOT_CLEARED = "not_cleared"
    TOO_FEW_ADULTS = "too_few_adults"
    NO_WOMAN = "no_woman"
    ESCORT_NOT_LOCAL = "escort_not_local"
    HOME_NOT_AGREED = "home_not_agreed"
    BETTER_PLACE = "better_place"
    PLACE_NOT_IN_CONTRACT = "place_not_in_contract"
    EXAMS = "exams"
    BAD_WEATHER = "bad_weather"
    FIRST_WITH_TWO = "first_with_two"
    TOO_MANY_FACES = "too_many_faces"
    TOGETHER_AT_HOME = "together_at_home"
    TOO_FEW_FOR_ALL = "too_few_for_all"
    NOT_TOGETHER = "not_together"


STAFFING = frozenset({Why.TOO_FEW_ADULTS, Why.TOO_FEW_FOR_ALL, Why.NO_WOMAN})
"""What stands against a visit whoever else is free: it may not take place with these people."""

OF_THE_DAY = frozenset(
    {
        Why.OUT_OF_HOURS,
        Why.MAKEUP_WORKDAY,
        Why.CLASS_HOURS,
        Why.DARK_AFTER_SCHOOL,
        Why.AT_BOARDING_SCHOOL,
        Why.EXAMS,
        Why.BAD_WEATHER,
    }
)
"""What may come to stand against a day that was good when the visit was planned."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason against a plan, and the person it is about, if it is about one."""

    why: Why
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A visit as somebody wishes it; members and escort by their person ids."""

    starts_at: datetime
    ends_at: datetime
    place_kind: PlaceKind
    place_text: str
    escort_id: int
    member_ids: frozenset[int]
    home_agreed: bool = False

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(CHINA).date()

    @property
    def people(self) -> frozenset[int]:
        return self.member_ids | {self.escort_id}

    def columns(self) -> dict[str, Any]:
        """Return what of the plan stands in the visit's own row."""
        return {
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "place_kind": self.place_kind,
            "place_text": self.place_text,
            "guardian_agreed": self.home_agreed,
        }


@dataclass(frozen=True, slots=True)
class Member:
    """One of the team; `cleared` is meant for the day of the visit."""

    sex: Sex | None
    active: bool
    cleared: bool


@dataclass(frozen=True, slots=True)
class Visited:
    """What the rules ask of the child."""

    girl: bool
    school_age: bool
    boarding: bool
    band: AgeBand = AgeBand.A8_10


@dataclass(frozen=True, slots=True)
class Busy:
    """An open visit of somebody; of the child when `person_id` is None."""

    person_id: int | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds when a plan is judged."""

    now: datetime
    limits: Limits
    child: Visited
    pairing_open: bool
    pairing_days: tuple[date, date]
    consent_lacking: bool
    members: Mapping[int, Member]
    local_ids: frozenset[int]
    day_kind: DayKind | None = None
    intro_ahead: bool = False
    busy: tuple[Busy, ...] = ()
    child_days: frozenset[date] = frozenset()
    conditions: Conditions = field(default_factory=Conditions)
    company: Company = ALONE

    def with_days(self, days: Iterable[date]) -> "Facts":
        """Return the same with more days of the child's other visits."""
        return replace(self, child_days=self.child_days | frozenset(days))


def problems(plan: Plan, facts: Facts) -> list[Problem]:
    """Return every reason against the plan; without one it may be made."""
    return [
        *_standing(plan, facts),
        *_time(plan, facts),
        *_people(plan, facts),
        *_conditions(plan, facts),
    ]


def _conditions(plan: Plan, facts: Facts) -> list[Problem]:
    """Return what stands against that day, that place and that many new faces."""
    holds, home = facts.conditions, plan.place_kind is PlaceKind.HOME
    found = {
        Why.EXAMS: holds.exams and facts.child.school_age,
        Why.BAD_WEATHER: holds.bad_weather,
        Why.BETTER_PLACE: home and not plan.home_agreed and holds.better_place,
        Why.PLACE_NOT_IN_CONTRACT: plan.place_kind not in holds.places,
        Why.TOGETHER_AT_HOME: home and bool(facts.company.bands),
        Why.FIRST_WITH_TWO: holds.is_one_of_the_first() and len(plan.member_ids) < 2,
    }
    new = [Problem(Why.TOO_MANY_FACES, one) for one in holds.too_new(plan.member_ids)]
    return [*(Problem(why) for why, against in found.items() if against), *new]


def _standing(plan: Plan, facts: Facts) -> list[Problem]:
    since, until = facts.pairing_days
    found = {
        Why.PAIRING_NOT_OPEN: not facts.pairing_open,
        Why.INTRO_AHEAD: facts.intro_ahead,
        Why.OUTSIDE_PAIRING: not since <= plan.day <= until,
        Why.NO_CONSENT: facts.consent_lacking,
        Why.HOME_NOT_AGREED: plan.place_kind is PlaceKind.HOME and not plan.home_agreed,
    }
    return [Problem(why) for why, holds in found.items() if holds]


def _time(plan: Plan, facts: Facts) -> list[Problem]:
    limits, length = facts.limits, plan.ends_at - plan.starts_at
    away = [abs((day - plan.day).days) for day in facts.child_days]
    found = {
        Why.TOO_SOON: plan.starts_at - facts.now < limits.notice,
        Why.TOO_SHORT: length < limits.shortest,
        Why.TOO_LONG: length > limits.longest,
        Why.TOO_OFTEN: any(days < limits.days_between for days in away),
    }
    found_now = [Problem(why) for why, holds in found.items() if holds]
    return [*found_now, *_hours(plan, facts), *_overlaps(plan, facts)]


def _hours(plan: Plan, facts: Facts) -> list[Problem]:
    start, end = plan.starts_at.astimezone(CHINA), plan.ends_at.astimezone(CHINA)
    if start.date() != end.date():
        return [Problem(Why.NOT_ONE_DAY)]
    limits, found = facts.limits, []
    if start.time() < limits.first or end.time() > limits.last_on(plan.day):
        found.append(Problem(Why.OUT_OF_HOURS))
    hours = open_hours(plan.day, facts.child, facts.day_kind, limits)
    if isinstance(hours, Why):
        found.append(Problem(hours))
    elif limits.first <= start.time() < hours[0]:
        found.append(Problem(Why.CLASS_HOURS))
    return found


def school_hours(day: date, child: Visited, kind: DayKind | None, limits: Limits) -> Why | None:
    """Return why the child is at school that day: the whole day, or until school is out."""
    if kind is DayKind.MAKEUP_WORKDAY:
        return Why.MAKEUP_WORKDAY
    free = day.weekday() >= 5 or kind is DayKind.HOLIDAY or not limits.in_term(day)
    if free or not child.school_age:
        return None
    return Why.AT_BOARDING_SCHOOL if child.boarding else Why.CLASS_HOURS


def open_hours(
    day: date, child: Visited, kind: DayKind | None, limits: Limits
) -> tuple[time, time] | Why:
    """Return between when a visit may take place that day, or why it may not at all."""
    school = school_hours(day, child, kind, limits)
    first, last = limits.first, limits.last_on(day)
    if school is Why.CLASS_HOURS:
        first = max(first, limits.after_school)
    elif school:
        return school
    shortest = datetime.combine(day, first) + limits.shortest
    return (first, last) if shortest <= datetime.combine(day, last) else Why.DARK_AFTER_SCHOOL


def _overlaps(plan: Plan, facts: Facts) -> list[Problem]:
    """Return who would have to be in two places at once, the way between them included."""
    travel = facts.limits.travel
    who = {
        other.person_id
        for other in facts.busy
        if plan.starts_at < other.ends_at + travel and other.starts_at < plan.ends_at + travel
    }
    child = [Problem(Why.CHILD_BUSY)] if None in who else []
    people = sorted(person_id for person_id in who if person_id in plan.people)
    return child + [Problem(Why.PERSON_BUSY, person_id) for person_id in people if person_id]


def _people(plan: Plan, facts: Facts) -> list[Problem]:
    found, fit = [], []
    for person_id in sorted(plan.member_ids):
        member = facts.members.get(person_id)
        if member is None:
            found.append(Problem(Why.NOT_IN_TEAM, person_id))
        elif not member.active:
            found.append(Problem(Why.NOT_ACTIVE, person_id))
        elif not member.cleared:
            found.append(Problem(Why.NOT_CLEARED, person_id))
        else:
            fit.append((person_id, member))
    local = plan.escort_id in facts.local_ids
    if not local:
        found.append(Problem(Why.ESCORT_NOT_LOCAL))
    adults = {person_id for person_id, _member in fit} | ({plan.escort_id} if local else set())
    if not fit or len(adults) < facts.limits.fewest_adults:
        found.append(Problem(Why.TOO_FEW_ADULTS))
    if facts.company.outnumbers(adults, facts.child.band, facts.limits.ratio):
        found.append(Problem(Why.TOO_FEW_FOR_ALL))
    if facts.child.girl and not any(member.sex is Sex.FEMALE for _id, member in fit):
        found.append(Problem(Why.NO_WOMAN))
    return found
