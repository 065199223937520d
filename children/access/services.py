"""Asking to see sealed fields, saying yes or no to it, and ending it: two people, and an end."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import or_, select, update

from accounts.queries import grants_of
from accounts.rules import Actor
from children.access import queries
from children.access.models import AccessGrant
from children.access.queries import Known
from children.access.rules import SLACK, GrantState, Reason
from children.models import Child
from children.sealed.rules import SealedField
from core import audit, clock, ids
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, value_on
from places.queries import within

_OWN = _l("本产品的设计")
_LAW = _l("未成年人网络保护条例第三十六条：最小授权、负责人审批、记录访问；数值为本站设计")
PARAMETERS = (
    Parameter(
        "children.reveals_an_hour",
        20,
        _l("一个人一小时内最多查看几次敏感信息（打印复制件也算），超过即停止并提醒未保专员"),
        _l("次"),
        _LAW,
        "D",
    ),
    Parameter(
        "children.grant_hours",
        72,
        _l("一次批准的查看权限最长多少小时"),
        _l("小时"),
        _LAW,
        "D",
    ),
    Parameter(
        "children.request_days",
        7,
        _l("查看申请多少天没人处理就作废"),
        _l("天"),
        _OWN,
        "D",
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see, why, and for how long."""

    fields: frozenset[SealedField]
    reason: Reason
    note: str
    hours: int = 24


def longest_hours() -> int:
    """Return for how long a grant may hold that is asked for today."""
    return max(1, int(value_on("children.grant_hours", clock.today())))


def with_present_rights(by: Actor) -> Actor:
    """Return somebody with the roles they hold at this moment, not when their request began."""
    return replace(by, grants=grants_of(by.id)) if by.id else by


def ask(child_uid: str, asked: Asked, *, by: Actor) -> str:
    """Ask for leave to see fields of a child; return its uid. Raises NotYours, RuleBroken."""
    me = with_present_rights(by)
    with queries.reaching(child_uid, me), transaction() as session:
        found = queries.known(child_uid, me)
        _lock(found.id)
        if not asked.fields <= frozenset(queries.askable(found)):
            raise RuleBroken(_("其中有您的职责不需要知道的内容"))
        if asked.hours > longest_hours():
            raise RuleBroken(_("最长 %(n)d 小时", n=longest_hours()))
        if _already_asked(found.id, me):
            raise RuleBroken(_("您对这个孩子的申请还在等待审批，请先等答复或收回"))
        uid = ids.uid()
        session.add(_row(uid, found, asked, me))
        audit.record(
            "access_asked",
            "child",
            child_uid,
            by=me.id,
            fields=_names(asked.fields),
            reason=f"{asked.reason.value}: {asked.note}",
        )
    return uid


def _lock(child_id: int) -> None:
    with transaction() as session:
        session.execute(select(Child.id).where(Child.id == child_id).with_for_update())


def _already_asked(child_id: int, by: Actor) -> bool:
    open_one = select(AccessGrant.id).where(
        AccessGrant.child_id == child_id,
        AccessGrant.requested_by_id == by.id,
        AccessGrant.state == GrantState.REQUESTED,
    )
    with transaction() as session:
        return session.scalar(open_one.limit(1)) is not None


def _row(uid: str, found: Known, asked: Asked, by: Actor) -> AccessGrant:
    now = clock.now()
    return AccessGrant(
        uid=uid,
        child_id=found.id,
        county_id=found.spot.county_id,
        township_id=found.spot.township_id,
        village_id=found.spot.village_id,
        purpose=asked.reason,
        note=asked.note,
        fields=_names(asked.fields),
        hours=asked.hours,
        state=GrantState.REQUESTED,
        requested_by_id=by.id,
        requested_at=now,
        seen_at=now,
    )


def _names(fields: Collection[SealedField]) -> list[str]:
    return [field.value for field in SealedField if field in fields]


def approve(uid: str, note: str, *, by: Actor) -> None:
    """Say yes to somebody else's request; it holds from now on. Raises NotYours, RuleBroken.

    The approver's right is that of this moment: who has lost the role since the page was opened
    finds nothing to approve.
    """
    now = clock.now()
    with _deciding(uid, by), transaction():
        grant = _decided_by_another(uid, by)
        values = {
            "state": GrantState.ACTIVE,
            "expires_at": now + timedelta(hours=min(grant.hours, longest_hours())),
        }
        _decide(grant, "access_approved", note, by=by, values=values)


