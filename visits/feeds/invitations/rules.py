"""Which messages about a visit bring an invitation. Nothing here reads a clock or a database."""

from collections.abc import Iterator
from dataclasses import dataclass

FIRST = ("t7d", "visit_moved", "t2d", "t2h")
"""Of these about one plan of a visit the first that goes by mail brings the invitation."""
OFF = "visit_cancelled"


@dataclass(frozen=True, slots=True)
class Told:
    """A message about a visit: `plan` tells one plan of it from the next."""

    visit_uid: str
    name: str
    person_id: int
    plan: str


def inviting(key: str) -> Told | None:
    """Return what a message is about by its key in the ledger, None when it can invite nobody.

    A message that says again what may have arrived has another ending, and invites nobody.
    """
    subject, _slash, rest = key.partition("/")
    parts = rest.split("/")
    if subject != "visit" or len(parts) != 5 or parts[4] != "external":
        return None
    visit_uid, name, person_id, plan = parts[:4]
    return Told(visit_uid, name, int(person_id), plan) if name in (*FIRST, OFF) else None


def siblings(told: Told) -> Iterator[str]:
    """Yield the keys of the messages that would have brought the same invitation already."""
    for name in FIRST:
        if told.name not in (name, OFF):
            yield f"visit/{told.visit_uid}/{name}/{told.person_id}/{told.plan}/external"
