"""Taking a seat without an account, waiting for one, and giving it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from accounts.models import Person
from accounts.rules import Actor
from campaigns.models import Campaign, Slot
from campaigns.numbers.queries import joined_first
from campaigns.numbers.services import count
from campaigns.rules import FORGET_DAYS, HOLD_HOURS, Measure
from campaigns.seats.labels import said
from campaigns.seats.rules import (
    GONE,
    LEAVING,
    SEATED,
    UNCONFIRMED,
    Act,
    Party,
    Seats,
    SeatState,
    Why,
    can,
)
from campaigns.signups.models import SignUp
from campaigns.signups.queries import Standing, standing, visible
from campaigns.signups.seating.services import free, hold_slots, line_up, seat
from campaigns.signups.telling.services import take_back, tell
from core import audit, clock, ids, limits
from core.db import db, hold, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.limits import Limit
from core.parameters import value_on
from messages.services import Notice, plan

PER_CONTACT_MINUTE = Limit("sign_up_contact_minute", 1, 60)
PER_CONTACT_DAY = Limit("sign_up_contact_day", 3, 24 * 3600)
PER_ADDRESS = Limit("sign_up_address", 60, 3600)
"""Wide: a campus shares one address. Numbers of our own design (safety.md T17)."""
CALLED_OFF = "sign_up_called_off"
NEVER_ASKED: dict[str, Any] = {
    "asked": 0,
    "asked_at": None,
    "promised_at": None,
    "promise_hash": None,
}
"""Of somebody who comes back: an answer of before counts no more, nor does its link."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody tells us to join a slot; the contact is a phone number or an address."""

    name: str
    contact: str
    org_text: str
    language: str = "zh_Hans"
    party: int = 1
    queue: bool = False
    """Whether to wait in the queue when there is no seat."""

    @property
    def email(self) -> str | None:
        return self.contact if "@" in self.contact else None

    @property
    def phone(self) -> str | None:
        return None if self.email else self.contact


def may_write_to(contact: str, *, address: str) -> bool:
    """Count a sign-up, known contact or not; return whether it may cause another message or call.

    Anybody may type anybody's contact: one a minute and three a day are taken, the rest are
    answered in the same way and left alone. Raises TooMany for the place they come from.
    """
    day, minute = PER_CONTACT_DAY.of(contact), PER_CONTACT_MINUTE.of(contact)
    refused = limits.count(PER_ADDRESS.of(address), minute, day)
    if refused is not None and refused.limit is PER_ADDRESS:
        raise refused
    return refused is None


def sign_up(slot_uid: str, wish: Wish) -> None:
    """Hold a seat until the contact has been confirmed, or queue for one if that is wished.

    A contact that already has a place there changes nothing and is told nothing else. Raises
    RuleBroken with what stands against it.
    """
    with transaction():
        slot, party = standing(slot_uid), Party(wish.party)
        enter(slot, wish, party, queues=queues(party, slot.seats, wishes=wish.queue))


def queues(party: Party, seats: Seats, *, wishes: bool) -> bool:
    """Whether a party is to queue, and not to sit. Raises RuleBroken when it can do neither."""
    against = can(party, Act.JOIN, seats)
    if against and not (wishes and can(party, Act.QUEUE, seats) is None):
        raise RuleBroken(said(against))
    return against is not None


def enter(
    slot: Standing, wish: Wish, party: Party, *, queues: bool, person_id: int | None = None
) -> SignUp | None:
    """Write a sign-up with its seats or its place in the queue, in the caller's transaction.

    The caller holds the slot. None when the contact has a place there already.
    """
    secret = ids.token()
    with transaction() as session:
        ticket = slot.next_ticket if queues else None
        found = _write(session, slot.slot_id, wish, secret, ticket=ticket, **_of(party, person_id))
        if found is None:
            return None
        if queues:
            line_up(session, slot.slot_id)
        elif not seat(session, slot.slot_id, party):
            raise RuleBroken(said(Why.FULL))
        if person_id is None or queues:
            tell(session, found, secret)
    return found


def _of(party: Party, person_id: int | None) -> dict[str, Any]:
    return {"woman": party.woman, "experienced": party.experienced, "person_id": person_id}


def _write(
    session: Session, slot_id: int, wish: Wish, secret: str, *, ticket: int | None, **of: Any
) -> SignUp | None:
    """Write the sign-up, or revive a lapsed one; None when the contact already has a place.

    What is returned says what was written, and is not read again.
    """
    now = clock.now()
    values: dict[str, Any] = of | {
        "name": wish.name,
        "phone": wish.phone,
        "email": wish.email,
        "org_text": wish.org_text,
        "language": wish.language,
        "party": wish.party,
        "ticket": ticket,
        "token_hash": ids.digest(secret),
        "state": SeatState.HELD if ticket is None else SeatState.WAITING,
        "created_at": now,
        "expires_at": now + timedelta(hours=value_on(HOLD_HOURS, clock.today())),
    }
    where = {"slot_id": slot_id, "contact": wish.contact}
    uid = ids.uid()
    made = insert_once(SignUp, uid=uid, **where, **values)
    if made is None:
        revived = session.execute(
            update(SignUp)
            .where(
                SignUp.slot_id == slot_id, SignUp.contact == wish.contact, SignUp.state.in_(GONE)
            )
            .values(**values, confirmed_at=None, **NEVER_ASKED)
            .returning(SignUp.id, SignUp.uid)
            .execution_options(synchronize_session=False)
        ).first()
        if revived is None:
            return None
        made, uid = revived
    return SignUp(id=made, uid=uid, **where, **values)


