"""What can happen to people, their roles and their passwords."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from accounts.models import Person, RoleGrant
from accounts.queries import holds_now
from accounts.rules import Actor, Role
from accounts.sessions.services import begin_session, end_all, rights_changed
from core import audit, clock, passwords
from core.db import db, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _

SHORTEST_PASSWORD = 12


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is needed of somebody who gets an account."""

    name: str
    phone: str | None = None
    email: str | None = None
    language: str = "zh_Hans"


@dataclass(frozen=True, slots=True)
class Office:
    """A role with where it holds: at an area, for an organisation, in a post."""

    role: Role
    area_id: int | None = None
    org_id: int | None = None
    post_id: int | None = None
    until: date | None = None


def add_person(new: NewPerson, *, password_hash: str | None = None) -> int:
    """Add a person and return the id. Raises RuleBroken when the contact is taken."""
    with transaction():
        person_id = insert_once(
            Person,
            name=new.name,
            phone=new.phone or None,
            email=(new.email or "").lower() or None,
            language=new.language,
            password_hash=password_hash,
        )
        if person_id is None:
            raise RuleBroken(_("这个手机号或邮箱已有账号"))
        return person_id


def grant(person_id: int, office: Office, *, by: Actor, reason: str = "") -> int:
    """Give somebody a role from today on; the same role at the same place is given once."""
    with transaction() as session:
        held = session.scalar(
            select(RoleGrant.id).where(
                RoleGrant.person_id == person_id,
                RoleGrant.role == office.role,
                RoleGrant.area_id.is_not_distinct_from(office.area_id),
                RoleGrant.org_id.is_not_distinct_from(office.org_id),
                holds_now(),
            )
        )
        if held is not None:
            return held
        given = RoleGrant(
            person_id=person_id,
            role=office.role,
            area_id=office.area_id,
            org_id=office.org_id,
            post_id=office.post_id,
            from_on=clock.today(),
            until_on=office.until,
            reason=reason,
            granted_by_id=by.id,
        )
        session.add(given)
        session.flush()
        rights_changed(person_id)
        audit.record("grant_role", "role_grant", given.id, by=by.id, reason=office.role.value)
        return given.id


def end_grant(grant_id: int, *, by: Actor, reason: str) -> None:
    """End a role at once. Raises NotYours when there is no such role now."""
    with transaction() as session:
        ended = session.scalar(
            update(RoleGrant)
            .where(RoleGrant.id == grant_id, RoleGrant.ended_at.is_(None))
            .values(ended_at=clock.now(), ended_by_id=by.id)
            .returning(RoleGrant.person_id)
        )
        if ended is None:
            raise NotYours
        rights_changed(ended)
        audit.record("end_role", "role_grant", grant_id, by=by.id, reason=reason)


def end_office(person_id: int, office: Office, *, by: Actor, reason: str) -> None:
    """End somebody's role at one place, if held."""
    with transaction() as session:
        held = session.scalars(
            select(RoleGrant.id).where(
                RoleGrant.person_id == person_id,
                RoleGrant.role == office.role,
                RoleGrant.area_id.is_not_distinct_from(office.area_id),
                RoleGrant.org_id.is_not_distinct_from(office.org_id),
                RoleGrant.ended_at.is_(None),
            )
        ).all()
        for grant_id in held:
            end_grant(grant_id, by=by, reason=reason)


def sign_in(login: str, password: str, *, agent: str) -> str:
    """Check somebody's password and return the secret of a new session. Raises RuleBroken.

    An unknown login takes as long and says the same as a wrong password.
    """
    row = db.session.execute(
        select(Person.id, Person.password_hash, Person.disabled_at).where(
            (Person.phone == login) | (Person.email == login.lower())
        )
    ).first()
    fits = passwords.matches(row.password_hash if row else None, password)
    if row is None or not fits or row.disabled_at is not None:
        raise RuleBroken(_("账号或密码不对"))
    return begin_session(row.id, agent=agent)


def set_password(person_id: int, password: str, *, by: Actor) -> None:
    """Set a new password; every other session of the person ends at once."""
    if len(password) < SHORTEST_PASSWORD:
        raise RuleBroken(_("密码至少 %(least)d 位", least=SHORTEST_PASSWORD))
    fresh = passwords.hashed(password)
    with transaction() as session:
        session.execute(update(Person).where(Person.id == person_id).values(password_hash=fresh))
        end_all(person_id, by=by, but=by.session_id)
        rights_changed(person_id)
        audit.record("set_password", "person", person_id, by=by.id)
