"""The passkeys somebody has."""

from collections.abc import Sequence

from sqlalchemy import select

from accounts.models import Passkey
from core.db import db


def passkeys_of(person_id: int | None) -> Sequence[Passkey]:
    """Return a person's passkeys, the oldest first."""
    return db.session.scalars(
        select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    ).all()


def known_of(person_id: int | None) -> list[str]:
    """Return the ids by which browsers know them."""
    return [one.credential_id for one in passkeys_of(person_id)]
