"""Roles, and whoever acts in them. Nothing here reads a clock or a database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from places.rules import Level, Reach


class Role(StrEnum):
    """What a person may be here (domain.md §1b); a person can be several, each dated."""

    VOLUNTEER = "volunteer"
    TEAM_LEADER = "team_leader"
    ORG_LEAD = "org_lead"
    CHILD_DIRECTOR = "child_director"
    CHILD_SUPERVISOR = "child_supervisor"
    COORDINATOR = "coordinator"
    CITY_COORDINATOR = "city_coordinator"
    SAFEGUARDING_LEAD = "safeguarding_lead"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    DPO = "dpo"
    AUDITOR = "auditor"
    ADMIN = "admin"


STAFF = frozenset(Role) - {Role.VOLUNTEER, Role.TEAM_LEADER}
LEVELS = {
    Role.CHILD_DIRECTOR: Level.VILLAGE,
    Role.CHILD_SUPERVISOR: Level.TOWNSHIP,
    Role.COORDINATOR: Level.COUNTY,
    Role.CITY_COORDINATOR: Level.CITY,
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role somebody holds now, at an area or for an organisation."""

    role: Role
    level: Level | None = None
    area_id: int | None = None
    org_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: loaded anew for each request, so that a change of rights acts at once.

    `id` is None for the site itself (a job).
    """

    id: int | None
    name: str
    grants: frozenset[Grant] = frozenset()
    session_id: int | None = None
    stepped_up: bool = False
    """Whether they have proved who they are within the last minutes."""
    second_factor_due: bool = False
    """Whether this session has yet to pass the second factor; until then it carries no rights."""
    renewal_due: bool = False
    """Whether rights have changed since the session's secret was made."""
    seen_at: datetime | None = None

    # what Flask-Login asks of somebody signed in
    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role.value for grant in self.grants)

    def has(self, *roles: Role) -> bool:
        return any(grant.role in roles for grant in self.grants)

    def reaches(self, *roles: Role) -> tuple[Reach, ...]:
        """Return the areas this person answers for in one of these roles."""
        return tuple(
            Reach(grant.level, grant.area_id)
            for grant in self.grants
            if grant.role in roles and grant.level is not None and grant.area_id is not None
        )

    def organisations(self, *roles: Role) -> frozenset[int]:
        """Return the ids of the organisations this person acts for in one of these roles."""
        return frozenset(
            grant.org_id for grant in self.grants if grant.role in roles and grant.org_id
        )


SITE = Actor(id=None, name="")
