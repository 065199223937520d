"""Taking a seat without an account, and giving it back.

The link's secret is 256 random bits. Only its digest is stored with the sign-up; the ledger of
messages holds it sealed for that one sign-up, so neither table alone opens the link.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from accounts.rules import Actor
from campaigns.models import Campaign, Slot
from campaigns.rules import FORGET_DAYS, HOLD_HOURS, Door, SignUpState
from campaigns.signups.models import SignUp
from campaigns.signups.queries import Joining, in_reach, joining
from core import audit, clock, ids
from core.crypto import sealer
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.parameters import value_on
from messages.services import Notice, plan

KIND, CALLED_OFF = "sign_up_confirm", "sign_up_called_off"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody tells us to join a slot; the contact is a phone number or an address."""

    name: str
    contact: str
    org_text: str
    language: str = "zh_Hans"

    @property
    def email(self) -> str | None:
        return self.contact if "@" in self.contact else None

    @property
    def phone(self) -> str | None:
        return None if self.email else self.contact


def place_of(sign_up_uid: str) -> str:
    """Return the place that a link's secret is sealed for."""
    return f"sign_ups.token/{sign_up_uid}"


def place_in(params: Mapping[str, Any]) -> str:
    """Return the place of the secret that a message's params carry."""
    return place_of(str(params["sign_up"]))


def link_secret(sealed: str, sign_up_uid: str) -> str:
    """Return the secret of a confirmation link, for the message that carries it."""
    return sealer().open(sealed, place_of(sign_up_uid))


def sign_up(slot_uid: str, wish: Wish) -> None:
    """Hold a seat until the contact has been confirmed. Raises RuleBroken when none is left.

    A contact that already has a seat there changes nothing and is told nothing else.
    """
    with transaction() as session:
        wanted = joining(slot_uid)
        _may_join(wanted.offer.door)
        slot_id = session.scalars(select(Slot.id).where(Slot.uid == slot_uid)).one()
        secret = ids.token()
        found = _hold(session, slot_id, wish, secret)
        if found is None:
            return
        _take_seat(session, slot_id)
        if wish.email:
            sealed = sealer().seal(secret, place_of(found.uid))
            plan([_confirmation(wanted, found, sealed)])


def _may_join(door: Door) -> None:
    if door is Door.FULL:
        raise RuleBroken(_("这个名额已满，请换一个。如果您已报过名，请查看邮箱或等候电话"))
    if door is Door.UPCOMING:
        raise RuleBroken(_("报名还没有开始"))
    if door is Door.CLOSED:
        raise RuleBroken(_("报名已结束"))


def _hold(session: Session, slot_id: int, wish: Wish, secret: str) -> SignUp | None:
    """Write the sign-up, or revive a lapsed one; None when the contact already has a seat."""
    now = clock.now()
    values: dict[str, Any] = {
        "name": wish.name,
        "phone": wish.phone,
        "email": wish.email,
        "org_text": wish.org_text,
        "language": wish.language,
        "token_hash": ids.digest(secret),
        "state": SignUpState.PENDING,
        "created_at": now,
        "expires_at": now + timedelta(hours=value_on(HOLD_HOURS, clock.today())),
    }
    made = insert_once(
        SignUp, slot_id=slot_id, contact=wish.contact, uid=ids.uid(), **values
    ) or session.scalar(
        update(SignUp)
        .where(
            SignUp.slot_id == slot_id,
            SignUp.contact == wish.contact,
            SignUp.state.in_((SignUpState.EXPIRED, SignUpState.CANCELLED)),
        )
        .values(**values, person_id=None, confirmed_at=None)
        .returning(SignUp.id)
    )
    return session.get_one(SignUp, made) if made else None


def _take_seat(session: Session, slot_id: int) -> None:
    """Take a seat; the WHERE of this UPDATE is what keeps a slot from being oversold."""
    taken = session.scalar(
        update(Slot)
        .where(Slot.id == slot_id, Slot.taken < Slot.capacity)
        .values(taken=Slot.taken + 1)
        .returning(Slot.id)
    )
    if taken is None:
        _may_join(Door.FULL)


def _confirmation(wanted: Joining, found: SignUp, sealed: str) -> Notice:
    """Return the message with the link. It holds no name: anybody may type anybody's address."""
    return Notice(
        kind=KIND,
        key=f"sign_up/{found.uid}/{found.token_hash[:12]}",
        params={
            "sign_up": found.uid,
            "sealed": sealed,
            "campaign": wanted.title,
            "county": wanted.offer.county,
            "hours": round((found.expires_at - found.created_at) / timedelta(hours=1)),
        },
        due_at=clock.now(),
        expire_at=found.expires_at,
        address=found.email,
        language=found.language,
        urgent=True,
    )


def drop(uid: str, *, by: Actor) -> None:
    """Let go of the seat of somebody who, when called, does not want to come."""
    with transaction() as session:
        slot_id = session.scalar(
            update(SignUp)
            .where(
                SignUp.uid == uid,
                SignUp.state == SignUpState.PENDING,
                SignUp.email.is_(None),
                SignUp.slot_id.in_(select(Slot.id).where(in_reach(by))),
            )
            .values(state=SignUpState.CANCELLED)
            .returning(SignUp.slot_id)
        )
        if slot_id is None:
            raise NotYours
        _give_back(session, [slot_id])
        audit.record("drop_sign_up", "sign_up", uid, by=by.id)


def expire_pending() -> int:
    """Give back the seats of sign-ups nobody confirmed in time; return how many.

    Later the sign-ups themselves are forgotten: nobody keeps a name for nothing.
    """
    now = clock.now()
    with transaction() as session:
        lapsed = session.scalars(
            update(SignUp)
            .where(SignUp.state == SignUpState.PENDING, SignUp.expires_at <= now)
            .values(state=SignUpState.EXPIRED)
            .returning(SignUp.slot_id)
        ).all()
        _give_back(session, lapsed)
        kept = timedelta(days=value_on(FORGET_DAYS, clock.today()))
        session.execute(
            delete(SignUp).where(
                SignUp.state.in_((SignUpState.EXPIRED, SignUpState.CANCELLED)),
                SignUp.person_id.is_(None),
                SignUp.expires_at <= now - kept,
            )
        )
    return len(lapsed)


def _give_back(session: Session, slot_ids: Sequence[int]) -> None:
    for slot_id, seats in sorted(Counter(slot_ids).items()):
        session.execute(update(Slot).where(Slot.id == slot_id).values(taken=Slot.taken - seats))


def call_off(campaign_id: int) -> None:
    """Let go of what waits for a confirmation, and tell everybody who has joined.

    Joins the transaction that cancels the campaign.
    """
    with transaction() as session:
        campaign = session.get_one(Campaign, campaign_id)
        slots = select(Slot.id).where(Slot.campaign_id == campaign_id)
        pending = session.scalars(
            update(SignUp)
            .where(SignUp.state == SignUpState.PENDING, SignUp.slot_id.in_(slots))
            .values(state=SignUpState.CANCELLED)
            .returning(SignUp.slot_id)
        ).all()
        _give_back(session, pending)
        joined = session.scalars(
            select(SignUp.person_id)
            .where(SignUp.state == SignUpState.CONFIRMED, SignUp.slot_id.in_(slots))
            .distinct()
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
