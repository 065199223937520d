"""Ending pairings, and what every change of a pairing tells the people in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from accounts.rules import Actor, Role
from children.models import Child
from children.rules import NeedState
from children.services import mark
from core import audit, clock
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter
from messages.services import Notice, plan
from pairings.models import Pairing
from pairings.rules import ACCOMPANIED, LIVE, EndReason, Stage, stage_after
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
        "pairings.enough_minutes",
        240,
        _l("每周共同空闲多少分钟算充足（时间项满分）"),
        _l("分钟"),
        _OWN,
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        "pairings.points",
        [40, 30, 20, 10],
        _l("推荐分的满分：时间、需要、距离、延续"),
        _l("分"),
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
)
DECIDERS = (Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
TOLD_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a pairing ends and what becomes of the child's need."""

    reason: EndReason
    note: str = ""
    need_met: bool = False


def end(uid: str, ending: Ending, *, by: Actor) -> None:
    """End a pairing, or take back one's own proposal. Raises NotYours, RuleBroken."""
    with transaction():
        pairing, _child = locked_pairing(uid, by)
        if pairing.stage is Stage.PROPOSED and pairing.proposed_by_id != by.id:
            raise RuleBroken(_("别人提出的结对请批准或不批准"))
        after = NeedState.MET if ending.need_met else NeedState.OPEN
        if not _close(pairing, ending.reason, note=ending.note, after=after, by=by):
            raise RuleBroken(_("这个结对已经结束了"))


def end_for_child(child_id: int, reason: EndReason, by: Actor) -> list[int]:
    """End whatever a child takes part in, in the caller's transaction; return the pairings' ids."""
    with transaction() as session:
        live = session.scalars(
            select(Pairing)
            .where(Pairing.child_id == child_id, Pairing.stage.in_(LIVE))
            .with_for_update()
        ).all()
        return [
            pairing.id
            for pairing in live
            if _close(pairing, reason, note="", after=NeedState.OPEN, by=by)
        ]


def locked_pairing(uid: str, by: Actor) -> tuple[Pairing, Child]:
    """Return a pairing these deciders answer for and its child, locked until the end.

    The child's row comes first, as wherever both are locked: nobody waits in a circle. SQLite has
    one writer at a time and needs no row locks. Raises NotYours.
    """
    with transaction() as session:
        theirs = (Pairing.uid == uid, within(Pairing, by.reaches(*DECIDERS)))
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


def _close(pairing: Pairing, reason: EndReason, *, note: str, after: NeedState, by: Actor) -> bool:
    """End a live pairing, give the child's need its next state and tell the team."""
    was = pairing.stage
    with transaction() as session:
        closed = session.scalar(
            update(Pairing)
            .where(Pairing.id == pairing.id, Pairing.stage.in_(LIVE))
            .values(
                stage=stage_after(reason),
                end_reason=reason,
                ended_at=clock.now(),
                version=Pairing.version + 1,
            )
            .returning(Pairing.id)
        )
        if closed is None:
            return False
        audit.record(
            "pairing_ended", "pairing", pairing.uid, by=by.id, reason=f"{reason} {note}".strip()
        )
        if was in ACCOMPANIED:
            mark(pairing.child_id, after)
            tell("pairing_ended", pairing, member_ids(pairing.team_id))
    return True


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
                key=f"{kind}/{pairing.uid}/{person_id}",
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
        taken = _close(pairing, EndReason.TEAM_LEFT, note="", after=NeedState.OPEN, by=by)
        if taken:
            tell("pairing_withdrawn", pairing, [pairing.proposed_by_id])
        return taken
