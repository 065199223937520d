"""Those who answer for places and for the site, and who of them has a sign-in."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.models import RoleGrant
from accounts.rules import STAFF, Role
from core.audit import AuditRow
from demo import names
from demo.world import YEARS_AGO, County, World
from places.models import Organisation
from places.rules import OrgKind, PostKind
from places.services import own_name
from volunteers.students.models import StudentDomain

HOST = "demo.example.org"
VACANT = 0.01
SINCE = timedelta(days=YEARS_AGO)


@dataclass(frozen=True, slots=True)
class Seat:
    """A sign-in of the demonstration: `login` stands before the @."""

    role: Role
    login: str
    county: int | None = None

    @property
    def email(self) -> str:
        return f"{self.login}@{HOST}"

    @property
    def code_app(self) -> str:
        """The secret of the code app of invented staff, the same in every demonstration."""
        if self.role not in STAFF:
            return ""
        return base64.b32encode(hashlib.sha256(self.email.encode()).digest()[:20]).decode()


SEATS = (
    Seat(Role.VOLUNTEER, "volunteer"),
    Seat(Role.TEAM_LEADER, "leader"),
    Seat(Role.ORG_LEAD, "org"),
    Seat(Role.CHILD_DIRECTOR, "director"),
    Seat(Role.CHILD_SUPERVISOR, "supervisor"),
    Seat(Role.COORDINATOR, "coordinator", 0),
    Seat(Role.COORDINATOR, "coordinator2", 0),
    Seat(Role.COORDINATOR, "pingyao", 1),
    Seat(Role.CITY_COORDINATOR, "city"),
    Seat(Role.SAFEGUARDING_LEAD, "safeguarding"),
    Seat(Role.EDITOR, "editor"),
    Seat(Role.PUBLISHER, "publisher"),
    Seat(Role.DPO, "dpo"),
    Seat(Role.AUDITOR, "auditor"),
    Seat(Role.ADMIN, "admin"),
    Seat(Role.ADMIN, "admin2"),
)
OF_THE_CITY = (
    Role.CITY_COORDINATOR,
    Role.SAFEGUARDING_LEAD,
    Role.EDITOR,
    Role.PUBLISHER,
    Role.DPO,
    Role.AUDITOR,
    Role.ADMIN,
)


def appoint(world: World, password_hash: str) -> None:
    """Fill the offices and posts, and add the organisations that send volunteers."""
    for seat in SEATS:
        person_id, name = world.person(
            email=seat.email, password_hash=password_hash, code_app=seat.code_app
        )
        world.staff[seat.login], world.names[seat.login] = person_id, name
    for seat in SEATS:
        if seat.role in OF_THE_CITY:
            area_id = None if seat.role is Role.ADMIN else world.city_id
            grant(world, world.staff[seat.login], seat.role, area_id=area_id)
    for place, county in enumerate(world.counties):
        _coordinators(world, county, place)
        _posts(world, county)
    _organisations(world)


def grant(world: World, person_id: int, role: Role, **where: Any) -> None:
    """Give a role that has been held for a while, with the trace it left."""
    since = where.pop("from_on", world.today - SINCE)
    grant_id = world.bulk.add(
        RoleGrant,
        person_id=person_id,
        role=role,
        from_on=since,
        reason="示例数据",
        granted_by_id=world.staff["admin"],
        **where,
    )
    if role not in {Role.VOLUNTEER, Role.CHILD_DIRECTOR}:
        trace(world, "grant_role", "role_grant", grant_id, by="admin", reason=role.value)


def trace(
    world: World, action: str, kind: str, ref: object, *, by: str | int, reason: str = ""
) -> None:
    """Leave the audit row of something that was done a moment ago."""
    world.bulk.add(
        AuditRow,
        at=world.now,
        actor_id=world.staff[by] if isinstance(by, str) else by,
        action=action,
        kind=kind,
        ref=str(ref),
        reason=reason,
        fields=[],
    )


def _coordinators(world: World, county: County, place: int) -> None:
    """Give the county two coordinators: whoever proposes a pairing does not decide on it."""
    signed = [
        world.staff[seat.login]
        for seat in SEATS
        if seat.role is Role.COORDINATOR and seat.county == place
    ]
    others = [world.person()[0] for _missing in range(2 - len(signed))]
    for person_id in signed + others:
        grant(
            world,
            person_id,
            Role.COORDINATOR,
            area_id=county.id,
            org_id=world.centres.get(county.id),
        )
        county.coordinators.append(person_id)


def _posts(world: World, county: County) -> None:
    """Fill the posts of a county's townships and villages, but for some that are vacant."""
    if world.size.counties < len(PostKind) * 5:
        _keep_few_villages(world, county)
    supervisors: dict[int, int] = {}
    story = county is world.counties[0]
    for village in county.villages:
        if village.township_id not in supervisors:
            login = "supervisor" if story and not supervisors else ""
            supervisors[village.township_id] = _holder(
                world, PostKind.CHILD_SUPERVISOR, village.township_id, login
            )
        village.supervisor = supervisors[village.township_id]
    first = True
    for village in county.villages:
        login = "director" if story and first else ""
        if first or not world.chance(VACANT):
            village.director = _holder(world, PostKind.CHILD_DIRECTOR, village.id, login)
        first = False
    county.villages = [village for village in county.villages if village.director]


def _keep_few_villages(world: World, county: County) -> None:
    """Let a small demonstration play in a few villages, several in one township."""
    step = max(1, len(county.villages) // 12)
    starts = range(0, len(county.villages) - 1, step)
    county.villages = [county.villages[at + more] for at in list(starts)[:6] for more in (0, 1)]


def _holder(world: World, kind: PostKind, area_id: int, login: str) -> int:
    person_id = world.staff[login] if login else world.person()[0]
    grant(world, person_id, Role(kind.value), area_id=area_id, post_id=world.posts[kind, area_id])
    return person_id


def _organisations(world: World) -> None:
    """Add the universities and social organisations, each with somebody who leads it there."""
    codes = {county.code: county.id for county in world.counties}
    first = world.counties[0].id
    rows = [
        (OrgKind.UNIVERSITY, code, name + names.NOT_THEIRS, name_en + names.NOT_THEIRS_EN)
        for code, name, name_en in names.UNIVERSITIES
    ]
    rows += [(OrgKind.SOCIAL_ORG, code, name, en) for code, name, en in names.SOCIAL_ORGS]
    for kind, code, name, name_en in rows:
        org_id = world.bulk.add(
            Organisation,
            uid=own_name(kind, code, name),
            kind=kind,
            name=name,
            name_en=name_en,
            area_id=codes.get(code, first),
            verified_on=world.today - SINCE,
        )
        lead = world.person()[0] if world.organisations else world.staff["org"]
        grant(world, lead, Role.ORG_LEAD, org_id=org_id)
        if not world.organisations:
            world.bulk.add(StudentDomain, org_id=org_id, domain="stu.example.org")
        world.organisations.append((org_id, name))
