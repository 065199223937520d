"""Stepping back from a seat or the queue, and lapsing: what is free goes to the next."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from accounts.models import Person
from accounts.rules import Actor
from campaigns.funnel.services import keep_held
from campaigns.models import Campaign, Slot
from campaigns.numbers.queries import joined_first
from campaigns.numbers.services import count
from campaigns.rules import FORGET_DAYS, Measure
from campaigns.seats.labels import said
from campaigns.seats.rules import (
    GONE,
    LEAVING,
    SEATED,
    UNCONFIRMED,
    SeatState,
    Why,
)
from campaigns.signups.models import SignUp
from campaigns.signups.queries import visible
from campaigns.signups.seating.services import free, hold_slots
from campaigns.signups.telling.services import take_back
from core import audit, clock, ids
from core.db import db, hold, transaction
from core.errors import NotYours, RuleBroken
from core.parameters import value_on
from messages.services import Notice, plan

CALLED_OFF = "sign_up_called_off"


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


def withdraw(which: ColumnElement[bool]) -> int:
    """Let go of seats that nobody has confirmed yet, in the caller's transaction; how many."""
    with transaction() as session:
        unsure = which & SignUp.state.in_(UNCONFIRMED)
        hold_slots(unsure)
        left = _gone(session, unsure, SeatState.CANCELLED)
        free(session, left)
        return len(left)


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
        forgotten = session.execute(
            delete(SignUp)
            .where(
                SignUp.state.in_(GONE),
                SignUp.person_id.is_(None),
                SignUp.expires_at <= now - kept,
            )
            .returning(SignUp.slot_id, SignUp.created_at, SignUp.source, SignUp.party)
            .execution_options(synchronize_session=False)
        )
        keep_held((slot, at, source, party) for slot, at, source, party in forgotten)
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
