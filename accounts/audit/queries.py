"""What auditors and data-protection officers read: the trail, its checks, the yearly package."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, select

from accounts.audit.models import AuditCheck
from accounts.audit.rules import year_of
from accounts.models import Person, RoleGrant
from accounts.queries import holds_now
from accounts.rules import Role
from core import clock
from core.audit import AuditRow
from core.db import AnyRow, db
from core.paging import Page, newest_first
from core.zone import CHINA

PACK_MADE, PACK = "audit_pack_made", "audit_pack"


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for in the trail; what is empty does not narrow it."""

    kind: str = ""
    ref: str = ""
    day: date | None = None
    actor: str = ""
    action: str = ""


def trail(sought: Sought, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the audit, the newest first."""
    row = AuditRow
    listed = select(row.at, row.action, row.kind, row.ref, row.fields, Person.name).outerjoin(
        Person, Person.id == row.actor_id
    )
    for column, value in ((row.kind, sought.kind), (row.ref, sought.ref)):
        listed = listed.where(column == value) if value else listed
    if sought.action:
        listed = listed.where(row.action == sought.action)
    if sought.day:
        listed = listed.where(_on(sought.day))
    if sought.actor:
        people = select(Person.id).where(Person.name.contains(sought.actor, autoescape=True))
        listed = listed.where(row.actor_id.in_(people))
    return newest_first(listed, [row.id], after=after)


def audited_today() -> int:
    """Return how many audit rows were written since midnight in China."""
    return db.session.scalar(select(func.count(AuditRow.id)).where(_on(clock.today()))) or 0


def _on(day: date) -> ColumnElement[bool]:
    """Return the condition that an audit row was written on a day in China."""
    midnight = datetime.combine(day, time(), CHINA)
    return and_(AuditRow.at >= midnight, AuditRow.at < midnight + timedelta(days=1))


def checks(many: int) -> Sequence[AnyRow]:
    """Return the last checks with the names of whoever asked for them, the newest first."""
    return db.session.execute(
        select(AuditCheck, Person.name)
        .outerjoin(Person, Person.id == AuditCheck.asked_by_id)
        .order_by(AuditCheck.id.desc())
        .limit(many)
    ).all()


def last_check() -> AuditCheck | None:
    """Return the check that ended last."""
    ended = select(AuditCheck).where(AuditCheck.ended_at.is_not(None))
    return db.session.scalar(
        ended.order_by(AuditCheck.ended_at.desc(), AuditCheck.id.desc()).limit(1)
    )


def is_awaited() -> bool:
    """Whether a check has not ended yet."""
    unended = select(AuditCheck.id).where(AuditCheck.ended_at.is_(None))
    return db.session.scalar(unended.limit(1)) is not None


def is_planned(night: date) -> bool:
    """Whether the check of that night has been asked for."""
    return db.session.scalar(select(AuditCheck.id).where(AuditCheck.day == night)) is not None


def packs(year: int) -> Sequence[AnyRow]:
    """Return when the package of a year was made and by whom, the newest first."""
    return db.session.execute(
        select(AuditRow.at, Person.name)
        .outerjoin(Person, Person.id == AuditRow.actor_id)
        .where(AuditRow.action == PACK_MADE, AuditRow.kind == PACK, AuditRow.ref == str(year))
        .order_by(AuditRow.id.desc())
        .limit(10)
    ).all()


def years() -> list[int]:
    """Return the years that the trail knows, the newest first."""
    first = db.session.scalar(select(func.min(AuditRow.at)))
    today = clock.today()
    begun = first.astimezone(CHINA).year if first else today.year
    return list(range(today.year, min(begun, today.year) - 1, -1))


def year_awaiting_its_package() -> int | None:
    """Return the past year when the trail has something of it and nobody has made its package."""
    past = clock.today().year - 1
    begins, ends = year_of(past)
    of_year = (AuditRow.at >= begins) & (AuditRow.at < ends)
    if db.session.scalar(select(AuditRow.id).where(of_year).limit(1)) is None:
        return None
    return None if packs(past) else past


def holding(*roles: Role) -> Sequence[Person]:
    """Return whoever holds one of these roles today, wherever."""
    held = select(RoleGrant.person_id).where(RoleGrant.role.in_(roles), holds_now())
    active = select(Person).where(Person.id.in_(held), Person.disabled_at.is_(None))
    return db.session.scalars(active.order_by(Person.id)).all()
