"""What has been said to be worrying: to its author, and to the safeguarding leads of the place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from accounts.models import Person
from accounts.rules import Actor, Role
from core.crypto import sealer
from core.db import db
from core.scopes import scope
from places.queries import within
from visits.concerns.models import VisitConcern
from visits.concerns.rules import State
from visits.concerns.services import place
from visits.models import Visit


@dataclass(frozen=True, slots=True)
class Concern:
    """One worry in words, as its reader may see it."""

    uid: str
    state: State
    author: str
    mine: bool
    opened_at: datetime
    told: str


@scope(VisitConcern)
def readable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody may read a worry: the own one, or as the place's lead."""
    theirs = select(Visit.id).where(within(Visit, actor.reaches(Role.SAFEGUARDING_LEAD)))
    return or_(VisitConcern.opened_by_id == actor.id, VisitConcern.visit_id.in_(theirs))


def concerns(visit: Visit, actor: Actor) -> Sequence[Concern]:
    """Return the worries about a visit that somebody may read, the newest first."""
    rows = db.session.execute(
        select(VisitConcern, Person.name)
        .join(Person, Person.id == VisitConcern.opened_by_id)
        .where(VisitConcern.visit_id == visit.id, readable(actor))
        .order_by(VisitConcern.id.desc())
    )
    return [
        Concern(
            uid=row.uid,
            state=row.state,
            author=name,
            mine=row.opened_by_id == actor.id,
            opened_at=row.opened_at,
            told=sealer().open(row.told, place(row.uid)) if row.told else "",
        )
        for row, name in rows
    ]
