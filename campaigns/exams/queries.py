"""When examinations are: for the desk, and for whoever looks for a slot."""

from sqlalchemy import or_, select

from campaigns.exams.models import ExamPeriod
from campaigns.signups.hints.rules import Exam
from core import clock
from core.db import AnyRow, db
from core.paging import Page, newest_first
from places.models import Organisation
from places.queries import shown

MOST = 50


def listing(*, after: str | None) -> Page[AnyRow]:
    """Return examinations with whose they are, those that end last on top."""
    query = select(ExamPeriod, Organisation.name.label("org"), Organisation.name_en.label("org_en"))
    query = query.outerjoin(Organisation, Organisation.id == ExamPeriod.org_id)
    return newest_first(query, [ExamPeriod.last_day, ExamPeriod.id], after=after, size=50)


def exams_for(org_id: int | None) -> list[Exam]:
    """Return the examinations still to come of everybody and of one organisation."""
    rows = db.session.scalars(
        select(ExamPeriod)
        .where(
            ExamPeriod.last_day >= clock.today(),
            or_(ExamPeriod.org_id.is_(None), ExamPeriod.org_id == org_id),
        )
        .order_by(ExamPeriod.first_day, ExamPeriod.id)
        .limit(MOST)
    )
    return [
        Exam(shown(one.name, one.name_en), one.first_day, one.last_day, one.confirmed)
        for one in rows
    ]
