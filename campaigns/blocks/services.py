"""Keeping seats for a group, and giving what it does not take back to everybody."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from accounts.models import RoleGrant
from accounts.queries import holds_now
from accounts.rules import Actor, Role
from campaigns.blocks import queries
from campaigns.blocks.models import Block
from campaigns.blocks.rules import LONGEST, REMINDED_BEFORE, Asked
from campaigns.models import Campaign, Slot
from campaigns.seats.rules import Party
from campaigns.seats.services import give_back
from campaigns.signups.queries import at
from campaigns.signups.seating.services import advance, seat
from core import audit, clock
from core.db import hold, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.scopes import find
from core.zone import CHINA
from messages.services import Notice, close, open_subject, plan
from places.models import Organisation

SUBJECT = "seat_block"
ENDING, RELEASED = "block_ending", "block_released"


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a block, from when until when."""

    kind: str
    params: dict[str, Any]
    due_at: datetime
    expire_at: datetime
    subject: tuple[str, str] | None = None


def keep(slot_uid: str, asked: Asked, *, by: Actor) -> str:
    """Keep seats of a slot for an organisation's members; return the block's uid.

    They count as taken from now on, as if somebody sat on them. Raises NotYours, RuleBroken.
    """
    with transaction() as session:
        slot = queries.slot(slot_uid, by).Slot
        hold(select(Slot.id).where(Slot.id == slot.id))
        _in_time(slot, asked.until)
        if asked.org_id not in {row.id for row in queries.partners(clock.today())}:
            raise RuleBroken(_("请选协议还有效的单位"))
        if not seat(session, slot.id, Party(asked.seats)):
            left = slot.capacity - slot.taken
            raise RuleBroken(_("没有这么多空位：现在还空 %(n)d 个，其中可能有留给别人的", n=left))
        made = Block(
            slot_id=slot.id,
            org_id=asked.org_id,
            asked=asked.seats,
            capacity=asked.seats,
            taken=0,
            queued=0,
            expires_at=asked.until,
            made_by_id=by.id,
        )
        session.add(made)
        session.flush()
        audit.record("keep_seats", "seat_block", made.uid, by=by.id)
        _remind(session, made)
        return made.uid


def _in_time(slot: Slot, until: datetime) -> None:
    now, begins = clock.now(), at(slot.starts_on, slot.from_minute)
    if until <= now:
        raise RuleBroken(_("截止时间已经过了，请选以后的时间"))
    if until > min(begins, now + LONGEST):
        raise RuleBroken(_("最晚留到活动开始，也不能超过 %(n)d 天", n=LONGEST.days))


def release(uid: str, *, by: Actor) -> None:
    """Give what a group has not taken back before the time. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = find(Block, uid, by)
        if not _release(session, Block.id == found.id):
            raise RuleBroken(_("空位已经放回去了"))
        audit.record("release_seats", "seat_block", uid, by=by.id)


def release_due() -> int:
    """Give back what groups have not taken in their time; return how many blocks ended."""
    with transaction() as session:
        return _release(session, Block.expires_at <= clock.now())


def _release(session: Session, which: ColumnElement[bool]) -> int:
    """End blocks: each keeps the seats that are taken, and the queue gets the others."""
    which &= queries.OPEN
    slots = select(Block.slot_id).where(which)
    hold(select(Slot.id).where(Slot.id.in_(slots)).order_by(Slot.id))
    found = session.scalars(
        select(Block).where(which).order_by(Block.id).execution_options(populate_existing=True)
    ).all()
    freed: Counter[int] = Counter()
    for one in found:
        freed[one.slot_id] += one.capacity - one.taken
        _end(session, one)
    give_back(session, Slot, {slot_id: {"taken": seats} for slot_id, seats in freed.items()})
    for slot_id in sorted(freed):
        advance(session, slot_id)
    return len(found)


def _end(session: Session, one: Block) -> None:
    free = one.capacity - one.taken
    session.execute(
        update(Block)
        .where(Block.id == one.id)
        .values(capacity=Block.taken, released_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    close(SUBJECT, one.uid)
    now, params = clock.now(), _params(session, one) | {"free": free}
    _tell(session, one, Told(RELEASED, params, now, now + timedelta(days=7)))


def _remind(session: Session, one: Block) -> None:
    """Plan a word to the group's leads and to whoever kept the seats, before the time is over."""
    open_subject(SUBJECT, one.uid)
    due_at = one.expires_at - REMINDED_BEFORE
    if due_at > clock.now():
        told = Told(ENDING, _params(session, one), due_at, one.expires_at, (SUBJECT, one.uid))
        _tell(session, one, told)


def _tell(session: Session, one: Block, told: Told) -> None:
    """Plan it for whoever kept the seats, and for those who lead the organisation now."""
    leads = session.scalars(
        select(RoleGrant.person_id).where(
            RoleGrant.role == Role.ORG_LEAD, RoleGrant.org_id == one.org_id, holds_now()
        )
    )
    plan(
        [
            Notice(
                kind=told.kind,
                key=f"{told.kind}/{one.uid}/{person_id}",
                params=told.params,
                due_at=told.due_at,
                expire_at=told.expire_at,
                person_id=person_id,
                subject=told.subject,
            )
            for person_id in sorted({one.made_by_id, *leads})
        ]
    )


def _params(session: Session, one: Block) -> dict[str, Any]:
    row = session.execute(
        select(Campaign.title, Campaign.title_en, Organisation.name.label("org"))
        .select_from(Slot)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Organisation, Organisation.id == one.org_id)
        .where(Slot.id == one.slot_id)
    ).one()
    return {
        "block": one.uid,
        "campaign": row.title,
        "campaign_en": row.title_en,
        "org": row.org,
        "until": f"{one.expires_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
    }