def drop(uid: str, *, by: Actor) -> None:
    """Let go of the seat of somebody who, when called, does not want to come."""
    with transaction() as session:
        mine = (SignUp.uid == uid) & SignUp.email.is_(None) & visible(by)
        hold_slots(mine)
        left = _gone(session, mine & SignUp.state.in_(UNCONFIRMED), SeatState.CANCELLED)
        if not left:
            raise NotYours
        free(session, left)
        audit.record("drop_sign_up", "sign_up", uid, by=by.id)


def leave(secret: str) -> None:
    """Step back by the link: the seat goes to the next who waits. Raises RuleBroken."""
    with transaction():
        let_go(SignUp.token_hash == ids.digest(secret), by=None)


def leave_own(uid: str, *, by: Actor) -> None:
    """Step back from a sign-up of one's own. Raises RuleBroken."""
    with transaction():
        let_go((SignUp.uid == uid) & (SignUp.person_id == by.id), by=by.id)


def let_go(which: ColumnElement[bool], *, by: int | None) -> None:
    """Leave a seat or the queue, once; whoever comes back queues behind everybody else."""
    with transaction() as session:
        before = _held(session, which)
        if before is None:
            raise NotYours
        if not _cancelled(session, before):
            raise RuleBroken(said(Why.NOT_IN))
        audit.record("leave_sign_up", "sign_up", before.uid, by=by or before.person_id)


def release(which: ColumnElement[bool]) -> bool:
    """Give a kept seat on, in the caller's transaction; return whether there was one."""
    with transaction() as session:
        before = _held(session, which & (SignUp.state == SeatState.CONFIRMED))
        if before is None or not _cancelled(session, before):
            return False
        audit.record("release_sign_up", "sign_up", before.uid, by=None)
        return True


def _held(session: Session, which: ColumnElement[bool]) -> SignUp | None:
    """Return a sign-up, its slot and its person locked in this order."""
    hold_slots(which)
    found = session.scalars(select(SignUp).where(which)).first()
    if found is not None and found.person_id is not None:
        hold(select(Person.id).where(Person.id == found.person_id))
    return found


def _cancelled(session: Session, before: SignUp) -> bool:
    """Take somebody out of the seat or the queue, and out of the count; whether that was done."""
    had_seat, joined = before.state in SEATED, _joined(before)
    mine = (SignUp.id == before.id) & SignUp.state.in_(LEAVING)
    left = _gone(session, mine, SeatState.CANCELLED)
    if left and had_seat:
        free(session, left)
    if left and joined != _joined(before):
        _count_anew(before, joined)
    return bool(left)


def _joined(one: SignUp) -> tuple[int, date] | None:
    """Return where and when the person of a sign-up is counted as joined, if at all."""
    if one.person_id is None:
        return None
    return joined_first(db.session.get_one(Slot, one.slot_id).campaign_id, one.person_id)


def _count_anew(one: SignUp, before: tuple[int, date] | None) -> None:
    campaign_id = db.session.get_one(Slot, one.slot_id).campaign_id
    changes = [(key, by) for key, by in ((before, -1), (_joined(one), 1)) if key is not None]
    for (county_id, day), by in sorted(changes):
        count(campaign_id, county_id, Measure.VOLUNTEERS, day, by=by)


def expire_pending() -> int:
    """Give back the seats nobody confirmed in time, held or offered; return how many sign-ups.

    Later the sign-ups themselves are forgotten: nobody keeps a name for nothing.
    """
    now = clock.now()
    with transaction() as session:
        late = SignUp.state.in_(UNCONFIRMED) & (SignUp.expires_at <= now)
        hold_slots(late)
        lapsed = _gone(session, late, SeatState.ABANDONED)
        free(session, lapsed)
        kept = timedelta(days=value_on(FORGET_DAYS, clock.today()))
        session.execute(
            delete(SignUp).where(
                SignUp.state.in_(GONE),
                SignUp.person_id.is_(None),
                SignUp.expires_at <= now - kept,
            )
        )
    return len(lapsed)


def _gone(session: Session, which: ColumnElement[bool], state: SeatState) -> Sequence[SignUp]:
    """Move sign-ups out of their seats or the queue; return those that this call moved."""
    moved = session.scalars(
        update(SignUp)
        .where(which)
        .values(state=state)
        .returning(SignUp.id)
        .execution_options(synchronize_session=False)
    ).all()
    gone = session.scalars(
        select(SignUp).where(SignUp.id.in_(moved)).execution_options(populate_existing=True)
    ).all()
    take_back(one for one in gone if one.asked)
    return gone


def call_off(campaign_id: int) -> None:
    """Let go of whatever is not confirmed, and tell everybody who has joined.

    Joins the transaction that cancels the campaign.
    """
    with transaction() as session:
        campaign = session.get_one(Campaign, campaign_id)
        here = SignUp.slot_id.in_(select(Slot.id).where(Slot.campaign_id == campaign_id))
        hold_slots(here)
        _gone(session, here & (SignUp.state == SeatState.WAITING), SeatState.CANCELLED)
        free(session, _gone(session, here & SignUp.state.in_(UNCONFIRMED), SeatState.CANCELLED))
        take_back(session.scalars(select(SignUp).where(here, SignUp.asked > 0)).all())
        joined = session.scalars(
            select(SignUp.person_id).where(here, SignUp.state == SeatState.CONFIRMED).distinct()
        ).all()
        now = clock.now()
        plan(
            [
                Notice(
                    kind=CALLED_OFF,
                    key=f"called_off/{campaign.uid}/{person_id}",
                    params={"campaign": campaign.title, "campaign_en": campaign.title_en},
                    due_at=now,
                    expire_at=now + timedelta(days=7),
                    person_id=person_id,
                )
                for person_id in joined
            ]
        )
