"""Passkeys: a device that signs instead of a code that is copied. An extra beside the code app."""

from sqlalchemy import delete, select, update

from accounts.models import Passkey, Person, SignInSession
from accounts.passkeys.queries import known_of
from accounts.rules import Actor
from accounts.tries import services as tries
from core import audit, clock, ids, passkeys
from core.db import db, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.passkeys import Key, Refused, Site


def invitation(me: Actor, site: Site) -> str:
    """Return what the person's browser needs to make a passkey."""
    uid, name = db.session.execute(select(Person.uid, Person.name).where(Person.id == me.id)).one()
    known, challenge = known_of(me.id), _fresh_challenge(me)
    return passkeys.invitation(site, owner=(uid, name), challenge=challenge, known=known)


def question(me: Actor, site: Site) -> str:
    """Return what the person's browser needs to sign with a passkey."""
    known = known_of(me.id)
    return passkeys.question(site, challenge=_fresh_challenge(me), known=known)


def _fresh_challenge(me: Actor) -> str:
    """Give the session something new to sign; what it was given before is good for nothing."""
    challenge = ids.token()
    with transaction() as session:
        session.execute(
            update(SignInSession)
            .where(SignInSession.id == me.session_id)
            .values(challenge=challenge)
        )
    return challenge


def _challenge_of(me: Actor) -> str:
    """Take the session's challenge, which works once. Raises RuleBroken."""
    with transaction() as session:
        row = session.get_one(SignInSession, me.session_id, with_for_update=True)
        challenge, row.challenge = row.challenge, None
    if challenge is None:
        raise RuleBroken(_("页面已过期，请重新打开这一页"))
    return challenge


def add(me: Actor, site: Site, answer: str, *, agent: str) -> None:
    """Keep the passkey that the browser has just made. Raises RuleBroken."""
    challenge = _challenge_of(me)
    try:
        key = passkeys.made(site, answer, challenge)
    except Refused as error:
        raise RuleBroken(_("没有成功，请再试一次")) from error
    with transaction() as session:
        has_app = session.scalar(
            select(Person.id).where(Person.id == me.id, Person.totp.is_not(None))
        )
        if has_app is None:
            raise RuleBroken(_("请先开启手机验证器，再添加通行密钥"))
        added = insert_once(
            Passkey,
            person_id=me.id,
            credential_id=key.credential_id,
            public_key=key.public_key,
            sign_count=key.sign_count,
            agent=agent,
            created_at=clock.now(),
        )
        if added is None:
            raise RuleBroken(_("这个通行密钥已经添加过"))
        audit.record("passkey_added", "person", me.id, by=me.id)


def remove(me: Actor, passkey_id: int) -> None:
    """Forget one of one's own passkeys. Raises NotYours."""
    with transaction() as session:
        gone = session.scalar(
            delete(Passkey)
            .where(Passkey.id == passkey_id, Passkey.person_id == me.id)
            .returning(Passkey.id)
        )
        if gone is None:
            raise NotYours
        audit.record("passkey_removed", "person", me.id, by=me.id)


def prove(me: Actor, site: Site, answer: str) -> None:
    """Check that one of the person's passkeys has signed the challenge. Raises RuleBroken.

    The count of signatures only grows: of a copied passkey the second answer is refused.
    """
    tries.may_prove(me.id or 0)
    challenge = _challenge_of(me)
    with transaction():
        fits = _sign(me, site, answer, challenge)
        if not fits:
            audit.record("second_factor_failed", "person", me.id, by=me.id)
    if not fits:
        raise RuleBroken(_("没有成功，请再试一次"))


def _sign(me: Actor, site: Site, answer: str, challenge: str) -> bool:
    try:
        named = passkeys.named_in(answer)
        row = db.session.scalar(
            select(Passkey).where(Passkey.credential_id == named, Passkey.person_id == me.id)
        )
        if row is None:
            return False
        key = Key(row.credential_id, row.public_key, row.sign_count)
        counted = passkeys.signed(site, answer, challenge, key)
    except Refused:
        return False
    row.sign_count, row.used_at = counted, clock.now()
    return True
