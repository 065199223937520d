"""Who may open which sealed field of a child, and on what ground (domain.md §3). Pure.

The table of §3, line by line: real name and guardian's phone are known to the supervisor and the
director of the place, the county centre and the city unlock them with a reason; health and family
are known to director, supervisor and county centre, to the city only as numbers; where exactly a
child lives is on no line but that of the place to meet, so the centre unlocks it and the city
never has it. Whoever the table does not name gets nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.rules import Role
from children.sealed.rules import SealedField

OF_THE_PLACE = frozenset({Role.CHILD_DIRECTOR, Role.CHILD_SUPERVISOR})
OF_THE_CENTRE = frozenset({Role.COORDINATOR, Role.SAFEGUARDING_LEAD})
STANDING: dict[Role, frozenset[SealedField]] = {
    **dict.fromkeys(OF_THE_PLACE, frozenset(SealedField)),
    **dict.fromkeys(OF_THE_CENTRE, frozenset({SealedField.HEALTH, SealedField.FAMILY})),
}
"""What a role needs all the time for the children of its place: a reason is enough."""
UNLOCKED: dict[Role, frozenset[SealedField]] = {
    **dict.fromkeys(OF_THE_CENTRE, frozenset(SealedField)),
    Role.CITY_COORDINATOR: frozenset({SealedField.REAL_NAME, SealedField.GUARDIAN_PHONE}),
}
"""What a role may see with a grant, or around a visit it answers for."""
AROUND_A_VISIT = frozenset({Role.COORDINATOR, *OF_THE_PLACE})
"""Roles that escort or coordinate visits; only they can have one in its time window."""
SLACK = timedelta(minutes=5)
"""How far a clock may be corrected backwards before nothing it says is believed."""


class Ground(StrEnum):
    """What a reveal rests on."""

    STANDING = "standing"
    VISIT = "visit"
    GRANT = "grant"
    REQUEST = "request"
    """A guardian's request for a copy on paper: no ground to see anything on the screen."""


class Reason(StrEnum):
    """Why somebody has to know, from a list; a text says more."""

    VISIT = "visit"
    CALL_GUARDIAN = "call_guardian"
    SAFETY = "safety"
    CONSENT = "consent"
    AID = "aid"
    CORRECTION = "correction"
    OTHER = "other"


class GrantState(StrEnum):
    """How far a request has come (domain.md §5.8)."""

    REQUESTED = "requested"
    ACTIVE = "active"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"


OPEN = frozenset({GrantState.REQUESTED, GrantState.ACTIVE})


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to one child at this moment."""

    roles: frozenset[Role]
    """The roles in which they answer for the place the child lives in, now."""
    visit: bool = False
    """Whether a visit they escort or coordinate is in its time window."""
    granted: frozenset[SealedField] = frozenset()
    """What grants that hold now open to them."""


def ground(field: SealedField, standing: Standing) -> Ground | None:
    """Return what somebody may see the field on, the strongest ground first; None: not at all."""
    if any(field in STANDING.get(role, ()) for role in standing.roles):
        return Ground.STANDING
    unlocking = {role for role in standing.roles if field in UNLOCKED.get(role, ())}
    if standing.visit and unlocking & AROUND_A_VISIT:
        return Ground.VISIT
    if unlocking and field in standing.granted:
        return Ground.GRANT
    return None


def unlockable(roles: Iterable[Role]) -> tuple[SealedField, ...]:
    """Return what somebody in these roles can ask to see: never what no grant could open."""
    held = frozenset(roles)
    found = frozenset[SealedField]().union(*(UNLOCKED.get(role, frozenset()) for role in held))
    known = frozenset[SealedField]().union(*(STANDING.get(role, frozenset()) for role in held))
    return tuple(field for field in SealedField if field in found - known)


def without_ground(fields: Collection[SealedField], standing: Standing) -> tuple[SealedField, ...]:
    """Return those of the fields that somebody may not see now."""
    return tuple(field for field in fields if ground(field, standing) is None)


def believed(now: datetime, seen_at: datetime) -> bool:
    """Whether a moment can be right, given one that has certainly passed."""
    return now >= seen_at - SLACK


def holds(now: datetime, seen_at: datetime, expires_at: datetime) -> bool:
    """Whether a grant holds: by the latest moment it has seen, so that no clock gives time back."""
    return believed(now, seen_at) and max(now, seen_at) < expires_at
