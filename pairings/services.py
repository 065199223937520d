"""What every change of a pairing rests on: its lock, its end, and whom it is told."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, select

from accounts.rules import Actor, Role
from children.models import Child
from children.rules import NeedState
from children.services import mark
from core import audit, clock
from core.db import transaction
from core.errors import NotYours
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter
from messages.services import Notice, plan
from pairings.models import Pairing
from pairings.rules import AGREED, DECIDING, LIVE, EndReason, Stage, stage_after
from pairings.steps.services import go
from places.queries import within
from volunteers.models import Volunteer
from volunteers.rules import Status
from volunteers.teams.models import TeamMember

_OWN = _l("本产品的设计")
PARAMETERS = (
    Parameter(
        "pairings.fewest_adults",
        2,
        _l("每个小组至少几名手续齐全的成人，不会少于 2"),
        _l("人"),
        _l("始终两名成人：联合国儿童基金会志愿者守则等"),
        "P",
        Stricter.HIGHER,
    ),
    Parameter(
        "pairings.least_minutes",
        60,
        _l("小组和孩子每周至少共同空闲多少分钟"),
        _l("分钟"),
        _OWN,
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        "pairings.neighbours",
        [],
        _l("哪些县之间可以跨县结对，写成 县代码-县代码"),
        "",
        _OWN,
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        "pairings.school_year_end",
        [7, 10],
        _l("学年最后一天，结对默认到这天结束：月、日"),
        "",
        _l("学校放假时间由教育部门规定，请核对后修改"),
        "R",
        Stricter.NO_MATTER,
    ),
    Parameter(
        "pairings.longest_days",
        366,
        _l("一次结对最长多少天"),
        _l("天"),
        _OWN,
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        "pairings.rest_days",
        14,
        _l("结对结束后至少隔多少天才能再结对，原来的志愿者继续陪伴的除外"),
        _l("天"),
        _l("避免孩子反复经历离别：各机构守则"),
        "P",
        Stricter.HIGHER,
    ),
    Parameter(
        "pairings.rest_days_after_no",
        30,
        _l("孩子或监护人不愿继续而结束的，至少隔多少天才能再结对"),
        _l("天"),
        _OWN,
        "D",
        Stricter.HIGHER,
    ),
    Parameter(
        "pairings.rest_days_after_safety",
        60,
        _l("出于安全考虑而结束的，至少隔多少天才能再结对"),
        _l("天"),
        _OWN,
        "D",
        Stricter.HIGHER,
    ),
    Parameter(
        "pairings.undo_hours",
        24,
        _l("不批准后多少小时内，本人可以改回来"),
        _l("小时"),
        _OWN,
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        "pairings.agreement_text",
        "2026-1",
        _l("结对协议用哪一版"),
        "",
        _OWN,
        "D",
        Stricter.NEITHER,
    ),
)
DECIDERS = (Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
TOLD_FOR = timedelta(days=14)


def end_for_child(child_id: int, reason: EndReason, by: Actor) -> list[int]:
    """End whatever a child takes part in, in the caller's transaction; return the pairings' ids."""
    with transaction() as session:
        live = session.scalars(
            select(Pairing)
            .where(Pairing.child_id == child_id, Pairing.stage.in_(LIVE))
            .with_for_update()
        ).all()
        return [pairing.id for pairing in live if close(pairing, reason, by=by)]


def locked_pairing(uid: str, by: Actor, *roles: Role) -> tuple[Pairing, Child]:
    """Return a pairing these roles answer for and its child, locked until the end.

    Raises NotYours.
    """
    return locked_where(uid, within(Pairing, by.reaches(*(roles or DECIDERS))))


def locked_where(uid: str, whose: ColumnElement[bool]) -> tuple[Pairing, Child]:
    """Return a pairing that meets a condition and its child, locked until the end.

    The child's row comes first, as wherever both are locked: nobody waits in a circle. SQLite has
    one writer at a time and needs no row locks. Raises NotYours.
    """
    with transaction() as session:
        theirs = (Pairing.uid == uid, whose)
        child = session.scalar(
            select(Child)
            .join(Pairing, Pairing.child_id == Child.id)
            .where(*theirs)
            .with_for_update(of=Child)
        )
        if child is None:
            raise NotYours
        pairing = session.scalars(select(Pairing).where(Pairing.uid == uid).with_for_update()).one()
        return pairing, child


def close(
    pairing: Pairing,
    reason: EndReason,
    *,
    by: Actor,
    note: str = "",
    after: NeedState = NeedState.OPEN,
    **values: object,
) -> bool:
    """End a live pairing, give the child's need its next state and tell the team.

    The note goes with the step, not into the audit: it leaves with the child's file.
    """
    was, told = pairing.stage, team_knows(pairing)
    with transaction():
        closed = go(
            pairing,
            stage_after(reason),
            by=by,
            reason=note,
            end_reason=reason,
            ended_at=clock.now(),
            **values,
        )
        if not closed:
            return False
        audit.record("pairing_ended", "pairing", pairing.uid, by=by.id, reason=reason)
        if was not in DECIDING:
            mark(pairing.child_id, after)
        if told:
            tell("pairing_ended", pairing, member_ids(pairing.team_id))
    return True


def team_knows(pairing: Pairing) -> bool:
    """Whether the team has heard of the child: not before it and its guardian have said yes."""
    both = pairing.guardian_yes_on is not None and pairing.child_yes_on is not None
    asking = pairing.stage is Stage.CONSENT_PENDING and both
    return asking or pairing.stage in AGREED


def member_ids(team_id: int) -> list[int]:
    with transaction() as session:
        return list(
            session.scalars(
                select(Volunteer.person_id)
                .join(TeamMember, TeamMember.volunteer_id == Volunteer.id)
                .where(
                    TeamMember.team_id == team_id,
                    TeamMember.left_on.is_(None),
                    Volunteer.status == Status.ACTIVE,
                )
                .order_by(Volunteer.person_id)
            )
        )


def tell(kind: str, pairing: Pairing, person_ids: Iterable[int]) -> None:
    """Leave word that there is something to read: nothing of the child goes into a message."""
    now = clock.now()
    plan(
        [
            Notice(
                kind=kind,
                key=f"{kind}/{pairing.uid}/{pairing.version}/{person_id}",
                params={"uid": pairing.uid},
                due_at=now,
                expire_at=now + TOLD_FOR,
                person_id=person_id,
            )
            for person_id in person_ids
        ]
    )


def withdraw(pairing: Pairing, *, by: Actor) -> bool:
    """Take back a proposal whose team can no longer come, and tell who made it; whether it was.

    Only of a proposal, which the caller has locked.
    """
    with transaction():
        taken = close(pairing, EndReason.TEAM_LEFT, by=by)
        if taken:
            tell("pairing_withdrawn", pairing, [pairing.proposed_by_id])
        return taken