def decline(uid: str, note: str, *, by: Actor) -> None:
    """Say no to somebody else's request. Raises NotYours, RuleBroken."""
    with _deciding(uid, by), transaction():
        grant = _decided_by_another(uid, by)
        values = {"state": GrantState.DECLINED, "ended_at": clock.now(), "ended_by_id": by.id}
        _decide(grant, "access_declined", note, by=by, values=values)


def _deciding(uid: str, by: Actor) -> AbstractContextManager[None]:
    """See the child a request is about, as whoever may decide on it now."""
    return queries.reaching_request(uid, with_present_rights(by), *queries.APPROVERS)


def _decided_by_another(uid: str, by: Actor) -> AccessGrant:
    me = with_present_rights(by)
    theirs = within(AccessGrant, me.reaches(*queries.APPROVERS))
    with transaction() as session:
        grant = session.scalar(
            select(AccessGrant).where(AccessGrant.uid == uid, theirs).with_for_update()
        )
    if grant is None:
        raise NotYours
    if grant.requested_by_id == by.id:
        raise RuleBroken(_("自己的申请要由另一个人审批"))
    return grant


def _decide(
    grant: AccessGrant, action: str, note: str, *, by: Actor, values: dict[str, object]
) -> None:
    now = clock.now()
    with transaction() as session:
        decided = session.scalar(
            update(AccessGrant)
            .where(
                AccessGrant.id == grant.id,
                AccessGrant.state == GrantState.REQUESTED,
                AccessGrant.requested_by_id != by.id,
                AccessGrant.seen_at <= now + SLACK,
            )
            .values(decided_by_id=by.id, decided_at=now, decision_note=note, seen_at=now, **values)
            .returning(AccessGrant.id)
        )
        if decided is None:
            raise RuleBroken(_("这份申请刚刚有变动，请看最新的情况"))
        _audit(grant, action, by, note)


def revoke(uid: str, *, by: Actor) -> None:
    """End a request or a grant at once: whose it is, or who answers for the child. Raises NotYours.

    Raises RuleBroken when it has ended already.
    """
    me = with_present_rights(by)
    with queries.reaching_request(uid, me, *queries.REVOKERS), transaction() as session:
        theirs = or_(
            AccessGrant.requested_by_id == me.id,
            within(AccessGrant, me.reaches(*queries.REVOKERS)),
        )
        grant = session.scalar(
            select(AccessGrant).where(AccessGrant.uid == uid, theirs).with_for_update()
        )
        if grant is None:
            raise NotYours
        revoked = session.scalar(
            update(AccessGrant)
            .where(AccessGrant.id == grant.id, queries.revocable(me))
            .values(state=GrantState.REVOKED, ended_at=clock.now(), ended_by_id=me.id)
            .returning(AccessGrant.id)
        )
        if revoked is None:
            raise RuleBroken(_("这份权限已经结束了"))
        _audit(grant, "access_revoked", me, "")


def _audit(grant: AccessGrant, action: str, by: Actor, note: str) -> None:
    with transaction() as session:
        child_uid = session.scalars(select(Child.uid).where(Child.id == grant.child_id)).one()
        audit.record(action, "child", child_uid, by=by.id, fields=grant.fields, reason=note)


def _uids(child_ids: Sequence[int]) -> list[str]:
    """Return the children's uids, one for each of the ids."""
    with transaction() as session:
        rows = session.execute(select(Child.id, Child.uid).where(Child.id.in_(child_ids)))
        by_id = {row.id: row.uid for row in rows}
    return [by_id[child_id] for child_id in child_ids]


def sweep() -> int:
    """End what has run out, and let the rest remember this moment; return how many ended.

    What has ended is written down, so that a clock set back later revives nothing.
    """
    now, days = clock.now(), int(value_on("children.request_days", clock.today()))
    over = or_(
        (AccessGrant.state == GrantState.ACTIVE) & (AccessGrant.expires_at <= now),
        (AccessGrant.state == GrantState.REQUESTED)
        & (AccessGrant.requested_at <= now - timedelta(days=days)),
    )
    with transaction() as session:
        ended = session.scalars(
            update(AccessGrant)
            .where(over)
            .values(state=GrantState.EXPIRED, ended_at=now, seen_at=now)
            .returning(AccessGrant.child_id)
        ).all()
        for child_uid in _uids(ended):
            audit.record("access_expired", "child", child_uid, by=None)
        session.execute(
            update(AccessGrant)
            .where(AccessGrant.state == GrantState.ACTIVE, AccessGrant.seen_at < now)
            .values(seen_at=now)
        )
    return len(ended)
