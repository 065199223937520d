"""Reading evidence: one volunteer's, and who is cleared among many."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Subquery, case, func, or_, select

from accounts.models import Person
from core import clock
from core.db import AnyRow, AnySelect, db
from volunteers.models import Evidence, Volunteer
from volunteers.rules import EvidenceKind, Outcome, Proof, weight


def cleared(among: AnySelect, on: date) -> Subquery:
    """Return (volunteer_id, until) of those whose clearance is complete on a day.

    The same answer as rules.clearance gives, for many at once: of each kind the newest proof,
    a hit before a clear one of the same day, then the one that runs out first.
    """
    newest = (
        select(
            Evidence.volunteer_id,
            Evidence.outcome,
            Evidence.valid_until,
            func.row_number()
            .over(
                partition_by=(Evidence.volunteer_id, Evidence.kind),
                order_by=(
                    Evidence.dated.desc(),
                    case((Evidence.outcome == Outcome.HIT, 0), else_=1),
                    case((Evidence.valid_until.is_(None), 1), else_=0),
                    Evidence.valid_until,
                ),
            )
            .label("place"),
        )
        .where(
            Evidence.voided_at.is_(None),
            Evidence.dated <= on,
            Evidence.volunteer_id.in_(among),
        )
        .subquery("newest")
    )
    holds = or_(newest.c.valid_until.is_(None), newest.c.valid_until >= on)
    return (
        select(newest.c.volunteer_id, func.min(newest.c.valid_until).label("until"))
        .where(newest.c.place == 1, newest.c.outcome == Outcome.CLEAR, holds)
        .group_by(newest.c.volunteer_id)
        .having(func.count() == len(EvidenceKind))
        .subquery("cleared")
    )


def lapsed(among: ColumnElement[bool]) -> list[int]:
    """Return the ids of those volunteers whose clearance is not complete today."""
    held = cleared(select(Volunteer.id).where(among), clock.today())
    return list(
        db.session.scalars(
            select(Volunteer.id)
            .outerjoin(held, held.c.volunteer_id == Volunteer.id)
            .where(among, held.c.volunteer_id.is_(None))
            .order_by(Volunteer.id)
        )
    )


def undecided_hit() -> ColumnElement[bool]:
    """Return the condition that a hit stands against the volunteer until the lead decides."""
    return Volunteer.id.in_(
        select(Evidence.volunteer_id).where(
            Evidence.outcome == Outcome.HIT, Evidence.voided_at.is_(None)
        )
    )


def evidence_of(volunteer_id: int) -> Sequence[AnyRow]:
    """Return all evidence of a volunteer with who recorded it, the newest first, voided too."""
    return db.session.execute(
        select(Evidence, Person.name)
        .outerjoin(Person, Person.id == Evidence.recorded_by_id)
        .where(Evidence.volunteer_id == volunteer_id)
        .order_by(Evidence.id.desc())
    ).all()


def counting(standing: Iterable[Evidence]) -> dict[EvidenceKind, Evidence]:
    """Return of each kind the entry that clearance() goes by."""
    return {entry.kind: entry for entry in sorted(standing, key=lambda one: weight(proof(one)))}


def proof(entry: Evidence) -> Proof:
    return Proof(entry.kind, entry.outcome, entry.dated, entry.valid_until)


def pledge_of(volunteer_id: int) -> Evidence | None:
    """Return the pledge a volunteer has signed, here or on paper, if it stands."""
    return db.session.scalar(
        select(Evidence)
        .where(
            Evidence.volunteer_id == volunteer_id,
            Evidence.kind == EvidenceKind.PLEDGE,
            Evidence.voided_at.is_(None),
        )
        .order_by(Evidence.id.desc())
        .limit(1)
    )
