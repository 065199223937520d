"""Reading batches, and whom they are for."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select

from accounts.forgetting.queries import is_forgotten
from accounts.models import Person
from accounts.rules import Actor, Role
from core.db import AnyRow, AnySelect, db
from core.paging import Page, newest_first, page_of
from core.scopes import find, scope
from places.models import Area, Organisation
from places.queries import in_language
from places.rules import Level
from volunteers.certificates.batches.models import CertificateBatch
from volunteers.certificates.models import Certificate
from volunteers.certificates.rules import Period, State
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer
from volunteers.queries import in_counties

A_PART = 50
"""Certificates in one file to print."""


@dataclass(frozen=True, slots=True)
class Who:
    """Everybody of a county, or of one organisation there, but for whoever issues.

    Nobody who has been forgotten.
    """

    county_id: int
    org_id: int | None
    not_person_id: int | None


@scope(CertificateBatch)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a batch is one of the coordinator's counties."""
    return in_counties(CertificateBatch.county_id, actor.reaches(Role.COORDINATOR))


def batch(uid: str, actor: Actor) -> CertificateBatch:
    """Return a batch. Raises NotYours."""
    return find(CertificateBatch, uid, actor)


def people(who: Who, period: Period) -> AnySelect:
    """Return the query of the volunteers who served in a period, by their ids."""
    served = exists().where(
        HourEntry.volunteer_id == Volunteer.id,
        HourEntry.served_on.between(period.first, period.last),
        HourEntry.minutes > 0,
    )
    query = (
        select(Volunteer.id)
        .join(Person, Person.id == Volunteer.person_id)
        .where(Volunteer.county_id == who.county_id, served, ~is_forgotten())
    )
    if who.org_id is not None:
        query = query.where(Volunteer.org_id == who.org_id)
    if who.not_person_id is not None:
        query = query.where(Volunteer.person_id != who.not_person_id)
    return query


def lacking(who: Who, period: Period) -> AnySelect:
    """Return those of them who hold no certificate of these very days."""
    held = exists().where(
        Certificate.volunteer_id == Volunteer.id,
        Certificate.state == State.ISSUED,
        Certificate.from_on == period.first,
        Certificate.until_on == period.last,
    )
    return people(who, period).where(~held)


def next_people(who: Who, period: Period, after_id: int, most: int) -> Sequence[int]:
    """Return the next of them behind somebody, by id."""
    behind = lacking(who, period).where(Volunteer.id > after_id)
    return db.session.scalars(behind.order_by(Volunteer.id).limit(most)).all()


def number(who: Who, period: Period) -> int:
    return db.session.scalars(
        select(func.count()).select_from(lacking(who, period).subquery())
    ).one()


def counties(actor: Actor) -> dict[int, str]:
    """Return the counties somebody issues for, by id."""
    rows = db.session.execute(
        select(Area.id, in_language(Area.name, Area.name_en).label("name"))
        .where(Area.level == Level.COUNTY, in_counties(Area.id, actor.reaches(Role.COORDINATOR)))
        .order_by(Area.id)
    )
    return {row.id: row.name for row in rows}


def listing(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return the batches somebody answers for, the newest first."""
    listed = (
        select(
            CertificateBatch.uid, CertificateBatch.state, CertificateBatch.from_on,
            CertificateBatch.until_on, CertificateBatch.total, CertificateBatch.issued,
            in_language(Area.name, Area.name_en).label("county"),
            Organisation.name.label("org"),
        )
        .join(Area, Area.id == CertificateBatch.county_id)
        .outerjoin(Organisation, Organisation.id == CertificateBatch.org_id)
        .where(visible(actor))
    )  # fmt: skip
    return newest_first(listed, [CertificateBatch.id], after=after)


def part(found: CertificateBatch, *, after: str | None) -> Page[AnyRow]:
    """Return certificates of a batch that go into one file, in the order they were issued."""
    listed = select(Certificate).where(
        Certificate.batch_id == found.id, Certificate.state == State.ISSUED
    )
    return page_of(listed, [Certificate.id], after=after, size=A_PART)
