"""Entering a breach at once, mending what is known of it, and taking it step by step to its end."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import update

from accounts.rules import Actor, Role
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from rights.breaches import queries
from rights.breaches.models import Breach, BreachStep
from rights.breaches.rules import Kind, State, next_state

WORKING = (Role.DPO,)


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of a breach: kinds of information and numbers, never names."""

    title: str
    kind: Kind
    involved: str
    cause: str
    harm: str
    measures: str
    advice: str
    people: int
    children: int
    detected_at: datetime


def enter(content: Content, *, by: Actor) -> str:
    """Enter a breach as it has been detected; return its uid. Raises RuleBroken."""
    _check(content)
    uid = ids.uid()
    with transaction():
        insert_once(
            Breach,
            uid=uid,
            state=State.DETECTED,
            entered_by_id=by.id,
            entered_at=clock.now(),
            **asdict(content),
        )
        audit.record("breach_entered", "breach", uid, by=by.id)
    return uid


def amend(uid: str, content: Content, *, version: int, by: Actor) -> None:
    """Bring what is known up to date while the record is open. Raises RuleBroken."""
    _check(content)
    with transaction() as session:
        amended = session.scalar(
            update(Breach)
            .where(Breach.uid == uid, Breach.version == version, Breach.state != State.CLOSED)
            .values(**asdict(content), version=Breach.version + 1)
            .returning(Breach.id)
        )
        if amended is None:
            raise RuleBroken(_("刚刚有人改过，或已经结案，请看最新的内容再办"))
        audit.record("breach_amended", "breach", uid, by=by.id)


def step(uid: str, to: State, note: str, *, by: Actor) -> None:
    """Take a breach one step on, with what was done. Raises NotYours, RuleBroken.

    Where nobody is told because measures have averted all harm, the note says so (PIPL 57).
    """
    with transaction() as session:
        found = queries.breach(uid)
        if next_state(found.state) is not to:
            raise RuleBroken(_("这一步已经办过，或前一步还没办"))
        moved = session.scalar(
            update(Breach)
            .where(Breach.id == found.id, Breach.state == found.state)
            .values(state=to, version=Breach.version + 1)
            .returning(Breach.id)
        )
        made = insert_once(
            BreachStep,
            breach_id=found.id,
            state=to,
            note=note[:300],
            at=clock.now(),
            by_id=by.id,
        )
        if moved is None or made is None:
            raise RuleBroken(_("这一步已经办过，或前一步还没办"))
        audit.record(f"breach_{to}", "breach", uid, by=by.id)


def _check(content: Content) -> None:
    if content.detected_at > clock.now():
        raise RuleBroken(_("发现的时间还没到"))
    if content.children > content.people:
        raise RuleBroken(_("孩子的人数不能多于总人数"))
