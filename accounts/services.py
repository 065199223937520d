"""What can happen to people, their roles and their sessions."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, delete, false, select, true, update

from accounts.models import Person, RoleGrant, SignInLink, SignInSession
from accounts.queries import holds_now
from accounts.rules import Actor, Role
from accounts.tries import services as tries
from core import audit, clock, ids, passwords
from core.db import db, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _

SESSION_LASTS = timedelta(hours=12)
LINK_LASTS = timedelta(hours=24)
CODE_LASTS = timedelta(minutes=30)
MOST_TRIES = 5
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
        audit.record("grant_role", "role_grant", given.id, by=by.id, reason=office.role.value)
        return given.id


def end_grant(grant_id: int, *, by: Actor, reason: str) -> None:
    """End a role at once. Raises NotYours when there is no such role now."""
    with transaction() as session:
        ended = session.scalar(
            update(RoleGrant)
            .where(RoleGrant.id == grant_id, RoleGrant.ended_at.is_(None))
            .values(ended_at=clock.now(), ended_by_id=by.id)
            .returning(RoleGrant.id)
        )
        if ended is None:
            raise NotYours
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


def sign_in(login: str, password: str, *, agent: str, address: str = "") -> str:
    """Check somebody's password and return the secret of a new session.

    An unknown login takes as long and says the same as a wrong password. Raises RuleBroken,
    TooMany, Busy.
    """
    return open_session(tries.proved(login, password, address=address), agent=agent)


def open_session(person_id: int, *, agent: str) -> str:
    """Sign somebody in on a device; return the session's secret, which is kept nowhere else."""
    secret, now = ids.token(), clock.now()
    with transaction() as session:
        session.add(
            SignInSession(
                person_id=person_id,
                token_hash=ids.digest(secret),
                agent=agent[:120],
                created_at=now,
                expires_at=now + SESSION_LASTS,
            )
        )
        audit.record("sign_in", "person", person_id, by=person_id)
    return secret


def end_session(session_id: int, *, by: Actor) -> None:
    """End one of the person's own sessions, or anybody's for an administrator."""
    with transaction() as session:
        ended = update(SignInSession).where(
            SignInSession.id == session_id, SignInSession.ended_at.is_(None)
        )
        if not by.has(Role.ADMIN):
            ended = ended.where(SignInSession.person_id == by.id)
        owner = session.scalar(
            ended.values(ended_at=clock.now(), ended_by_id=by.id).returning(SignInSession.person_id)
        )
        if owner is None:
            raise NotYours
        audit.record("end_session", "person", owner, by=by.id)


def set_password(person_id: int, password: str, *, by: Actor) -> None:
    """Set a new password; every other session of the person ends at once."""
    if len(password) < SHORTEST_PASSWORD:
        raise RuleBroken(_("密码至少 %(least)d 位", least=SHORTEST_PASSWORD))
    fresh = passwords.hashed(password)
    with transaction() as session:
        session.execute(update(Person).where(Person.id == person_id).values(password_hash=fresh))
        session.execute(
            update(SignInSession)
            .where(
                SignInSession.person_id == person_id,
                SignInSession.ended_at.is_(None),
                SignInSession.id != (by.session_id or 0),
            )
            .values(ended_at=clock.now(), ended_by_id=by.id)
        )
        audit.record("set_password", "person", person_id, by=by.id)


def make_link(person_id: int, *, lasts: timedelta = LINK_LASTS) -> str:
    """Return the secret of a link that signs somebody in once."""
    secret = ids.token()
    with transaction() as session:
        session.add(
            SignInLink(
                person_id=person_id,
                token_hash=ids.digest(secret),
                expires_at=clock.now() + lasts,
            )
        )
    return secret


def make_code(person_id: int, *, by: Actor) -> str:
    """Return eight digits to read out on the phone; with the phone number they sign in once."""
    code = f"{secrets.randbelow(10**8):08}"
    with transaction() as session:
        session.execute(
            update(SignInLink)
            .where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None))
            .values(used_at=clock.now())
        )
        session.add(
            SignInLink(
                person_id=person_id,
                token_hash=ids.digest(f"{person_id}:{code}"),
                expires_at=clock.now() + CODE_LASTS,
            )
        )
        audit.record("make_sign_in_code", "person", person_id, by=by.id)
    return code


def use_link(secret: str, *, agent: str, address: str = "") -> str:
    """Use a link once and return the secret of a new session. Raises RuleBroken, TooMany."""
    tries.may_use_link(address=address)
    with transaction() as session:
        person_id = session.scalar(
            update(SignInLink)
            .where(
                SignInLink.token_hash == ids.digest(secret),
                SignInLink.used_at.is_(None),
                SignInLink.expires_at > clock.now(),
            )
            .values(used_at=clock.now())
            .returning(SignInLink.person_id)
        )
        if person_id is None:
            raise RuleBroken(_("链接已用过或已过期，请重新获取"))
        return open_session(person_id, agent=agent)


def use_code(login: str, code: str, *, agent: str, address: str = "") -> str:
    """Sign in with a code that was read out; five wrong tries end it.

    Known or not, a login costs the same statements and one commit. Raises RuleBroken, TooMany.
    """
    person = db.session.scalar(
        select(Person.id).where((Person.phone == login) | (Person.email == login.lower()))
    )
    opened = None
    with transaction() as session:
        refused = tries.count_code(login, person, address=address)
        fits = SignInLink.token_hash == ids.digest(f"{person}:{code}")
        used = session.execute(
            update(SignInLink)
            .where(
                SignInLink.person_id == (person or 0),
                SignInLink.used_at.is_(None),
                SignInLink.expires_at > clock.now(),
                SignInLink.tries < MOST_TRIES,
                false() if refused else true(),
            )
            .values(
                tries=SignInLink.tries + 1,
                used_at=case((fits, clock.now()), else_=SignInLink.used_at),
            )
            .returning(SignInLink.person_id, SignInLink.used_at)
        ).first()
        if used is not None and used.used_at is not None:
            opened = open_session(used.person_id, agent=agent)
    if refused is not None:
        raise refused
    if opened is None:
        raise RuleBroken(_("号码或登录码不对，或登录码已过期"))
    return opened


def purge_sessions() -> int:
    """Forget sessions and links that ended a month ago; return how many sessions."""
    long_ago = clock.now() - timedelta(days=30)
    with transaction() as session:
        session.execute(delete(SignInLink).where(SignInLink.expires_at < long_ago))
        gone = session.scalars(
            delete(SignInSession)
            .where(SignInSession.expires_at < long_ago)
            .returning(SignInSession.id)
        ).all()
    return len(gone)
