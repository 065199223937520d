"""Asking whether people still come, and taking their answer.

The link carries 256 bits made from our own key and the sign-up, so that the second question opens
the same page as the first; only its digest is stored, and the ledger holds it sealed.
"""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session

from accounts.rules import Actor
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import CURRENT
from campaigns.seats.labels import said
from campaigns.seats.rules import SeatState, Why
from campaigns.signups.day.queries import hours_of
from campaigns.signups.day.rules import Hours
from campaigns.signups.leaving.services import let_go
from campaigns.signups.models import SignUp
from campaigns.signups.promises import queries
from campaigns.signups.promises.rules import BEFORE, FIRST, Answer, turn
from campaigns.signups.queries import visible
from campaigns.signups.seating.services import hold_slots
from campaigns.signups.telling.services import SUBJECT, place_of, take_back
from core import audit, clock, ids
from core.crypto import sealer
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.zone import CHINA
from messages.services import Notice, open_subject, plan
from places.models import Area

KIND = "sign_up_promise"
AT_ONCE = 200
"""So many are asked in one transaction; the next turn takes the rest."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """A slot whose people are asked now, and what the question says of it."""

    slot_id: int
    turn: int
    hours: Hours
    params: dict[str, Any]


def ask_due() -> int:
    """Ask whoever has not said yet whether they come; return how many were asked.

    Nobody is asked who has confirmed the seat later than the question was due.
    """
    return sum(_ask(one) for one in _due(clock.now(), clock.today()))


def _due(now: datetime, today: date) -> Sequence[_Asking]:
    with transaction() as session:
        found = session.execute(
            select(Slot, Activity, Campaign, Area)
            .join(Activity, Activity.id == Slot.activity_id)
            .join(Campaign, Campaign.id == Slot.campaign_id)
            .join(Area, Area.id == Slot.county_id)
            .where(
                Campaign.stage.in_(CURRENT),
                Slot.starts_on.between(today, today + FIRST + timedelta(days=1)),
                exists().where(
                    SignUp.slot_id == Slot.id,
                    SignUp.state == SeatState.CONFIRMED,
                    SignUp.promised_at.is_(None),
                    SignUp.asked < max(BEFORE),
                ),
            )
            .order_by(Slot.starts_on, Slot.id)
        ).all()
        asked = []
        for row in found:
            hours = hours_of(row.Slot, row.Activity)
            which = turn(hours.begins_at, now)
            if which:
                params = _params(row.Slot, hours, row.Campaign, row.Area)
                asked.append(_Asking(row.Slot.id, which, hours, params))
    return asked


def _params(slot: Slot, hours: Hours, campaign: Campaign, area: Area) -> dict[str, Any]:
    first = hours.begins_at.astimezone(CHINA)
    return {
        "campaign": campaign.title,
        "campaign_en": campaign.title_en,
        "county": area.name,
        "county_en": area.name_en,
        "place": slot.place,
        "when": f"{first:%Y-%m-%d %H:%M}" if hours.fixed else f"{first:%Y-%m-%d}",
    }


def _ask(asking: _Asking) -> int:
    """Ask the people of one slot: the UPDATE that counts the question is the lock."""
    now = clock.now()
    due_at = asking.hours.begins_at - BEFORE[asking.turn]
    confirmed_at = func.coalesce(SignUp.confirmed_at, SignUp.created_at)
    with transaction() as session:
        some = (
            select(SignUp.id)
            .where(
                SignUp.slot_id == asking.slot_id,
                SignUp.state == SeatState.CONFIRMED,
                SignUp.promised_at.is_(None),
                SignUp.asked < asking.turn,
                confirmed_at <= due_at,
            )
            .order_by(SignUp.id)
            .limit(AT_ONCE)
        )
        asked = session.scalars(
            update(SignUp)
            .where(SignUp.id.in_(some), SignUp.asked < asking.turn)
            .values(asked=asking.turn, asked_at=now)
            .returning(SignUp.id)
            .execution_options(synchronize_session=False)
        ).all()
        people = session.scalars(
            select(SignUp)
            .where(SignUp.id.in_(asked))
            .order_by(SignUp.id)
            .execution_options(populate_existing=True)
        ).all()
        plan([notice for one in people for notice in _notices(one, asking, now)])
    return len(asked)


def _notices(one: SignUp, asking: _Asking, now: datetime) -> list[Notice]:
    secret = secret_of(one)
    one.promise_hash = ids.digest(secret)
    if one.email is None and one.person_id is None:
        return []
    open_subject(SUBJECT, one.uid)
    begins_at = asking.hours.begins_at
    until = begins_at - BEFORE[2] if asking.turn == 1 else begins_at
    return [
        Notice(
            kind=KIND,
            key=f"{KIND}/{one.uid}/{one.promise_hash[:12]}/{asking.turn}",
            params=asking.params
            | {
                "sign_up": one.uid,
                "sealed": sealer().seal(secret, place_of(one.uid)),
                "again": asking.turn > 1,
            },
            due_at=now,
            expire_at=until,
            person_id=one.person_id,
            address=None if one.person_id else one.email,
            language=one.language,
            subject=(SUBJECT, one.uid),
        )
    ]


def secret_of(one: SignUp) -> str:
    """Return the secret of a sign-up's link; whoever comes back after leaving has another one."""
    _key_id, key = sealer().derived("promise")
    told = f"{one.uid}/{one.created_at.isoformat()}"
    digest = hmac.digest(key, told.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def answer(secret: str, said_so: Answer) -> None:
    """Take the answer that somebody gives by the link. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = queries.asked(secret)
        if not found.open:
            raise RuleBroken(said(Why.NOT_IN))
        _take(session, SignUp.promise_hash == ids.digest(secret), said_so, by=None)


def answer_for(uid: str, said_so: Answer, *, by: Actor) -> None:
    """Take the answer that somebody gives the coordinator on the telephone."""
    with transaction() as session:
        _take(session, (SignUp.uid == uid) & visible(by), said_so, by=by.id)


def _take(session: Session, which: ColumnElement[bool], said_so: Answer, *, by: int | None) -> None:
    """Keep a promise, or give the seat to the next who waits: one after the other."""
    hold_slots(which)
    state = session.scalar(select(SignUp.state).where(which))
    if state is None:
        raise NotYours
    if state is SeatState.CONFIRMED and said_so is Answer.STAYS:
        let_go(which & (SignUp.state == SeatState.CONFIRMED), by=by)
        return
    promised = session.scalar(
        update(SignUp)
        .where(which, SignUp.state == SeatState.CONFIRMED)
        .values(promised_at=clock.now())
        .returning(SignUp.id)
        .execution_options(synchronize_session=False)
    )
    if promised is None:
        raise RuleBroken(said(Why.NOT_IN))
    one = session.get_one(SignUp, promised, populate_existing=True)
    take_back([one])
    audit.record("promise", "sign_up", one.uid, by=by or one.person_id, fields=["promised_at"])
