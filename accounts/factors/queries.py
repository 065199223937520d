"""What somebody proves who they are with."""

from dataclasses import dataclass

from sqlalchemy import func, select

from accounts.factors.rules import WINDOW, code_at, step_at
from accounts.models import Passkey, Person, RecoveryCode
from core import clock
from core.crypto import sealer
from core.db import db


@dataclass(frozen=True, slots=True)
class Proofs:
    """What there is to prove oneself with."""

    password: bool
    totp: bool
    passkeys: int
    codes_left: int

    @property
    def second_factor(self) -> bool:
        return self.totp or self.passkeys > 0


def proofs_of(person_id: int | None) -> Proofs:
    """Return what a person has, in one query."""
    passkeys = select(func.count(Passkey.id)).where(Passkey.person_id == Person.id)
    codes = select(func.count(RecoveryCode.id)).where(
        RecoveryCode.person_id == Person.id, RecoveryCode.used_at.is_(None)
    )
    row = db.session.execute(
        select(
            Person.password_hash.is_not(None),
            Person.totp.is_not(None),
            passkeys.scalar_subquery(),
            codes.scalar_subquery(),
        ).where(Person.id == person_id)
    ).one()
    return Proofs(bool(row[0]), bool(row[1]), row[2], row[3])


def code_now(person_id: int | None) -> str | None:
    """Return a code that the person's app would show and that is still unused.

    Only for the demonstration, whose people have no phones. None when the next half minute has
    to be waited for, or without a code app.
    """
    row = db.session.execute(
        select(Person.uid, Person.totp, Person.totp_step).where(Person.id == person_id)
    ).one()
    now = step_at(clock.now())
    step = max(now, row.totp_step + 1)
    if row.totp is None or step > now + WINDOW:
        return None
    return code_at(sealer().open(row.totp, f"people.totp/{row.uid}"), step)
