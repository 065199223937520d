"""The seats of a group as its members see them."""

from dataclasses import replace

from sqlalchemy import select

from campaigns.blocks.queries import Kept, behind
from campaigns.models import Slot
from campaigns.rules import Door, Recruitment
from campaigns.seats.rules import Seats
from campaigns.signups.queries import Joining, Standing, joining
from campaigns.signups.readiness.queries import needs_of
from core import clock
from core.db import hold


def seats_of(kept: Kept) -> Seats:
    """Return what a group has left; nothing is kept back for anybody within it."""
    campaign, block = kept.campaign, kept.block
    recruitment = Recruitment(campaign.stage, campaign.recruit_from, campaign.recruit_until)
    today = clock.today()
    door = recruitment.door(today, block.capacity - block.taken)
    if not kept.is_open or kept.slot.ends_on < today:
        door = Door.CLOSED
    return Seats(door, block.capacity, block.taken, kept.slot.most_party)


def standing_of(code: str) -> Standing:
    """Return how a group's seats stand, its slot held until the commit. Raises NotYours."""
    slot_id = behind(code).slot.id
    hold(select(Slot.id).where(Slot.id == slot_id))
    kept = behind(code)
    slot = kept.slot
    return Standing(
        slot_id,
        seats_of(kept),
        slot.queued + 1,
        needs_of(slot),
        slot.starts_on,
        slot.ends_on,
        kept.block.id,
    )


def wanted_by(kept: Kept) -> Joining:
    """Return the slot for the page where a member gives their name."""
    wanted, seats = joining(kept.slot.uid), seats_of(kept)
    offer = replace(wanted.offer, seats=seats, left=seats.left, door=seats.door)
    return replace(wanted, offer=offer)
