"""Reading the register of impact assessments."""

from datetime import date

from sqlalchemy import func, select

from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, newest_first
from rights.assessments.models import Assessment
from rights.assessments.rules import State


def listing(*, after: str | None) -> Page[AnyRow]:
    """Return a page of assessments, the newest first; superseded ones stay in the register."""
    return newest_first(select(Assessment), [Assessment.id], after=after)


def assessment(uid: str) -> Assessment:
    """Return an assessment. Raises NotYours."""
    found = db.session.scalar(select(Assessment).where(Assessment.uid == uid))
    if found is None:
        raise NotYours
    return found


def due(today: date) -> int:
    """Return how many approved assessments are to be looked at again."""
    asked = select(func.count()).where(
        Assessment.state == State.APPROVED, Assessment.review_on <= today
    )
    return db.session.scalar(asked) or 0


def to_approve(person_id: int | None) -> int:
    """Return how many drafts somebody else has written."""
    asked = select(func.count()).where(
        Assessment.state == State.DRAFT, Assessment.written_by_id != (person_id or 0)
    )
    return db.session.scalar(asked) or 0
