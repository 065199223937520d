"""What the page behind a reminder's link shows, and what planners see of the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select

from accounts.models import Person
from accounts.rules import Actor
from core import clock
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, page_of
from visits.answers.models import VisitAnswer
from visits.answers.rules import Asked, Said
from visits.groups.queries import ids_of
from visits.models import Party, Visit
from visits.queries import planned_by
from visits.rules import AHEAD, State


@dataclass(frozen=True, slots=True)
class Question:
    """A visit as the page behind the link shows it: its number and its time, nothing else."""

    visit_id: int
    starts_at: datetime
    ends_at: datetime
    moved: bool
    state: State
    said: Said | None

    @property
    def open(self) -> bool:
        return not self.moved and self.state in AHEAD and clock.now() < self.starts_at


def question(asked: Asked) -> Question:
    """Return what somebody was asked. Raises NotYours when they do not take part any more."""
    row = db.session.execute(
        select(Visit.id, Visit.starts_at, Visit.ends_at, Visit.state, VisitAnswer)
        .join(Party, (Party.visit_id == Visit.id) & (Party.person_id == asked.person_id))
        .outerjoin(
            VisitAnswer,
            (VisitAnswer.visit_id == Visit.id) & (VisitAnswer.person_id == asked.person_id),
        )
        .where(Visit.uid == asked.visit)
    ).first()
    if row is None:
        raise NotYours
    given: VisitAnswer | None = row.VisitAnswer
    current = given is not None and given.starts_at == row.starts_at
    return Question(
        row.id,
        row.starts_at,
        row.ends_at,
        row.starts_at != asked.starts_at,
        row.state,
        given.said if given and current else None,
    )


def _stands() -> ColumnElement[bool]:
    """Return the condition that an answer is to the time that the visit has now."""
    return (VisitAnswer.visit_id == Visit.id) & (VisitAnswer.starts_at == Visit.starts_at)


def said_of(visit: Visit) -> Mapping[int, VisitAnswer]:
    """Return who has answered for the time that the visit has now, by person.

    Of visits that are made together people are asked once.
    """
    found = db.session.scalars(
        select(VisitAnswer).where(
            VisitAnswer.visit_id.in_(ids_of(visit)), VisitAnswer.starts_at == visit.starts_at
        )
    )
    return {one.person_id: one for one in found}


def _declined(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions of a visit ahead that somebody plans and somebody else cannot join."""
    cannot = exists().where(
        _stands(),
        VisitAnswer.said == Said.STAYS,
        exists().where(Party.visit_id == Visit.id, Party.person_id == VisitAnswer.person_id),
    )
    ahead = (Visit.state.in_(AHEAD), Visit.starts_at > clock.now())
    return [planned_by(actor), *ahead, cannot]


def declined(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the visits that somebody said they cannot come to, the soonest first."""
    listed = select(Visit.id, Visit.uid, Visit.starts_at, Visit.ends_at).where(*_declined(actor))
    return page_of(listed, [Visit.starts_at, Visit.id], after=after)


def who_stays(visit_ids: Sequence[int]) -> Mapping[int, list[str]]:
    """Return the names of those who cannot come, by visit."""
    rows = db.session.execute(
        select(VisitAnswer.visit_id, Person.name)
        .join(Visit, _stands())
        .join(Person, Person.id == VisitAnswer.person_id)
        .where(VisitAnswer.visit_id.in_(visit_ids), VisitAnswer.said == Said.STAYS)
        .order_by(VisitAnswer.id)
    )
    found: dict[int, list[str]] = {visit_id: [] for visit_id in visit_ids}
    for row in rows:
        found[row.visit_id].append(row.name)
    return found


def count_declined(actor: Actor) -> int:
    asked = select(func.count(Visit.id)).where(*_declined(actor))
    return db.session.scalar(asked) or 0
