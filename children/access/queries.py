"""Reading who may see, who has asked, and who has looked: always by what the reader answers for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from accounts.models import Person
from accounts.rules import Actor, Role
from children.access.decoys.models import DecoyChild
from children.access.models import AccessGrant, Reveal
from children.access.rules import GrantState, Standing, holds, unlockable
from children.fence.queries import only
from children.models import Child
from children.queries import READERS, visible
from children.sealed.rules import SealedField
from core import clock
from core.audit import AuditRow
from core.db import AnyRow, db
from core.errors import NotYours
from core.fences import everything, seeing
from core.paging import Page, newest_first
from core.scopes import scope
from places.queries import Spot, within

ASKERS = (*READERS, Role.CITY_COORDINATOR)
"""Who may reveal anything at all; volunteers, auditors and administrators never."""
APPROVERS = (Role.COORDINATOR, Role.SAFEGUARDING_LEAD, Role.CITY_COORDINATOR)
REVOKERS = (*APPROVERS, Role.CHILD_SUPERVISOR)
LOG_READERS = (*ASKERS, Role.AUDITOR)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Known:
    """A child and the roles in which somebody answers for the place it lives in."""

    id: int
    uid: str
    spot: Spot
    _alias: str
    roles: frozenset[Role]

    @property
    def reads_files(self) -> bool:
        """Whether they may open the file itself: the city knows numbers, not children."""
        return bool(self.roles & frozenset(READERS))

    @property
    def alias(self) -> str:
        return self._alias if self.reads_files else ""


@contextmanager
def reaching(uid: str, actor: Actor) -> Iterator[None]:
    """See one child within the block: also for the city, which sees no file. Raises NotYours."""
    with everything():
        child_id = db.session.scalar(
            select(Child.id).where(Child.uid == uid, visible(actor, *ASKERS))
        )
    if child_id is None:
        raise NotYours
    with seeing(only(child_id)):
        yield


@contextmanager
def reaching_request(uid: str, actor: Actor, *roles: Role) -> Iterator[None]:
    """See the child a request is about, for whose it is or who answers for it in these roles.

    Raises NotYours.
    """
    theirs = or_(
        AccessGrant.requested_by_id == actor.id, within(AccessGrant, actor.reaches(*roles))
    )
    with everything():
        child_id = db.session.scalar(
            select(AccessGrant.child_id).where(AccessGrant.uid == uid, theirs)
        )
    if child_id is None:
        raise NotYours
    with seeing(only(child_id)):
        yield


def known(uid: str, actor: Actor) -> Known:
    """Return a child somebody may ask to see more of. Raises NotYours."""
    columns = [visible(actor, role).label(role.value) for role in ASKERS]
    row = db.session.execute(
        select(
            Child.id,
            Child.uid,
            Child.alias,
            Child.county_id,
            Child.township_id,
            Child.village_id,
            *columns,
        ).where(Child.uid == uid, visible(actor, *ASKERS))
    ).first()
    if row is None:
        raise NotYours
    child_id, uid, alias, county_id, township_id, village_id, *held = row
    roles = (role for role, holds_it in zip(ASKERS, held, strict=True) if holds_it)
    spot = Spot(county_id, township_id, village_id)
    return Known(child_id, uid, spot, alias, frozenset(roles))


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
    counted = select(func.count(Reveal.id)).where(Reveal.person_id == person_id, Reveal.at > moment)
    with everything():  # of whichever child, also one they no longer answer for
        return db.session.scalar(counted) or 0


@scope(AccessGrant)
def concerns(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a request is somebody's own or of a place they answer for."""
    return or_(
        AccessGrant.requested_by_id == actor.id, within(AccessGrant, actor.reaches(*REVOKERS))
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
    with everything():  # the city decides too, and sees no child
        return db.session.scalar(select(func.count(AccessGrant.id)).where(decidable(actor))) or 0


def listing(actor: Actor, *, waiting: bool, after: str | None) -> Page[AnyRow]:
    """Return a page of requests of one's places and one's own, the newest first."""
    decider = aliased(Person)
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
            _alias_for(actor).label("alias"),
            Child.uid.label("child_uid"),
            Person.name.label("asker"),
            decider.name.label("decider"),
            decidable(actor).label("decides"),
            revocable(actor).label("revokes"),
        )
        .join(Child, Child.id == AccessGrant.child_id)
        .join(Person, Person.id == AccessGrant.requested_by_id)
        .outerjoin(decider, decider.id == AccessGrant.decided_by_id)
        .where(concerns(actor))
    )
    if waiting:
        listed = listed.where(AccessGrant.state == GrantState.REQUESTED)
    with everything():  # scoped above; the city sees requests, and no child's alias
        return newest_first(listed, [AccessGrant.id], after=after)


def _alias_for(actor: Actor) -> ColumnElement[str]:
    """Return a child's alias for those who may read its file, for others nothing."""
    return case((visible(actor), Child.alias), else_="")


def request(uid: str, actor: Actor) -> AnyRow:
    """Return a request this person may decide on, with the child's name on file. Raises NotYours.

    Their own is there too, so that they are told in words that another has to decide.
    """
    theirs = within(AccessGrant, actor.reaches(*APPROVERS))
    asked = (
        select(
            AccessGrant.uid,
            AccessGrant.state,
            AccessGrant.purpose,
            AccessGrant.note,
            AccessGrant.fields,
            AccessGrant.hours,
            AccessGrant.requested_at,
            AccessGrant.requested_by_id,
            _alias_for(actor).label("alias"),
            Child.uid.label("child_uid"),
            Person.name.label("asker"),
        )
        .join(Child, Child.id == AccessGrant.child_id)
        .join(Person, Person.id == AccessGrant.requested_by_id)
        .where(AccessGrant.uid == uid, theirs)
    )
    with everything():  # scoped above
        row = db.session.execute(asked).first()
    if row is None:
        raise NotYours
    return row


def loggable(uid: str, actor: Actor) -> tuple[str, int | None]:
    """Return (alias if one reads the file, county of a decoy) for a log. Raises NotYours."""
    county_id = case((DecoyChild.child_id.is_not(None), Child.county_id))
    asked = select(_alias_for(actor), county_id).outerjoin(DecoyChild).where(Child.uid == uid)
    if not actor.has(Role.AUDITOR):  # who reads every log, and of no child more than that
        asked = asked.where(visible(actor, *ASKERS))
    with everything():  # scoped above
        row = db.session.execute(asked).first()
    if row is None:
        raise NotYours
    return row[0], row[1]


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
    counted = (
        select(
            func.count(AuditRow.id),
            func.count(AuditRow.actor_id.distinct()),
            func.count(AuditRow.id).filter(AuditRow.action == "child_revealed"),
        )
        .select_from(AuditRow)
        .where(
            AuditRow.kind == "child",
            AuditRow.ref == uid,
            AuditRow.action.in_(["child_seen", "child_revealed"]),
            AuditRow.at > clock.now() - WEEK,
        )
    )
    return Week(*db.session.execute(counted).one())


def askable(found: Known) -> tuple[SealedField, ...]:
    return unlockable(found.roles)
