"""Calls, parcels and the two people who receive each of them."""

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from accounts.rules import Actor
from campaigns.seats.rules import UNCONFIRMED, SeatState
from campaigns.wishes.desk.queries import visible
from campaigns.wishes.models import WishClaim
from campaigns.wishes.rules import Check, drop_off_code
from campaigns.wishes.services import keep, let_go
from campaigns.wishes.telling.services import (
    ARRIVED,
    GIVEN,
    code_hash,
    renew,
    take_back,
    tell,
)
from core import audit, clock
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.scopes import find


def confirm_by_call(uid: str, *, by: Actor) -> None:
    """Keep the wish for somebody who was called."""
    with transaction() as session:
        find(WishClaim, uid, by)
        keep(session, (WishClaim.uid == uid) & WishClaim.email.is_(None))
        audit.record("confirm_wish_claim", "wish_claim", uid, by=by.id)


def new_code(uid: str, *, by: Actor) -> str:
    """Return other digits for somebody who was called; those before are worth nothing."""
    with transaction() as session:
        found = find(WishClaim, uid, by)
        fresh = session.scalars(
            select(WishClaim)
            .where(
                WishClaim.id == found.id,
                WishClaim.state == SeatState.CONFIRMED,
                WishClaim.email.is_(None),
            )
            .with_for_update()
        ).first()
        if fresh is None:
            raise NotYours
        audit.record("make_drop_off_code", "wish_claim", uid, by=by.id)
        return drop_off_code(renew(fresh))


def drop(uid: str, *, by: Actor) -> None:
    """Let go of the wish of somebody who, when called, does not want to bring it."""
    with transaction() as session:
        found = find(WishClaim, uid, by)
        which = (WishClaim.id == found.id) & WishClaim.email.is_(None)
        unconfirmed = which & WishClaim.state.in_(UNCONFIRMED)
        if not let_go(session, [found.wish_id], unconfirmed, SeatState.CANCELLED):
            raise NotYours
        audit.record("drop_wish_claim", "wish_claim", uid, by=by.id)


def look_up(code: str, *, by: Actor) -> str:
    """Return the uid of the claim that a parcel's digits belong to. Raises RuleBroken."""
    found = db.session.scalars(
        select(WishClaim.uid).where(
            WishClaim.code_hash == code_hash(code),
            WishClaim.state == SeatState.CONFIRMED,
            visible(by),
        )
    ).all()
    if len(found) != 1:
        raise RuleBroken(_("没有等着送来的东西是这个送达码，请核对八位数字"))
    return found[0]


def arrive(uid: str, code: str, checks: frozenset[Check], *, by: Actor) -> None:
    """Take a parcel in that is in order: the first of two people. Raises RuleBroken."""
    if checks != frozenset(Check):
        raise RuleBroken(_("四项都要看过；有一项不对，请当面退回"))
    with transaction() as session:
        find(WishClaim, uid, by)
        confirmed = (WishClaim.uid == uid) & (WishClaim.state == SeatState.CONFIRMED)
        found = _move(
            session,
            confirmed & (WishClaim.code_hash == code_hash(code)),
            state=SeatState.ARRIVED,
            arrived_at=clock.now(),
            arrived_by_id=by.id,
        )
        if found is None:
            raise RuleBroken(_("送达码不对，或者这件东西已经登记过"))
        take_back(found)
        tell(session, found, ARRIVED)
        fields = sorted(check.value for check in checks)
        audit.record("take_in_parcel", "wish_claim", uid, by=by.id, fields=fields)


def hand_over(uid: str, *, by: Actor) -> None:
    """Say that the thing has been handed over: the second of two people. Raises RuleBroken."""
    with transaction() as session:
        before = find(WishClaim, uid, by)
        if before.arrived_by_id == by.id:
            raise RuleBroken(_("东西是您收下的，要由另一个人确认转交"))
        found = _move(
            session,
            (WishClaim.uid == uid)
            & (WishClaim.state == SeatState.ARRIVED)
            & (WishClaim.arrived_by_id != by.id),
            state=SeatState.COMPLETED,
            completed_at=clock.now(),
            completed_by_id=by.id,
        )
        if found is None:
            raise RuleBroken(_("这件东西还没有收下，或者已经转交过"))
        tell(session, found, GIVEN)
        audit.record("hand_over_parcel", "wish_claim", uid, by=by.id)


def _move(session: Session, which: ColumnElement[bool], **values: object) -> WishClaim | None:
    """Change the claim if it is still so; of any number of callers exactly one does."""
    moved = session.scalar(
        update(WishClaim)
        .where(which)
        .values(**values)
        .returning(WishClaim.id)
        .execution_options(synchronize_session=False)
    )
    return session.get_one(WishClaim, moved, populate_existing=True) if moved else None
