"""Reading evidence: one volunteer's, and who is cleared among many."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select
from sqlalchemy.orm import aliased

from accounts.models import Person
from core import clock
from core.db import AnyRow, AnySelect, db
from volunteers.evidence.needs.queries import needs_on, still_studying
from volunteers.models import Evidence, Volunteer
from volunteers.rules import EvidenceKind, Outcome, Proof, weight


def cleared(among: AnySelect, on: date) -> Subquery:
    """Return (volunteer_id, until) of those whose clearance is complete on a day.

    The same answer as rules.clearance gives, for many at once: of each kind the newest proof,
    a hit before a clear one of the same day, then the one that runs out first. Asked as "which
    holds and is not outdone": nearly always there is one of each kind, and nothing to sort.
    """
    holds = or_(Evidence.valid_until.is_(None), Evidence.valid_until >= on)
    needs = needs_on(on)
    everybody = needs.of(studies=False)
    held = (
        select(Evidence.volunteer_id, func.min(Evidence.valid_until).label("until"))
        .where(
            Evidence.voided_at.is_(None),
            Evidence.dated <= on,
            Evidence.volunteer_id.in_(among),
            Evidence.outcome == Outcome.CLEAR,
            Evidence.kind.in_(everybody),
            holds,
            ~_outdone(on),
        )
        .group_by(Evidence.volunteer_id)
        .having(func.count(func.distinct(Evidence.kind)) == len(everybody))
        .subquery("cleared")
    )
    return still_studying(held, on) if needs.studies else held


def _outdone(on: date) -> ColumnElement[bool]:
    """Return the condition that another proof of the kind goes before a clear one."""
    other = aliased(Evidence)
    sooner = or_(
        and_(Evidence.valid_until.is_(None), other.valid_until.is_not(None)),
        other.valid_until < Evidence.valid_until,
    )
    return (
        select(other.id)
        .where(
            other.volunteer_id == Evidence.volunteer_id,
            other.kind == Evidence.kind,
            other.id != Evidence.id,
            other.voided_at.is_(None),
            other.dated <= on,
            or_(
                other.dated > Evidence.dated,
                and_(
                    other.dated == Evidence.dated,
                    or_(other.outcome == Outcome.HIT, sooner),
                ),
            ),
        )
        .correlate(Evidence)
        .exists()
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
