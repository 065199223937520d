"""Reading people, their roles and their sessions."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Row, or_, select

from accounts.models import Passkey, Person, RoleGrant, SignInSession
from accounts.rules import STAFF, Actor, Grant, Role
from accounts.sessions.rules import set_back
from core import clock, ids
from core.db import db
from places.models import Area


def holds_now() -> ColumnElement[bool]:
    """Return the condition that a grant holds today."""
    today = clock.today()
    return (
        RoleGrant.ended_at.is_(None)
        & (RoleGrant.from_on <= today)
        & or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= today)
    )


def grants_of(person_id: int) -> frozenset[Grant]:
    """Return the roles somebody holds today."""
    rows = db.session.execute(
        select(RoleGrant.role, Area.level, RoleGrant.area_id, RoleGrant.org_id)
        .outerjoin(Area, Area.id == RoleGrant.area_id)
        .where(RoleGrant.person_id == person_id, holds_now())
    )
    return frozenset(Grant(*row) for row in rows)


def actor_of(token: str) -> Actor | None:
    """Return whoever is signed in with that secret, with the rights of this moment.

    Without any, while the session has yet to pass the second factor that these rights ask for.
    """
    now = clock.now()
    row = db.session.execute(
        select(SignInSession, Person.id, Person.name, _has_factor())
        .join(Person, Person.id == SignInSession.person_id)
        .where(
            SignInSession.token_hash == ids.digest(token),
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now,
            SignInSession.idle_at > now,
            Person.disabled_at.is_(None),
        )
    ).first()
    if row is None or set_back(row[0].seen_at, now):
        return None
    opened, person_id, name, has_factor = row
    grants = grants_of(person_id)
    needed = has_factor or any(grant.role in STAFF for grant in grants)
    due = needed and opened.factor_at is None
    return Actor(
        person_id,
        name,
        frozenset() if due else grants,
        opened.id,
        stepped_up=not due and opened.step_up_until is not None and opened.step_up_until > now,
        second_factor_due=due,
        renewal_due=opened.renewal_due,
        seen_at=opened.seen_at,
    )


def _has_factor() -> ColumnElement[bool]:
    passkey = select(Passkey.id).where(Passkey.person_id == Person.id).exists()
    return or_(Person.totp.is_not(None), passkey)


def actor_for(person_id: int) -> Actor:
    """Return a person as an actor, outside any request: for commands and jobs."""
    person = db.session.get_one(Person, person_id)
    return Actor(person.id, person.name, grants_of(person.id))


def login_of(person_id: int) -> str:
    """Return what somebody signs in with."""
    person = db.session.get_one(Person, person_id)
    return person.email or person.phone or ""


def sessions_of(person_id: int) -> Sequence[SignInSession]:
    """Return where somebody is signed in now, the newest first."""
    return db.session.scalars(
        select(SignInSession)
        .where(
            SignInSession.person_id == person_id,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > clock.now(),
            SignInSession.idle_at > clock.now(),
        )
        .order_by(SignInSession.created_at.desc())
    ).all()


def names(person_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return people's names by id; None is the empty text."""
    wanted = {person_id for person_id in person_ids if person_id}
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {None: ""} | {row.id: row.name for row in rows}


def holders(role: Role, area_ids: Iterable[int | None]) -> Sequence[Row[int, str, int | None]]:
    """Return (person id, name, area id) of whoever holds the role at one of these areas today."""
    wanted = [area_id for area_id in area_ids if area_id]
    return db.session.execute(
        select(Person.id, Person.name, RoleGrant.area_id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role == role,
            RoleGrant.area_id.in_(wanted),
            holds_now(),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.id)
    ).all()


def person_by_contact(*, phone: str | None = None, email: str | None = None) -> Person | None:
    """Return whoever has that phone or that address."""
    if phone:
        return db.session.scalar(select(Person).where(Person.phone == phone))
    return db.session.scalar(select(Person).where(Person.email == (email or "").lower()))
