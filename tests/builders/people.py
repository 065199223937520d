"""People for tests."""

from typing import Any

import pyotp
from sqlalchemy import update

from accounts.factors.rules import code_at, step_at
from accounts.models import Person, RoleGrant
from accounts.rules import Role
from core import clock
from core.crypto import sealer
from core.db import db, transaction
from core.passwords import hashed
from tests.factories import a_number, saved

PASSWORD = "correct horse battery"
_stored: list[str] = []


def _password_hash() -> str:
    if not _stored:
        _stored.append(hashed(PASSWORD))
    return _stored[0]


def a_person(**given: Any) -> Person:
    number = a_number()
    fields = {"name": f"样例{number}", "email": f"p{number}@example.org"}
    return saved(Person(**fields | {"password_hash": _password_hash()} | given))


def a_grant(person_id: int, role: Role, **given: Any) -> RoleGrant:
    fields = {"person_id": person_id, "role": role, "from_on": clock.today()}
    return saved(RoleGrant(**fields | given))


def a_member_of_staff(
    role: Role, *, area_id: int | None = None, org_id: int | None = None, **given: Any
) -> int:
    """Return the id of a person who holds the role at an area or for an organisation."""
    person_id = a_person(**given).id
    a_grant(person_id, role, area_id=area_id, org_id=org_id)
    return person_id


def a_code_app(person_id: int) -> str:
    """Give somebody a code app as their second factor; return its secret."""
    secret = pyotp.random_base32()
    uid = db.session.get_one(Person, person_id).uid
    with transaction() as session:
        sealed = sealer().seal(secret, f"people.totp/{uid}")
        session.execute(
            update(Person).where(Person.id == person_id).values(totp=sealed, totp_step=0)
        )
    return secret


def code_on(secret: str, *, later: int = 0) -> str:
    """Return what the app shows now, or some half minutes later."""
    return code_at(secret, step_at(clock.now()) + later)
