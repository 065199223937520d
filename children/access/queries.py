"""Reading who may see, who has asked, and who has looked: always by what the reader answers for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from accounts.models import Person
from accounts.rules import Actor, Role
from children.access.models import AccessGrant, Reveal
from children.access.rules import GrantState, Standing, holds, unlockable
from children.models import Child
from children.queries import READERS, visible
from children.sealed.rules import SealedField
from core import clock
from core.audit import AuditRow
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, newest_first
from places.queries import within

ASKERS = (*READERS, Role.CITY_COORDINATOR)
"""Who may reveal anything at all; volunteers, auditors and administrators never."""
APPROVERS = (Role.COORDINATOR, Role.SAFEGUARDING_LEAD, Role.CITY_COORDINATOR)
REVOKERS = (*APPROVERS, Role.CHILD_SUPERVISOR)
LOG_READERS = (*ASKERS, Role.AUDITOR)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Known:
    """A child and the roles in which somebody answers for the place it lives in."""

    child: Child
    roles: frozenset[Role]

    @property
    def reads_files(self) -> bool:
        """Whether they may open the file itself: the city knows numbers, not children."""
        return bool(self.roles & frozenset(READERS))

    @property
    def alias(self) -> str:
        return self.child.alias if self.reads_files else ""


def known(uid: str, actor: Actor, *, lock: bool = False) -> Known:
    """Return a child somebody may ask to see more of. Raises NotYours."""
    columns = [visible(actor, role).label(role.value) for role in ASKERS]
    asked = select(Child, *columns).where(Child.uid == uid, visible(actor, *ASKERS))
    row = db.session.execute(asked.with_for_update(of=Child) if lock else asked).first()
    if row is None:
        raise NotYours
    child, *held = row
    roles = (role for role, holds_it in zip(ASKERS, held, strict=True) if holds_it)
    return Known(child, frozenset(roles))


def held_grants(child_id: int, actor: Actor, now: datetime) -> list[AccessGrant]:
    """Return somebody's grants for a child that hold at this moment."""
    rows = db.session.scalars(
        select(AccessGrant)
        .where(
            AccessGrant.child_id == child_id,
            AccessGrant.requested_by_id == actor.id,
            AccessGrant.state == GrantState.ACTIVE,
        )
        .order_by(AccessGrant.id)
    )
    return [
        grant for grant in rows if grant.expires_at and holds(now, grant.seen_at, grant.expires_at)
    ]


def standing(found: Known, grants: Sequence[AccessGrant], *, visit: bool) -> Standing:
    """Put what is known of somebody and a child into what the rules ask."""
    granted = {SealedField(name) for grant in grants for name in grant.fields}
    return Standing(found.roles, visit, frozenset(granted))


def revealed_since(person_id: int, moment: datetime) -> int:
    """Return how often something was revealed to somebody after a moment."""
    return (
        db.session.scalar(
            select(func.count(Reveal.id)).where(Reveal.person_id == person_id, Reveal.at > moment)
        )
        or 0
    )


def decidable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a request waits for this person, who did not make it."""
    return and_(
        AccessGrant.state == GrantState.REQUESTED,
        AccessGrant.requested_by_id != actor.id,
        within(AccessGrant, actor.reaches(*APPROVERS)),
    )


def revocable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that this person may end a grant: whose it is, or who answers for it."""
    theirs = within(AccessGrant, actor.reaches(*REVOKERS))
    return and_(
        AccessGrant.state.in_([GrantState.REQUESTED, GrantState.ACTIVE]),
        or_(AccessGrant.requested_by_id == actor.id, theirs),
    )


def to_decide(actor: Actor) -> int:
    """Return how many requests wait for this person."""
    return db.session.scalar(select(func.count(AccessGrant.id)).where(decidable(actor))) or 0


def listing(actor: Actor, *, waiting: bool, after: str | None) -> Page[AnyRow]:
    """Return a page of requests of one's places and one's own, the newest first."""
    decider = aliased(Person)
    mine = or_(
        AccessGrant.requested_by_id == actor.id, within(AccessGrant, actor.reaches(*REVOKERS))
    )
    listed = (
        select(
            AccessGrant.uid,
            AccessGrant.purpose,
            AccessGrant.note,
            AccessGrant.fields,
            AccessGrant.hours,
            AccessGrant.state,
            AccessGrant.requested_at,
            AccessGrant.expires_at,
            AccessGrant.seen_at,
            AccessGrant.decision_note,
            Child.alias,
            Child.uid.label("child_uid"),
            visible(actor).label("reads"),
            Person.name.label("asker"),
            decider.name.label("decider"),
            decidable(actor).label("decides"),
            revocable(actor).label("revokes"),
        )
        .join(Child, Child.id == AccessGrant.child_id)
        .join(Person, Person.id == AccessGrant.requested_by_id)
        .outerjoin(decider, decider.id == AccessGrant.decided_by_id)
        .where(mine)
    )
    if waiting:
        listed = listed.where(AccessGrant.state == GrantState.REQUESTED)
    return newest_first(listed, [AccessGrant.id], after=after)


def request(uid: str, actor: Actor) -> AnyRow:
    """Return a request this person may decide on, with the child's name on file. Raises NotYours.

    Their own is there too, so that they are told in words that another has to decide.
    """
    theirs = within(AccessGrant, actor.reaches(*APPROVERS))
    row = db.session.execute(
        select(AccessGrant, Child.alias, Person.name, visible(actor).label("reads"))
        .join(Child, Child.id == AccessGrant.child_id)
        .join(Person, Person.id == AccessGrant.requested_by_id)
        .where(AccessGrant.uid == uid, theirs)
    ).first()
    if row is None:
        raise NotYours
    return row


def uid_of(child_id: int) -> str:
    return db.session.scalars(select(Child.uid).where(Child.id == child_id)).one()


def loggable(uid: str, actor: Actor) -> Child:
    """Return a child whose log somebody may read; auditors read all of them. Raises NotYours."""
    asked = select(Child).where(Child.uid == uid)
    if not actor.has(Role.AUDITOR):
        asked = asked.where(visible(actor, *ASKERS))
    child = db.session.scalar(asked)
    if child is None:
        raise NotYours
    return child


def log(uid: str, *, after: str | None) -> Page[AnyRow]:
    """Return a page of everything that was done with a child's file, the newest first."""
    listed = (
        select(
            AuditRow.at,
            AuditRow.action,
            AuditRow.fields,
            AuditRow.reason,
            Person.name.label("who"),
        )
        .outerjoin(Person, Person.id == AuditRow.actor_id)
        .where(AuditRow.kind == "child", AuditRow.ref == uid)
    )
    return newest_first(listed, [AuditRow.id], after=after)


@dataclass(frozen=True, slots=True)
class Week:
    """How much was seen of a child in the last seven days."""

    looks: int
    people: int
    reveals: int


def week(uid: str) -> Week:
    """Return how much was seen of a child in the last seven days, and by how many."""
    row = db.session.execute(
        select(
            func.count(AuditRow.id),
            func.count(AuditRow.actor_id.distinct()),
            func.count(AuditRow.id).filter(AuditRow.action == "child_revealed"),
        ).where(
            AuditRow.kind == "child",
            AuditRow.ref == uid,
            AuditRow.action.in_(["child_seen", "child_revealed"]),
            AuditRow.at > clock.now() - WEEK,
        )
    ).one()
    return Week(*row)


def askable(found: Known) -> tuple[SealedField, ...]:
    """Return what somebody can ask to see of a child."""
    return unlockable(found.roles)
