"""Organisations in every state of working together, and seats kept for the first of them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from campaigns.blocks.models import Block
from campaigns.blocks.rules import CODE_LENGTH, SIGNS
from campaigns.models import Campaign, Slot
from campaigns.rules import CURRENT
from campaigns.seats.rules import SeatState
from campaigns.signups.models import SignUp
from core import ids
from demo.world import World
from places.rules import OrgKind
from volunteers.orgs.models import Standing
from volunteers.orgs.rules import State

SEATS, LASTS = 4, timedelta(days=9)
MEMBERS = (SeatState.HELD, SeatState.HELD, SeatState.HELD)
APPLYING = {"示例·星火支教社": State.APPLIED, "示例·春晖学生会": State.VERIFIED}


def bring_groups(world: World) -> None:
    """Have the organisations sign agreements, and keep seats for the first: the last step."""
    first, second = world.counties[0].coordinators[:2]
    fields: dict[str, Any] = {
        "county_id": world.counties[0].id,
        "kind": OrgKind.UNIVERSITY,
        "contact_name": "样例联系人",
        "lead_name": "样例负责人",
    }
    for org_id, name in world.organisations:
        signed = {
            "agreement_ref": "样例协议",
            "agreement_until": world.today + timedelta(days=300),
            "verified_by_id": first,
            "activated_by_id": second,
        }
        _apply(world, fields | signed | {"org_id": org_id, "name": name, "state": State.ACTIVE})
    for name, state in APPLYING.items():
        checked = {"verified_by_id": first} if state is State.VERIFIED else {}
        _apply(world, fields | checked | {"name": name, "state": state})
    world.bulk.flush()
    _keep_seats(world, first)


def _apply(world: World, fields: dict[str, Any]) -> None:
    phones = {"contact_phone": world.phone(), "lead_phone": world.phone()}
    applied = {"applied_at": world.now - timedelta(days=20)}
    world.bulk.add(Standing, **fields | phones | applied)


def _keep_seats(world: World, by: int) -> None:
    """Keep seats of the first coming slot that has enough of them."""
    slot_id = world.session.scalar(
        select(Slot.id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .where(
            Slot.county_id == world.counties[0].id,
            Campaign.stage.in_(CURRENT),
            Slot.starts_on > world.today + LASTS,
            Slot.taken + SEATS < Slot.capacity,
        )
        .order_by(Slot.id)
        .limit(1)
    )
    if slot_id is None:
        return
    org_id, name = world.organisations[0]
    block_id = world.bulk.add(
        Block,
        slot_id=slot_id,
        org_id=org_id,
        code="".join(world.rng.choices(SIGNS, k=CODE_LENGTH)),
        asked=SEATS,
        capacity=SEATS,
        taken=len(MEMBERS),
        queued=0,
        expires_at=world.now + LASTS,
        made_by_id=by,
        made_at=world.now - timedelta(days=2),
    )
    world.session.execute(update(Slot).where(Slot.id == slot_id).values(taken=Slot.taken + SEATS))
    for place, state in enumerate(MEMBERS):
        _sit(world, slot_id, {"block_id": block_id, "org_text": name, "state": state}, place)


def _sit(world: World, slot_id: int, of: dict[str, Any], place: int) -> None:
    """Seat one of its members; who has confirmed is a volunteer of the county already."""
    confirmed = of["state"] is SeatState.CONFIRMED
    mail = f"member{place + 1}@example.org"
    world.bulk.add(
        SignUp,
        slot_id=slot_id,
        contact=mail,
        email=mail,
        name=f"样例成员{'甲乙丙'[place]}",
        token_hash=ids.digest(world.bulk.secret(32)),
        created_at=world.now - timedelta(hours=5),
        expires_at=world.now + timedelta(hours=40),
        confirmed_at=world.now - timedelta(hours=4) if confirmed else None,
        person_id=world.helpers[place].person_id if confirmed else None,
        **of,
    )
