"""Reading consents: of each purpose the newest row counts, and only while it holds."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from accounts.models import Person
from children.consents.models import Consent
from children.consents.texts.queries import CONSENT_TEXT
from children.models import Child
from children.rules import (
    NEEDED_FOR_PAIRING,
    AgeBand,
    ConsentProof,
    ConsentState,
    NeedState,
    Purpose,
)
from core.db import AnyRow, db
from core.parameters import text_on

SIGNING = [band for band in AgeBand if band.signs_too]


def holds(
    purpose: Purpose, on: ColumnElement[date] | date, version: ColumnElement[str] | None = None
) -> ColumnElement[bool]:
    """Return the condition that a child's newest consent to the purpose holds on that day.

    With a version it has to be an answer to that text.

    A child that has come to an age at which it signs has to sign: an older spoken yes no longer
    counts (domain.md §0.6).
    """
    newest, other = aliased(Consent), aliased(Consent)
    last = (
        select(func.max(other.number))
        .where(other.child_id == Child.id, other.purpose == purpose)
        .correlate(Child)
        .scalar_subquery()
    )
    given = (
        (newest.child_id == Child.id)
        & (newest.purpose == purpose)
        & (newest.number == last)
        & (newest.state == ConsentState.GIVEN)
        & (newest.dated <= on)
        & (newest.valid_until >= on)
    )
    if version is not None:
        given &= newest.text_version == version
    if purpose is Purpose.ASSENT:
        given &= or_(Child.age_band.not_in(SIGNING), newest.proof == ConsentProof.PAPER)
    return select(newest.id).where(given).correlate(Child).exists()


def agrees(
    child_id: InstrumentedAttribute[int], on: ColumnElement[date] | date, *purposes: Purpose
) -> ColumnElement[bool]:
    """Return the condition that a child, and its guardian, agree to purposes beyond pairing.

    The answers have to be to the text that is shown now. A file that is erased, withdrawn or of
    somebody grown up speaks for nobody any more.
    """
    version = text_on(CONSENT_TEXT, on)
    return (
        select(Child.id)
        .where(
            Child.id == child_id,
            Child.erased_on.is_(None),
            Child.state.not_in((NeedState.WITHDRAWN, NeedState.AGED_OUT)),
            *(holds(purpose, on, version) for purpose in purposes),
        )
        .correlate(child_id.class_)
        .exists()
    )


def complete(on: date) -> ColumnElement[bool]:
    """Return the condition that a child may be paired as far as consent goes."""
    return and_(*(holds(purpose, on) for purpose in NEEDED_FOR_PAIRING))


def held(on: date) -> list[ColumnElement[bool]]:
    """Return one column a purpose that a pairing needs, for lists: whether it holds."""
    return [holds(purpose, on).label(f"holds_{purpose}") for purpose in NEEDED_FOR_PAIRING]


def lacking_in(row: AnyRow) -> tuple[Purpose, ...]:
    """Return what a row with the columns of `held` still lacks."""
    found = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    return tuple(purpose for purpose in NEEDED_FOR_PAIRING if not found[f"holds_{purpose}"])


def lacking(child_ids: Iterable[int], on: date) -> dict[int, tuple[Purpose, ...]]:
    """Return for each child the purposes a pairing needs that do not hold on that day."""
    rows = db.session.execute(
        select(Child.id, *held(on)).where(Child.id.in_(list(child_ids)))
    ).all()
    return {row.id: lacking_in(row) for row in rows}


def newest(child_id: int) -> dict[Purpose, Consent]:
    """Return the row that counts of each purpose that was ever asked about."""
    rows = db.session.scalars(
        select(Consent).where(Consent.child_id == child_id).order_by(Consent.number)
    )
    return {row.purpose: row for row in rows}


def history(child_id: int) -> Sequence[AnyRow]:
    """Return (consent, who entered it) of a child, the newest first."""
    return db.session.execute(
        select(Consent, Person.name)
        .outerjoin(Person, Person.id == Consent.entered_by_id)
        .where(Consent.child_id == child_id)
        .order_by(Consent.entered_at.desc(), Consent.id.desc())
        .limit(100)
    ).all()


def taken_back_at(child_ids: Iterable[int], *purposes: Purpose) -> datetime | None:
    """Return when the last of these children, or its family, took back one of the purposes."""
    return db.session.scalar(
        select(func.max(Consent.entered_at)).where(
            Consent.child_id.in_(list(child_ids)),
            Consent.purpose.in_(purposes),
            Consent.state == ConsentState.WITHDRAWN,
        )
    )
