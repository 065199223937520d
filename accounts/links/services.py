"""Links and codes that sign somebody in once, without a password."""

import secrets
from datetime import timedelta

from sqlalchemy import select, update

from accounts.models import Person, SignInLink
from accounts.rules import Actor
from accounts.sessions.services import begin_session
from core import audit, clock, ids
from core.db import db, transaction
from core.errors import RuleBroken
from core.i18n import _

LINK_LASTS = timedelta(hours=24)
CODE_LASTS = timedelta(minutes=30)
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


def use_link(secret: str, *, agent: str) -> str:
    """Use a link once and return the secret of a new session. Raises RuleBroken."""
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


def use_code(login: str, code: str, *, agent: str) -> str:
    """Sign in with a code that was read out; five wrong tries end it. Raises RuleBroken."""
    person = db.session.scalar(
        select(Person.id).where((Person.phone == login) | (Person.email == login.lower()))
    )
    now = clock.now()
    with transaction() as session:
        link = session.scalar(
            select(SignInLink).where(
                SignInLink.person_id == (person or 0),
                SignInLink.used_at.is_(None),
                SignInLink.expires_at > now,
                SignInLink.tries < MOST_TRIES,
            )
        )
        fits = link is not None and link.token_hash == ids.digest(f"{person}:{code}")
        if link is not None:
            link.tries += 1
            link.used_at = now if fits else None
        opened = begin_session(link.person_id, agent=agent) if link is not None and fits else None
    if opened is None:
        raise RuleBroken(_("号码或登录码不对，或登录码已过期"))
    return opened
