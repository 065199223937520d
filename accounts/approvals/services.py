"""Asking for something that takes two people, and deciding on it.

The deed is carried out in the same transaction as the approval, and the rights of both people
are read in it: of who asked, because a role may have ended since, and of who approves.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from accounts import queries as people
from accounts.approvals import queries
from accounts.approvals.models import Approval
from accounts.approvals.rules import EVERYWHERE, Asked, Step, matter_of
from accounts.models import Person, RoleGrant
from accounts.rules import Actor, Role
from core import audit, clock, ids
from core.db import db, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter, value_on
from places.models import Area

DAYS = "approvals.days"
PARAMETERS = (
    Parameter(
        DAYS,
        7,
        _l("要两个人办的事，提出后多少天没有批准就作废"),
        _l("天"),
        _l("本站设计"),
        "D",
        Stricter.LOWER,
    ),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for: `subject` names it, so that it is asked for once at a time."""

    kind: str
    subject: str
    payload: dict[str, Any]
    reason: str
    area_id: int | None = None


def ask(request: Request, *, by: Actor) -> str:
    """Ask another person's approval; return the request's uid. Raises NotYours, RuleBroken."""
    now = clock.now()
    lasts = timedelta(days=int(value_on(DAYS, clock.today())))
    with transaction():
        if by.id is None or not by.has(*matter_of(request.kind).askers):
            raise NotYours
        expire(request.kind, request.subject)
        uid = ids.uid()
        made = insert_once(
            Approval,
            uid=uid,
            kind=request.kind,
            subject=request.subject,
            payload=request.payload,
            area_id=request.area_id,
            reason=request.reason,
            asked_by_id=by.id,
            asked_at=now,
            expires_at=now + lasts,
            state=Step.ASKED,
            note="",
        )
        if made is None:
            raise RuleBroken(_("已经有人提出同样的事，正等人批准"))
        audit.record("approval_asked", "approval", uid, by=by.id, reason=request.reason)
        return uid


def approve(uid: str, note: str, *, by: Actor) -> None:
    """Say yes to somebody else's request, and do it. Raises NotYours, RuleBroken."""
    with transaction():
        found = _to_decide(uid, by)
        matter = matter_of(found.kind)
        decider = _with_rights_now(by.id, matter.approvers, found.area_id)
        if decider is None:
            raise RuleBroken(_("您现在没有批准这件事的权限"))
        asker = _with_rights_now(found.asked_by_id, matter.askers, None)
        if asker is None:
            raise RuleBroken(_("提出的人现在已经没有这个权限，不能批准，请驳回"))
        now = clock.now()
        _settle(found, Step.APPROVED, decided_by_id=by.id, note=note, carried_out_at=now)
        audit.record("approval_given", "approval", uid, by=by.id, reason=note)
        asked = Asked(found.uid, found.subject, found.payload, found.reason)
        matter.carry_out(asked, asker, decider)


def decline(uid: str, note: str, *, by: Actor) -> None:
    """Say no to somebody else's request, with the reason. Raises NotYours, RuleBroken."""
    with transaction():
        found = _to_decide(uid, by)
        if _with_rights_now(by.id, matter_of(found.kind).approvers, found.area_id) is None:
            raise RuleBroken(_("您现在没有批准这件事的权限"))
        _settle(found, Step.DECLINED, decided_by_id=by.id, note=note)
        audit.record("approval_declined", "approval", uid, by=by.id, reason=note)


def withdraw(uid: str, *, by: Actor) -> None:
    """Take back what one has asked for. Raises NotYours, RuleBroken."""
    with transaction():
        found = queries.approval(uid, by)
        if found.asked_by_id != by.id:
            raise RuleBroken(_("只有提出的人能撤回"))
        _settle(found, Step.WITHDRAWN)
        audit.record("approval_withdrawn", "approval", uid, by=by.id)


def expire(kind: str | None = None, subject: str | None = None) -> int:
    """Let requests lapse that nobody has approved in time; return how many."""
    late = [Approval.state == Step.ASKED, Approval.expires_at <= clock.now()]
    if kind is not None:
        late += [Approval.kind == kind, Approval.subject == subject]
    with transaction() as session:
        gone = session.scalars(
            update(Approval)
            .where(*late)
            .values(state=Step.EXPIRED, decided_at=clock.now())
            .returning(Approval.uid)
        ).all()
        for uid in gone:
            audit.record("approval_expired", "approval", uid, by=None)
    return len(gone)


def _named(uid: str) -> Approval | None:
    return db.session.scalar(select(Approval).where(Approval.uid == uid))


def _to_decide(uid: str, by: Actor) -> Approval:
    """Return somebody else's request of a matter that is this person's. Raises NotYours."""
    found = _named(uid)
    if found is None:
        raise NotYours
    if found.asked_by_id == by.id:
        raise RuleBroken(_("这是您自己提出的，要由另一个人决定"))
    if not _answers(by, matter_of(found.kind).approvers, found.area_id):
        raise NotYours
    return found


def _settle(found: Approval, step: Step, **values: Any) -> None:
    """Bring a request to its end, if it is still open: the WHERE is the lock."""
    now = clock.now()
    with transaction() as session:
        settled = session.scalar(
            update(Approval)
            .where(Approval.id == found.id, Approval.state == Step.ASKED, Approval.expires_at > now)
            .values(state=step, decided_at=now, **values)
            .returning(Approval.id)
        )
        if settled is None:
            raise RuleBroken(_("这件事已经办了、撤回了或过期了，请看最新的情况"))


def _with_rights_now(
    person_id: int | None, roles: tuple[Role, ...], area_id: int | None
) -> Actor | None:
    """Return somebody as of this moment, if they hold one of the roles there; their roles stay.

    The rows are locked against a change, so that a role cannot end between this and the deed.
    """
    with transaction() as session:
        enabled = session.scalar(
            select(Person.id)
            .where(Person.id == person_id, Person.disabled_at.is_(None))
            .with_for_update(read=True)
        )
        if enabled is None:
            return None
        session.execute(
            select(RoleGrant.id)
            .where(RoleGrant.person_id == enabled, people.holds_now())
            .with_for_update(read=True)
        ).all()
        actor = people.actor_for(enabled)
    return actor if _answers(actor, roles, area_id) else None


def _answers(person: Actor, roles: tuple[Role, ...], area_id: int | None) -> bool:
    """Whether somebody holds one of the roles for that area, or for the city above it."""
    held = [role for role in roles if person.has(role)]
    if not held or area_id is None or EVERYWHERE.intersection(held):
        return bool(held)
    area = db.session.get_one(Area, area_id)
    return any(reach.area_id in {area.id, area.parent_id} for reach in person.reaches(*held))
