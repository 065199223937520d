"""Entering holidays, terms and examinations, saying that they are sure, and taking them away.

What was taken away is kept and can come back; every step is in the audit.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from accounts.rules import Actor
from core import audit, clock
from core.db import hold, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.scopes import visible
from places.days.models import CalendarDay, SchoolTime
from places.days.rules import DayKind, TimeKind, overlaps
from places.models import Area
from visits.calendar.days.queries import Whose, whose


@dataclass(frozen=True, slots=True)
class Special:
    """What is entered of a holiday or a makeup workday."""

    day: date
    kind: DayKind
    name: str
    source: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is entered of a term or of examinations."""

    kind: TimeKind
    whose: str
    name: str
    first_day: date
    last_day: date
    source: str
    confirmed: bool


def set_day(special: Special, *, by: Actor) -> None:
    """Enter a day; one that is known is changed, and comes back if it was taken away."""
    with transaction() as session:
        session.merge(
            CalendarDay(
                day=special.day,
                kind=special.kind,
                name=special.name,
                source=special.source,
                confirmed=special.confirmed,
                removed_at=None,
            )
        )
        audit.record("set_day", "calendar_day", special.day, by=by.id, fields=["kind", "name"])


def confirm_day(day: date, *, by: Actor) -> None:
    """Say that an expected day was announced as it is. Raises NotYours."""
    _change_day("confirm_day", day, by=by, confirmed=True)


def remove_day(day: date, *, by: Actor) -> None:
    """Take a day away: it is again what its weekday says. Raises NotYours."""
    _change_day("remove_day", day, by=by, removed_at=clock.now())


def restore_day(day: date, *, by: Actor) -> None:
    """Bring back a day that was taken away. Raises NotYours."""
    _change_day("restore_day", day, by=by, removed_at=None)


def _change_day(action: str, day: date, *, by: Actor, **values: object) -> None:
    with transaction() as session:
        changed = session.scalar(
            update(CalendarDay)
            .where(CalendarDay.day == day)
            .values(**values)
            .returning(CalendarDay.day)
        )
        if changed is None:
            raise NotYours
        audit.record(action, "calendar_day", day, by=by.id, fields=sorted(values))


def add(stretch: Stretch, *, by: Actor) -> None:
    """Enter a term or examinations of a county or a university. Raises RuleBroken."""
    with transaction() as session:
        mine = whose(by).get(stretch.whose)
        if mine is None:
            raise RuleBroken(_("请在列表里选择县或学校"))
        hold(select(Area.id).where(Area.id == mine.area_id))
        made = SchoolTime(
            kind=stretch.kind,
            area_id=mine.area_id,
            org_id=mine.org_id,
            name=stretch.name,
            first_day=stretch.first_day,
            last_day=stretch.last_day,
            source=stretch.source,
            confirmed=stretch.confirmed,
        )
        _refuse_overlap(made, mine)
        session.add(made)
        session.flush()
        audit.record("add_school_time", "school_time", made.uid, by=by.id)


def confirm(uid: str, *, by: Actor) -> None:
    """Say that an expected stretch was announced as it is. Raises NotYours."""
    with transaction():
        one = _found(uid, by)
        one.confirmed = True
        audit.record("confirm_school_time", "school_time", uid, by=by.id, fields=["confirmed"])


def remove(uid: str, *, by: Actor) -> None:
    """Take a stretch away; it can come back. Raises NotYours."""
    with transaction():
        one = _found(uid, by)
        one.removed_at = clock.now()
        audit.record("remove_school_time", "school_time", uid, by=by.id, fields=["removed_at"])


def restore(uid: str, *, by: Actor) -> None:
    """Bring a stretch back, unless another has taken its days. Raises NotYours, RuleBroken."""
    with transaction():
        one = _found(uid, by)
        hold(select(Area.id).where(Area.id == one.area_id))
        _refuse_overlap(one, Whose("", one.area_id, one.org_id))
        one.removed_at = None
        audit.record("restore_school_time", "school_time", uid, by=by.id, fields=["removed_at"])


def _found(uid: str, by: Actor) -> SchoolTime:
    with transaction() as session:
        found = session.scalar(
            select(SchoolTime)
            .where(SchoolTime.uid == uid, visible(by, SchoolTime))
            .with_for_update()
        )
        if found is None:
            raise NotYours
        return found


def _refuse_overlap(one: SchoolTime, mine: Whose) -> None:
    """Refuse a term over another one, and examinations over others; the place is locked."""
    with transaction() as session:
        others = session.scalars(
            select(SchoolTime).where(
                SchoolTime.area_id == mine.area_id,
                SchoolTime.org_id.is_not_distinct_from(mine.org_id),
                SchoolTime.kind == one.kind,
                SchoolTime.removed_at.is_(None),
            )
        )
        days = (one.first_day, one.last_day)
        for other in others:
            if other is not one and overlaps(days, (other.first_day, other.last_day)):
                raise RuleBroken(_("和“%(name)s”的日子重叠，请先改好那一条", name=other.name))
