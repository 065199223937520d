"""Reading series: for whoever knows of the pairing; what is refused, for who plans there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from sqlalchemy import ColumnElement, func, or_, select

from accounts.rules import Actor, Role
from core import clock
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, page_of
from core.parameters import value_on
from core.scopes import find, scope
from pairings.models import Pairing
from pairings.queries import visible as pairing_visible
from places.days.queries import between
from places.queries import within
from visits import queries
from visits.labels import words
from visits.limits.queries import limits_on
from visits.models import Visit
from visits.planning.queries import facts, team
from visits.planning.rules import Plan, Problem, Why, open_hours, problems
from visits.series.models import Occurrence, Series
from visits.series.rules import FARTHEST_SHIFT, Outcome, Pattern, moment, occurrences, settled
from volunteers.rules import Status
from volunteers.teams.models import Team

SHOWN = 40
Day: TypeAlias = tuple[datetime, datetime | None]
"""A local start, and the moment it takes place, None when it is left out."""


@scope(Series)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody may know of a series: as of its pairing."""
    return Series.pairing_id.in_(select(Pairing.id).where(pairing_visible(actor)))


def planned_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody may change a series: whoever plans its visits."""
    led = select(Pairing.id).where(Pairing.team_id.in_(queries.led_teams(actor)))
    return or_(within(Series, actor.reaches(Role.COORDINATOR)), Series.pairing_id.in_(led))


def seen(uid: str, actor: Actor) -> tuple[Series, bool]:
    """Return a series and whether whoever asks may change it. Raises NotYours."""
    found = find(Series, uid, actor)
    mine = select(Series.id).where(Series.id == found.id, planned_by(actor))
    return found, db.session.scalar(mine) is not None


def of_visit(visit_id: int) -> AnyRow | None:
    """Return the series a visit belongs to, with the name of its day in it."""
    return db.session.execute(
        select(Series, Occurrence.key)
        .join(Occurrence, Occurrence.series_id == Series.id)
        .where(Occurrence.visit_id == visit_id)
    ).first()


def uid_of_visit(visit_id: int) -> str | None:
    """Return the name of the series a visit belongs to; of one that has ended there is none."""
    return db.session.scalar(
        select(Series.uid)
        .join(Occurrence, Occurrence.series_id == Series.id)
        .where(Occurrence.visit_id == visit_id, Series.ended_at.is_(None))
    )


def series_of(visit_id: int) -> Series:
    """Return the series a visit belongs to. Raises NotYours when it is a single one."""
    found = of_visit(visit_id)
    if found is None:
        raise NotYours
    series: Series = found.Series
    return series


def of_pairing(pairing_id: int) -> Sequence[Series]:
    """Return the series of a pairing that go on."""
    return db.session.scalars(
        select(Series)
        .where(Series.pairing_id == pairing_id, Series.ended_at.is_(None))
        .order_by(Series.id)
    ).all()


def coming(series: Series) -> Sequence[AnyRow]:
    """Return the days of a series from today on, each with its visit if it has one."""
    today = clock.now() - timedelta(days=1)
    return db.session.execute(
        select(Occurrence, Visit.uid, Visit.starts_at, Visit.ends_at, Visit.state)
        .outerjoin(Visit, Visit.id == Occurrence.visit_id)
        .where(Occurrence.series_id == series.id, Occurrence.starts_at > today)
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(SHOWN)
    ).all()


def against_all(series: Series) -> list[str] | None:
    """Return in words what stands against the days of a series; None when one is planned."""
    rows = db.session.execute(
        select(Occurrence.outcome, Occurrence.reasons).where(Occurrence.series_id == series.id)
    ).all()
    if any(row.outcome is Outcome.PLANNED for row in rows):
        return None
    limits = limits_on(clock.today(), series.county_id)
    reasons = sorted({reason for row in rows for reason in row.reasons})
    return [words(Problem(Why(reason)), limits, {}) for reason in reasons]


def pattern_of(series: Series) -> Pattern:
    return Pattern(series.rule, series.first_on, series.local_start, series.policy, series.zone)


def plan_of(series: Series, pairing: Pairing, starts_at: datetime) -> Plan:
    """Return a day of a series as a plan of the whole team as it is now."""
    active = [one.person_id for one in team(pairing) if one.status is Status.ACTIVE]
    return Plan(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=series.minutes),
        place_kind=series.place_kind,
        place_text=series.place_text,
        escort_id=series.escort_id,
        member_ids=frozenset(active),
        home_agreed=series.home_agreed,
    )


def horizon(on: date) -> date:
    """Return until when visits are planned ahead."""
    return on + timedelta(days=int(value_on("visits.series_days_ahead", on)))


def days_of(
    series: Series, pairing: Pairing, until: date
) -> list[tuple[datetime, datetime | None]]:
    """Return (local start, moment it takes place or None when left out) until a day.

    A rule has no end of its own: the pairing's is the last.
    """
    today = clock.today()
    last = min(one for one in (until, pairing.ends_on, series.last_on) if one is not None)
    if last < today:
        return []
    special = between(today, last + timedelta(days=FARTHEST_SHIFT))
    kinds = {day: one.kind for day, one in special.items()}
    child, limits = queries.visited(pairing.child_id), limits_on(today, pairing.county_id)

    def fits(local: datetime) -> bool:
        hours = open_hours(local.date(), child, kinds.get(local.date()), limits)
        end = local + timedelta(minutes=series.minutes)
        return isinstance(hours, tuple) and hours[0] <= local.time() and end.time() <= hours[1]

    found = []
    for local in occurrences(pattern_of(series), today, last):
        at = settled(local, series.policy, kinds, fits)
        found.append((local, moment(at, series.zone) if at else None))
    return found


@dataclass(frozen=True, slots=True)
class Preview:
    """A day that a series would have, and what stands against it."""

    starts_at: datetime
    left_out: bool
    problems: tuple[Problem, ...]


def preview(series: Series, pairing: Pairing) -> list[Preview]:
    """Return what a series that is not saved yet would come to, day by day.

    Each day is judged as if those before it were planned: two of one series may be too near.
    """
    found: list[Preview] = []
    taken: list[date] = []
    for local, at in days_of(series, pairing, horizon(clock.today())):
        if at is None:
            found.append(Preview(moment(local, series.zone), left_out=True, problems=()))
            continue
        plan = plan_of(series, pairing, at)
        known = facts(pairing, plan).with_days(taken)
        against = tuple(problems(plan, known))
        if not against:
            taken.append(plan.day)
        found.append(Preview(at, left_out=False, problems=against))
    return found


def _refused(actor: Actor) -> ColumnElement[bool]:
    now = clock.now()
    soon = now + timedelta(days=int(value_on("visits.series_tell_days", clock.today())))
    return (
        (Occurrence.outcome == Outcome.REFUSED)
        & (Occurrence.starts_at > now)
        & (Occurrence.starts_at <= soon)
        & Series.ended_at.is_(None)
        & within(Series, actor.reaches(Role.COORDINATOR))
    )


def number_refused(actor: Actor) -> int:
    """Return how many days of series somebody has to look after."""
    counted = select(func.count(Occurrence.id)).join(Series, Series.id == Occurrence.series_id)
    return db.session.scalar(counted.where(_refused(actor))) or 0


def refused(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the days that a rule stands against, the nearest first."""
    listed = (
        select(
            Occurrence.starts_at.label("starts"),
            Occurrence.reasons,
            Series.uid,
            Series.county_id,
            Series.township_id,
            Team.name.label("team"),
        )
        .join(Series, Series.id == Occurrence.series_id)
        .join(Pairing, Pairing.id == Series.pairing_id)
        .join(Team, Team.id == Pairing.team_id)
        .where(_refused(actor))
    )
    return page_of(listed, [Occurrence.starts_at, Occurrence.id], after=after)


def pairing_of(series: Series) -> Pairing:
    return db.session.get_one(Pairing, series.pairing_id)
