"""Reading certificates: one's own, those of the counties somebody answers for, a stranger's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import aliased

from accounts.models import Person
from accounts.rules import Actor, Role
from core import ids, signatures
from core.crypto import sealer
from core.db import AnyRow, AnySelect, db
from core.paging import Page, newest_first
from core.scopes import find, scope
from places.models import Area
from places.queries import in_language
from volunteers.certificates.models import Certificate
from volunteers.certificates.rules import (
    FORMAT,
    LISTED,
    PUBLIC,
    Period,
    Served,
    Snapshot,
    State,
    Tab,
)
from volunteers.certificates.rules import snapshot as snapshot_of
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer
from volunteers.queries import in_counties

PLACE = "certificates.blocks/"
SHORT = 10


@scope(Certificate)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a certificate is one's own, or of the coordinator's counties."""
    own = Certificate.volunteer_id.in_(select(Volunteer.id).where(Volunteer.person_id == actor.id))
    return or_(own, under(actor))


def under(actor: Actor) -> ColumnElement[bool]:
    return in_counties(Certificate.county_id, actor.reaches(Role.COORDINATOR))


def certificate(uid: str, actor: Actor) -> Certificate:
    """Return a certificate. Raises NotYours."""
    return find(Certificate, uid, actor)


def served(volunteer_id: int, period: Period) -> Served:
    """Return what has been credited to a volunteer in a period, in one query."""
    rows = db.session.execute(
        select(HourEntry.source, func.count(), func.sum(HourEntry.minutes))
        .where(
            HourEntry.volunteer_id == volunteer_id,
            HourEntry.served_on.between(period.first, period.last),
        )
        .group_by(HourEntry.source)
        .order_by(HourEntry.source)
    ).all()
    kinds = tuple((str(kind), int(times), int(minutes)) for kind, times, minutes in rows)
    return Served(sum(minutes for _kind, _times, minutes in kinds), kinds)


def has(volunteer_id: int, period: Period) -> bool:
    """Whether a volunteer holds a certificate of these very days."""
    held = select(Certificate.id).where(
        Certificate.volunteer_id == volunteer_id,
        Certificate.state == State.ISSUED,
        Certificate.from_on == period.first,
        Certificate.until_on == period.last,
    )
    return db.session.scalar(held.limit(1)) is not None


def free_number(today: date) -> str:
    """Return a number that no certificate has: drawn, so that none tells how many there are."""
    while True:
        number = f"TX-{today.year}-{ids.digits(8)}"
        if db.session.scalar(select(Certificate.id).where(Certificate.number == number)) is None:
            return number


def said(found: Certificate) -> Snapshot | None:
    """Return what a certificate says; None when its person has been forgotten."""
    if found.blocks is None:
        return None
    return snapshot_of(signatures.read(sealer().open(found.blocks, PLACE + found.uid).encode()))


def file_of(found: Certificate) -> Mapping[str, object] | None:
    """Return the signed file of a certificate, or None when there is nothing in it any more."""
    if found.blocks is None:
        return None
    blocks = signatures.read(sealer().open(found.blocks, PLACE + found.uid).encode())
    return {"format": FORMAT, "blocks": blocks, "signature": found.signature}


@dataclass(frozen=True, slots=True)
class Standing:
    """What anybody may know who holds a certificate: no name, no place, no single deed."""

    number: str
    state: State
    name: str
    first: date
    last: date
    minutes: int
    issuer: str
    issued_at: datetime
    replaced_by: str


def standing(*, code: str = "", number: str = "") -> Standing | None:
    """Return what has become of a certificate that was handed out; None for any other."""
    named = Certificate.code == code if code else Certificate.number == number
    later = aliased(Certificate)
    after = select(later.number).where(later.replaces_id == Certificate.id).scalar_subquery()
    row = db.session.execute(
        select(Certificate, Area.name, after)
        .join(Area, Area.id == Certificate.county_id)
        .where(named, Certificate.state.in_(PUBLIC))
    ).one_or_none()
    if row is None or row[0].number is None:
        return None
    found, county, replaced_by = row
    says = said(found)
    return Standing(
        number=found.number,
        state=found.state,
        name=says.name if says else "",
        first=found.from_on,
        last=found.until_on,
        minutes=found.minutes,
        issuer=says.issuer if says else county,
        issued_at=found.issued_at,
        replaced_by=replaced_by or "",
    )


def own(person_id: int | None, *, after: str | None) -> Page[AnyRow]:
    """Return a page of one's own certificates, the newest first."""
    mine = select(Volunteer.id).where(Volunteer.person_id == person_id)
    listed = select(
        Certificate.uid, Certificate.number, Certificate.state, Certificate.from_on,
        Certificate.until_on, Certificate.minutes, Certificate.reason,
        Certificate.issued_at,
    ).where(Certificate.volunteer_id.in_(mine))  # fmt: skip
    return newest_first(listed, [Certificate.id], after=after, size=SHORT)


def counts(actor: Actor) -> dict[Tab, int]:
    """Return how many are in each list, in one query."""
    row = db.session.execute(
        select(
            *(func.count(case((Certificate.state.in_(states), 1))) for states in LISTED.values())
        ).where(under(actor))
    ).one()
    return dict(zip(LISTED, row, strict=True))


def waiting(actor: Actor) -> int:
    """Return how many wishes wait for somebody who answers for them."""
    asked = select(func.count()).where(under(actor), Certificate.state == State.REQUESTED)
    return db.session.scalars(asked).one()


def listing(actor: Actor, tab: Tab, *, after: str | None) -> Page[AnyRow]:
    """Return the certificates of a list, the newest first."""
    listed = _desk_rows().where(under(actor), Certificate.state.in_(LISTED[tab]))
    return newest_first(listed, [Certificate.id], after=after)


def _desk_rows() -> AnySelect:
    return (
        select(
            Certificate.uid, Certificate.number, Certificate.state, Certificate.from_on,
            Certificate.until_on, Certificate.minutes, Person.name,
            in_language(Area.name, Area.name_en).label("county"),
        )
        .join(Volunteer, Volunteer.id == Certificate.volunteer_id)
        .join(Person, Person.id == Volunteer.person_id)
        .join(Area, Area.id == Certificate.county_id)
    )  # fmt: skip


def history(found: Certificate) -> Sequence[AnyRow]:
    """Return the certificates before and after one, the oldest first: at most one each."""
    beside = or_(Certificate.id == found.replaces_id, Certificate.replaces_id == found.id)
    rows = select(Certificate.uid, Certificate.number, Certificate.state).where(beside)
    return db.session.execute(rows.order_by(Certificate.id)).all()


def holder(found: Certificate) -> AnyRow:
    """Return the public name, person and name of whoever a certificate is about."""
    return db.session.execute(
        select(Volunteer.uid, Volunteer.person_id, Volunteer.number, Person.name)
        .join(Person, Person.id == Volunteer.person_id)
        .where(Volunteer.id == found.volunteer_id)
    ).one()
