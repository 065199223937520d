"""Entering when examinations are, and taking an entry away."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import delete

from accounts.rules import Actor
from campaigns.exams.models import ExamPeriod
from core import audit
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from places.models import Organisation
from places.rules import OrgKind


@dataclass(frozen=True, slots=True)
class Period:
    """What is entered of examinations."""

    name: str
    name_en: str
    first_day: date
    last_day: date
    org_id: int | None
    source: str
    confirmed: bool


def add(period: Period, *, by: Actor) -> None:
    """Enter examinations: everybody's, or a school's. Raises RuleBroken."""
    with transaction() as session:
        org = session.get(Organisation, period.org_id) if period.org_id else None
        if period.org_id and (org is None or org.kind is not OrgKind.UNIVERSITY):
            raise RuleBroken(_("请在列表里选择学校，或者选“全市”"))
        made = ExamPeriod(**asdict(period))
        session.add(made)
        session.flush()
        audit.record("add_exam", "exam_period", made.uid, by=by.id)


def remove(uid: str, *, by: Actor) -> None:
    """Take an entry away. Raises NotYours."""
    with transaction() as session:
        gone = session.scalar(
            delete(ExamPeriod).where(ExamPeriod.uid == uid).returning(ExamPeriod.id)
        )
        if gone is None:
            raise NotYours
        audit.record("remove_exam", "exam_period", uid, by=by.id)
