"""Who sits, who waits, and who is next: all in the transaction that changes it.

Whoever gives a seat back lets the queue move in the same transaction, so that no free seat is
ever seen beside somebody who waits for it. Of those who wait the first who fits is offered the
seat; a party too large for what is free keeps its place and is passed by, and so is, for an
offer that reaches into the day itself, whoever has not done what the slot asks for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Integer, bindparam, case, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.blocks.models import Block
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import CURRENT, OFFER_HOURS, OFFER_MINUTES, Door
from campaigns.seats.rules import Party, SeatState
from campaigns.seats.services import SEATS, give_back, next_number, take, taking
from campaigns.signups.day.queries import hours_of
from campaigns.signups.models import SignUp
from campaigns.signups.queries import seats_of
from campaigns.signups.seating.queries import may_come
from campaigns.signups.seating.rules import offer_until
from campaigns.signups.telling.services import renew, tell
from core import clock
from core.db import UtcDateTime, hold
from core.parameters import value_on
from core.zone import CHINA

LOOKED_AT = 50
"""So many of a queue are asked whether a seat fits them; behind them nobody is passed by."""


def _still_lacking(
    least: InstrumentedAttribute[int], known: InstrumentedAttribute[int], one: ColumnElement[int]
) -> ColumnElement[int]:
    """Return how many seats stay kept for those whom the slot still lacks."""
    return case((known + one < least, least - known - one), else_=0)


_WOMAN, _EXPERIENCED = bindparam("a_woman", type_=Integer), bindparam("an_old_hand", type_=Integer)
_TAKING = taking(
    Slot,
    *(
        Slot.taken + SEATS + _still_lacking(least, known, one) <= Slot.capacity
        for least, known, one in (
            (Slot.least_women, Slot.women, _WOMAN),
            (Slot.least_experienced, Slot.experienced, _EXPERIENCED),
        )
    ),
    women=Slot.women + _WOMAN,
    experienced=Slot.experienced + _EXPERIENCED,
)


_TAKING_OF_BLOCK = taking(
    Block, Block.released_at.is_(None), Block.expires_at > bindparam("now", type_=UtcDateTime())
)


def seat(session: Session, slot_id: int, party: Party, block_id: int | None = None) -> bool:
    """Take a party's seats if the slot, or a group's block in it, has them; whether it has."""
    known = {"a_woman": int(party.woman), "an_old_hand": int(party.experienced)}
    if block_id is None:
        return take(session, _TAKING, slot_id, party.size, **known)
    if not take(session, _TAKING_OF_BLOCK, block_id, party.size, now=clock.now()):
        return False
    if any(known.values()):
        back = {"women": -known["a_woman"], "experienced": -known["an_old_hand"]}
        give_back(session, Slot, {slot_id: back})
    return True


def hold_slots(which: ColumnElement[bool]) -> None:
    """Lock the slots of some sign-ups before these are read: nobody then moves them but us.

    Everybody locks in this order: slots, sign-ups, the person, the day's counters.
    """
    of_those = select(SignUp.slot_id).where(which)
    hold(select(Slot.id).where(Slot.id.in_(of_those)).order_by(Slot.id))


def know(session: Session, one: SignUp, party: Party) -> None:
    """Count what has become known of somebody who already sits; it may free a kept seat."""
    grown = {
        "women": int(party.woman) - int(one.woman),
        "experienced": int(party.experienced) - int(one.experienced),
    }
    if any(grown.values()):
        give_back(session, Slot, {one.slot_id: {name: -by for name, by in grown.items()}})
        one.woman, one.experienced = party.woman, party.experienced
        advance(session, one.slot_id)


def line_up(session: Session, slot_id: int) -> int:
    """Return the next place in the queue of a slot."""
    return next_number(session, Slot, slot_id)


def free(session: Session, left: Iterable[SignUp]) -> None:
    """Give back the seats of sign-ups that have left, and let the queues move.

    A seat that is kept for a group goes back to it, and to the slot once the time is over.
    """
    freed: dict[int, Counter[str]] = defaultdict(Counter)
    for one in left:
        passed_on = one.block_id is None or _leave_block(session, one.block_id, one.party)
        freed[one.slot_id].update(
            taken=one.party if passed_on else 0,
            women=int(one.woman),
            experienced=int(one.experienced),
        )
    give_back(session, Slot, freed)
    for slot_id in sorted(freed):
        advance(session, slot_id)


def _leave_block(session: Session, block_id: int, seats: int) -> bool:
    """Take seats off a block; return whether it has ended and they are the slot's again."""
    ended = Block.released_at.is_not(None)
    released_at = session.execute(
        update(Block)
        .where(Block.id == block_id)
        .values(
            taken=Block.taken - seats,
            capacity=case((ended, Block.capacity - seats), else_=Block.capacity),
        )
        .returning(Block.released_at)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    return released_at is not None


def advance(session: Session, slot_id: int) -> int:
    """Offer what is free to those who wait, in their order; return to how many parties.

    The slot's row is locked before the queue is read: two who free seats do not offer one twice.
    """
    slot = session.get_one(Slot, slot_id, with_for_update=True, populate_existing=True)
    campaign = session.get_one(Campaign, slot.campaign_id)
    if slot.taken >= slot.capacity or campaign.stage not in CURRENT:
        return 0
    made, waiting = 0, session.execute(_WAITING, {"slot": slot_id}).all()
    deadline = _offer_until(session, slot) if waiting else None
    if deadline is None:
        return 0
    people = [one.person_id for one in waiting]
    coming = may_come(slot, people, on=deadline.astimezone(CHINA).date())
    for one in waiting:
        if coming is not None and one.person_id not in coming:
            continue
        party = Party(one.party, woman=one.woman, experienced=one.experienced)
        if not seats_of(slot, Door.OPEN).takes(party):
            continue
        if seat(session, slot_id, party):
            _offer(session, session.get_one(SignUp, one.id), deadline)
            made += 1
            session.refresh(slot)
        if slot.taken >= slot.capacity:
            break
    return made


_WAITING = (
    select(SignUp.id, SignUp.person_id, SignUp.party, SignUp.woman, SignUp.experienced)
    .where(SignUp.slot_id == bindparam("slot"), SignUp.state == SeatState.WAITING)
    .order_by(SignUp.ticket)
    .limit(LOOKED_AT)
)


def _offer_until(session: Session, slot: Slot) -> datetime | None:
    """Return until when a seat is kept for somebody in the queue; None when it is too late."""
    now, today = clock.now(), clock.today()
    hours = hours_of(slot, session.get_one(Activity, slot.activity_id))
    ends_at = hours.takes_in_until(now)
    if ends_at is None:
        return None
    longest = timedelta(hours=value_on(OFFER_HOURS, today))
    least = timedelta(minutes=value_on(OFFER_MINUTES, today))
    return offer_until(now, ends_at, longest=longest, least=least)


def _offer(session: Session, one: SignUp, until: datetime) -> None:
    moved = session.scalar(
        update(SignUp)
        .where(SignUp.id == one.id, SignUp.state == SeatState.WAITING)
        .values(state=SeatState.OFFERED, expires_at=until)
        .returning(SignUp.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:  # has left the queue in this very moment
        free(session, [one])
        return
    session.refresh(one)
    secret = renew(one)
    tell(session, one, secret)
