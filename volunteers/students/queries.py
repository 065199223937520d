"""Reading who counts as a student today, and by what one can show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, select

from accounts.models import Person
from accounts.queries import actor_for
from accounts.rules import Role
from core import clock, ids
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from places.models import Organisation
from places.rules import OrgKind
from volunteers.orgs.models import Standing
from volunteers.orgs.rules import State
from volunteers.students.models import RosterEntry, StudentDomain, StudentMail, StudentStatus, Vouch


def trusted() -> ColumnElement[bool]:
    """Return the condition that a university's word counts: not while it is suspended or gone."""
    apart = exists().where(Standing.org_id == Organisation.id, Standing.state != State.ACTIVE)
    return (Organisation.kind == OrgKind.UNIVERSITY) & ~apart


def holds(on: date) -> ColumnElement[bool]:
    """Return the condition that a status counts on a day: nothing has to run for it to end."""
    return (
        (StudentStatus.since <= on) & (StudentStatus.until >= on) & StudentStatus.ended_at.is_(None)
    )


def of_person(person_id: int | None, on: date) -> Sequence[AnyRow]:
    """Return where somebody counts as a student on a day, the longest first."""
    return db.session.execute(
        select(
            StudentStatus.how,
            StudentStatus.since,
            StudentStatus.until,
            Organisation.name,
            Organisation.name_en,
            Person.name.label("vouched_by"),
        )
        .join(Organisation, Organisation.id == StudentStatus.org_id)
        .outerjoin(Person, Person.id == StudentStatus.vouched_by_id)
        .where(StudentStatus.person_id == person_id, holds(on))
        .order_by(StudentStatus.until.desc(), StudentStatus.id)
        .limit(5)
    ).all()


def ever(person_id: int) -> AnySelect:
    """Return the select of all that is kept about where somebody studied, the newest first."""
    return (
        select(
            Organisation.name,
            StudentStatus.how,
            StudentStatus.since,
            StudentStatus.until,
            StudentStatus.ended_at,
        )
        .join(Organisation, Organisation.id == StudentStatus.org_id)
        .where(StudentStatus.person_id == person_id)
        .order_by(StudentStatus.id.desc())
    )


def domains() -> Sequence[AnyRow]:
    """Return the domains of campus mailboxes that count, with their universities."""
    return db.session.execute(
        select(StudentDomain.domain, Organisation.id, Organisation.name, Organisation.name_en)
        .join(Organisation, Organisation.id == StudentDomain.org_id)
        .where(trusted())
        .order_by(Organisation.name, StudentDomain.domain)
        .limit(200)
    ).all()


def with_a_roster(on: date) -> Sequence[AnyRow]:
    """Return the universities whose list of this term is here."""
    listed = exists().where(RosterEntry.org_id == Organisation.id, RosterEntry.until >= on)
    return db.session.execute(
        select(Organisation.id, Organisation.name, Organisation.name_en)
        .where(trusted(), listed)
        .order_by(Organisation.name)
    ).all()


def asked(secret: str, person_id: int | None) -> AnyRow:
    """Return the mail whose link somebody opens who asked for it. Raises NotYours."""
    found = db.session.execute(
        select(StudentMail, Organisation.name, Organisation.name_en)
        .join(Organisation, Organisation.id == StudentMail.org_id)
        .where(
            StudentMail.token_hash == ids.digest(secret),
            StudentMail.person_id == person_id,
            StudentMail.expires_at > clock.now(),
            trusted(),
        )
    ).first()
    if found is None:
        raise NotYours
    return found


@dataclass(frozen=True, slots=True)
class Word:
    """A lead's link as whoever opens it sees it."""

    vouch: Vouch
    name: str
    name_en: str
    by: str
    open: bool


def word(secret: str, on: date) -> Word:
    """Return the link behind a secret; open while its maker still leads. Raises NotYours."""
    row = db.session.execute(
        select(Vouch, Organisation.name, Organisation.name_en, Person, trusted())
        .join(Organisation, Organisation.id == Vouch.org_id)
        .join(Person, Person.id == Vouch.made_by_id)
        .where(Vouch.token_hash == ids.digest(secret))
    ).first()
    if row is None:
        raise NotYours
    vouch, name, name_en, maker, counts = row
    leads = vouch.org_id in actor_for(maker.id).organisations(Role.ORG_LEAD)
    leads = leads and maker.disabled_at is None
    good = vouch.ended_at is None and vouch.expires_on >= on and vouch.uses_left > 0
    return Word(vouch, name, name_en, maker.name, open=bool(counts and leads and good))
