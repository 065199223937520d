"""Taking a seat without an account, waiting for one, and giving it back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaigns.posters.queries import known_at
from campaigns.seats.labels import said
from campaigns.seats.rules import (
    GONE,
    Act,
    Party,
    Seats,
    SeatState,
    Why,
    can,
)
from campaigns.signups.models import SignUp
from campaigns.signups.queries import Standing, standing
from campaigns.signups.readiness.queries import terms
from campaigns.signups.seating.services import line_up, seat
from campaigns.signups.telling.services import tell
from core import clock, ids, limits
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.limits import Limit

PER_CONTACT_MINUTE = Limit("sign_up_contact_minute", 1, 60)
PER_CONTACT_DAY = Limit("sign_up_contact_day", 3, 24 * 3600)
PER_ADDRESS = Limit("sign_up_address", 60, 3600)
"""Wide: a campus shares one address. Numbers of our own design (safety.md T17)."""
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
    source: str = ""
    """The tag that the address carried: counted if a place of the campaign has it."""

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
    asked = terms()
    with transaction():
        slot = standing(slot_uid)
        late = asked.too_late(slot.needs, slot.starts_on, slot.ends_on)
        party = Party(wish.party, late=late)
        waits = queues(party, slot.seats, wishes=wish.queue)
        enter(slot, wish, party, queues=waits, hours=asked.hold_hours)


def queues(party: Party, seats: Seats, *, wishes: bool) -> bool:
    """Whether a party is to queue, and not to sit. Raises RuleBroken when it can do neither."""
    against = can(party, Act.JOIN, seats)
    if against and not (wishes and can(party, Act.QUEUE, seats) is None):
        raise RuleBroken(said(against))
    return against is not None


def enter(
    slot: Standing,
    wish: Wish,
    party: Party,
    *,
    queues: bool,
    hours: int,
    person_id: int | None = None,
) -> SignUp | None:
    """Write a sign-up with its seats or its place in the queue, in the caller's transaction.

    So many hours a seat is kept until it has been confirmed. The caller holds the slot. None when
    the contact has a place there already.
    """
    secret = ids.token()
    with transaction() as session:
        ticket = slot.next_ticket if queues else None
        block_id = None if queues else slot.block_id
        until = clock.now() + timedelta(hours=hours)
        of = _of(party, person_id) | {"block_id": block_id, "expires_at": until}
        found = _write(session, slot.slot_id, wish, secret, ticket=ticket, **of)
        if found is None:
            return None
        if queues:
            line_up(session, slot.slot_id)
        elif not seat(session, slot.slot_id, party, block_id):
            raise RuleBroken(said(Why.FULL))
        if person_id is None or queues:
            tell(session, found, secret, slot.named)
    return found


def _of(party: Party, person_id: int | None) -> dict[str, Any]:
    return {"woman": party.woman, "experienced": party.experienced, "person_id": person_id}


def _write(
    session: Session, slot_id: int, wish: Wish, secret: str, *, ticket: int | None, **of: Any
) -> SignUp | None:
    """Write the sign-up, or revive a lapsed one; None when the contact already has a place.

    What is returned says what was written, and is not read again.
    """
    values: dict[str, Any] = of | {
        "name": wish.name,
        "phone": wish.phone,
        "email": wish.email,
        "org_text": wish.org_text,
        "source": known_at(slot_id, wish.source),
        "language": wish.language,
        "party": wish.party,
        "ticket": ticket,
        "token_hash": ids.digest(secret),
        "state": SeatState.HELD if ticket is None else SeatState.WAITING,
        "created_at": clock.now(),
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
