"""Who needs what on a day, and which students still study."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Subquery, case, exists, func, or_, select

from core.db import db
from core.parameters import values_on
from places.models import Organisation
from places.rules import OrgKind
from volunteers.evidence.needs.rules import Needs, needs
from volunteers.models import Volunteer
from volunteers.rules import EvidenceKind, Outcome, Proof
from volunteers.students.models import StudentStatus
from volunteers.students.queries import holds


def needs_on(on: date) -> Needs:
    return needs(values_on(on))


def comes_from_a_university() -> ColumnElement[bool]:
    """Return the condition that a volunteer serves for a university: a student, then."""
    return exists().where(
        Organisation.id == Volunteer.org_id, Organisation.kind == OrgKind.UNIVERSITY
    )


def standings(volunteer_ids: Iterable[int], on: date) -> dict[int, Proof | None]:
    """Return of the students among these what shows on a day that they study, if anything does."""
    rows = db.session.execute(
        select(Volunteer.id, func.max(StudentStatus.until).label("until"))
        .outerjoin(StudentStatus, (StudentStatus.person_id == Volunteer.person_id) & holds(on))
        .where(Volunteer.id.in_(list(volunteer_ids)), comes_from_a_university())
        .group_by(Volunteer.id)
    )
    return {
        row.id: Proof(EvidenceKind.STUDENT, Outcome.CLEAR, on, row.until) if row.until else None
        for row in rows
    }


def still_studying(held: Subquery, on: date) -> Subquery:
    """Return those who are cleared without the students who show no standing on a day."""
    study = (
        select(StudentStatus.person_id, func.max(StudentStatus.until).label("until"))
        .where(holds(on))
        .group_by(StudentStatus.person_id)
        .subquery("study")
    )
    student = comes_from_a_university()
    sooner = student & or_(held.c.until.is_(None), study.c.until < held.c.until)
    return (
        select(
            held.c.volunteer_id,
            case((sooner, study.c.until), else_=held.c.until).label("until"),
        )
        .join(Volunteer, Volunteer.id == held.c.volunteer_id)
        .outerjoin(study, study.c.person_id == Volunteer.person_id)
        .where(or_(~student, study.c.until.is_not(None)))
        .subquery("cleared")
    )
