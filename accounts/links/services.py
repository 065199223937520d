"""Links and codes that sign somebody in once, without a password."""

import secrets
from datetime import timedelta

from sqlalchemy import case, false, select, true, update

from accounts.models import Person, SignInLink
from accounts.rules import Actor
from accounts.sessions.services import begin_session
from accounts.tries import services as tries
from core import audit, clock, ids
from core.db import db, transaction
from core.errors import RuleBroken
from core.i18n import _

LINK_LASTS = timedelta(hours=24)
CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5


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
        return begin_session(person_id, agent=agent)


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
            opened = begin_session(used.person_id, agent=agent)
        elif refused is None:
            audit.record("sign_in_failed", "person", person or "?", by=None)
    if refused is not None:
        raise refused
    if opened is None:
        raise RuleBroken(_("号码或登录码不对，或登录码已过期"))
    return opened
