"""People for tests."""

from typing import Any

from accounts.models import Person, RoleGrant
from accounts.rules import Role
from core import clock
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
