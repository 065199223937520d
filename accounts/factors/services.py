"""The second factor: a code app, and ten codes on paper for the day the phone is lost."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import pyotp
from sqlalchemy import delete, select, update

from accounts.factors.rules import CODES, LETTERS, plain, step_of
from accounts.models import Passkey, Person, RecoveryCode, SignInSession
from accounts.rules import Actor
from accounts.sessions import services as sessions
from accounts.tries import services as tries
from core import audit, clock, ids, passwords
from core.crypto import Unreadable, sealer
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _

MOST_TRIES = 5
CODE_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A code app is switched on: the session's new secret, and the codes that are shown once."""

    secret: str
    codes: tuple[str, ...]


def new_secret() -> str:
    """Return a secret of 160 bits for somebody's code app; it is kept nowhere yet."""
    return pyotp.random_base32()


def held_back(secret: str, me: Actor) -> str:
    """Return a secret sealed for this session, to travel through the enrolment form."""
    return sealer().seal(secret, f"enrolment/{me.session_id}")


def handed_back(sealed: str, me: Actor) -> str:
    """Return the secret that was sealed for this session. Raises RuleBroken."""
    try:
        return sealer().open(sealed, f"enrolment/{me.session_id}")
    except (Unreadable, ValueError) as error:
        raise RuleBroken(_("页面已过期，请重新打开这一页")) from error


def switch_on(me: Actor, secret: str, code: str) -> Enrolled:
    """Make the app that shows this code the person's second factor. Raises RuleBroken.

    Somebody who has one already replaces it, and only after proving who they are.
    """
    step = step_of(secret, code, clock.now())
    if step is None:
        raise RuleBroken(_("验证码不对。请看手机上现在显示的 6 位数字，并检查手机时间是否准确"))
    with transaction() as session:
        whose = update(Person).where(Person.id == me.id)
        if not me.stepped_up:
            whose = whose.where(Person.totp.is_(None))
        uid = session.scalar(whose.values(totp_step=step).returning(Person.uid))
        if uid is None:
            raise RuleBroken(_("您已有二次验证，更换前请先验证身份"))
        sealed = sealer().seal(secret, f"people.totp/{uid}")
        session.execute(update(Person).where(Person.id == me.id).values(totp=sealed))
        audit.record("second_factor_set", "person", me.id, by=me.id, fields=["totp"])
        codes = _fresh_codes(me)
        sessions.end_all(me.id, by=me, but=me.session_id)
        return Enrolled(sessions.pass_factor(me), codes)


def renew_codes(me: Actor) -> tuple[str, ...]:
    """Return ten new recovery codes; the old ones are good for nothing."""
    with transaction():
        audit.record("recovery_codes_made", "person", me.id, by=me.id)
        return _fresh_codes(me)


def _fresh_codes(me: Actor) -> tuple[str, ...]:
    codes = tuple(
        "".join(secrets.choice(LETTERS) for _letter in range(CODE_LENGTH)) for _code in range(CODES)
    )
    with transaction() as session:
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == me.id))
        session.add_all(
            RecoveryCode(person_id=me.id, code_hash=_digest(me.id, code), created_at=clock.now())
            for code in codes
        )
    return codes


def _digest(person_id: int | None, code: str) -> str:
    """Return what is kept of a code: it has 120 random bits, so that a digest is enough."""
    return ids.digest(f"{person_id}:{code}")


def enter(me: Actor, code: str) -> str:
    """Pass the second factor; return the session's new secret. Raises RuleBroken."""
    prove(me, code)
    return sessions.pass_factor(me)


def prove(me: Actor, code: str) -> None:
    """Use a code of the app or a recovery code once. Raises RuleBroken, TooMany."""
    tries.may_prove(me.id or 0)
    _settle(
        me,
        lambda: _use_totp(me, code) or _use_recovery_code(me, code),
        _("验证码不对，或已经用过。请等手机显示下一个再试"),
    )


def prove_password(me: Actor, password: str) -> None:
    """Check the password of somebody who is signed in already. Raises RuleBroken, TooMany, Busy."""
    tries.may_prove(me.id or 0)
    stored = db.session.scalar(select(Person.password_hash).where(Person.id == me.id))
    fits = passwords.matches(stored, password)
    _settle(me, lambda: fits, _("现在的密码不对"))


def _settle(me: Actor, attempt: Callable[[], bool], refusal: str) -> None:
    """Count a try and keep what became of it; five wrong ones in a row end the session.

    Not to be called inside a transaction: what failed must be kept.
    """
    with transaction():
        tried = _take_a_try(me)
        fits = attempt()
        if fits:
            _forget_tries(me)
        else:
            audit.record("second_factor_failed", "person", me.id, by=me.id)
            if tried >= MOST_TRIES and me.session_id is not None:
                sessions.end_session(me.session_id, by=me)
    if not fits and tried >= MOST_TRIES:
        raise RuleBroken(_("错了太多次，这里已退出，请重新登录"))
    if not fits:
        raise RuleBroken(refusal)


def _take_a_try(me: Actor) -> int:
    """Count a try of this session and return how many there have been since the last good one."""
    tried: int | None = db.session.scalar(
        update(SignInSession)
        .where(SignInSession.id == me.session_id, SignInSession.ended_at.is_(None))
        .values(factor_tries=SignInSession.factor_tries + 1)
        .returning(SignInSession.factor_tries)
    )
    if tried is None:
        raise NotYours
    return tried


def _forget_tries(me: Actor) -> None:
    """Begin to count anew: only wrong ones in a row end a session."""
    whose = update(SignInSession).where(SignInSession.id == me.session_id)
    db.session.execute(whose.values(factor_tries=0))


def _use_totp(me: Actor, code: str) -> bool:
    """Whether the code is one of these minutes and was not used; the row's step is the lock."""
    row = db.session.execute(
        select(Person.uid, Person.totp).where(Person.id == me.id, Person.totp.is_not(None))
    ).first()
    if row is None:
        return False
    step = step_of(sealer().open(row.totp, f"people.totp/{row.uid}"), code, clock.now())
    if step is None:
        return False
    used = update(Person).where(Person.id == me.id, Person.totp_step < step)
    return db.session.scalar(used.values(totp_step=step).returning(Person.id)) is not None


def _use_recovery_code(me: Actor, code: str) -> bool:
    used = db.session.scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == me.id,
            RecoveryCode.code_hash == _digest(me.id, plain(code)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    )
    if used is not None:
        audit.record("recovery_code_used", "person", me.id, by=me.id)
    return used is not None


def reset(person_id: int, *, by: Actor, reason: str) -> None:
    """Take somebody's second factor away and sign them out: they set a new one at sign-in.

    Nobody does it for themselves.
    """
    if person_id == by.id:
        raise RuleBroken(_("不能重置自己的二次验证，请另一位管理员办理"))
    with transaction() as session:
        session.execute(update(Person).where(Person.id == person_id).values(totp=None))
        for kept in (RecoveryCode, Passkey):
            session.execute(delete(kept).where(kept.person_id == person_id))
        sessions.end_all(person_id, by=by)
        audit.record("second_factor_reset", "person", person_id, by=by.id, reason=reason)


def switch_off(me: Actor) -> None:
    """Do without a code app again: only for somebody who need not have one."""
    with transaction() as session:
        session.execute(update(Person).where(Person.id == me.id).values(totp=None))
        for kept in (RecoveryCode, Passkey):
            session.execute(delete(kept).where(kept.person_id == me.id))
        sessions.rights_changed(me.id or 0)
        audit.record("second_factor_off", "person", me.id, by=me.id)
