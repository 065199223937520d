"""Noting who has come and gone; each press is one guarded UPDATE, so that any number make one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from accounts.rules import SITE, Actor
from campaigns.models import Activity, Campaign, Slot
from campaigns.numbers.services import count
from campaigns.rules import PUBLIC, Measure, SlotKind, Timing
from campaigns.seats.rules import KEPT, SeatState
from campaigns.signups.day import queries
from campaigns.signups.day.codes import queries as codes
from campaigns.signups.day.labels import WHYS, Why
from campaigns.signups.day.rules import (
    CHANGES,
    ENTER_WITHIN,
    GRACE,
    UNDO,
    Move,
    opens,
    served,
)
from campaigns.signups.models import SignUp
from core import audit, clock
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.limits import Limit
from core.logs import log
from core.zone import CHINA
from volunteers.hours.models import HourEntry
from volunteers.hours.services import credit
from volunteers.models import Volunteer

CODE_TRIES = Limit("day_code", 10, 300)
"""A million codes, two of them right: ten tries hit one in fifty thousand times."""
SOURCE = "slot"
AT_ONCE = 500
"""So many are looked at in one go; the next turn takes the rest."""


@dataclass(frozen=True, slots=True)
class Times:
    """When somebody came and left, as the list on paper says."""

    arrived: datetime
    left: datetime


def note(slot_uid: str, who: str, move: Move, *, by: Actor) -> None:
    """Note that somebody has come or left, or take it back. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = queries.head(slot_uid, by)
        if not found.open:
            raise RuleBroken(str(WHYS[Why.NOT_TODAY]))
        which = (SignUp.uid == who) & (SignUp.slot_id == found.slot.id)
        _move(session, which, move, by=by)


def note_by_code(uid: str, typed: str, move: Move, *, by: Actor) -> None:
    """Check oneself in or out with the code on the board. Raises NotYours, RuleBroken."""
    with transaction() as session:
        mine = codes.own_day(uid, by)
        if not mine.open:
            raise RuleBroken(str(WHYS[Why.NOT_TODAY]))
        if not opens(typed, codes.key(), mine.slot_uid, clock.now()):
            log.warning("day code refused", sign_up=uid, person=by.id)
            raise RuleBroken(str(WHYS[Why.WRONG_CODE]))
        _move(session, (SignUp.uid == uid) & (SignUp.person_id == by.id), move, by=by)


def _move(session: Session, which: ColumnElement[bool], move: Move, *, by: Actor) -> None:
    """Move somebody on; pressed twice, or by two at once, it counts once."""
    change, now = CHANGES[move], clock.now()
    moment = getattr(SignUp, change.moment)
    fresh = [moment > now - UNDO] if change.undoes else []
    moved = session.scalar(
        update(SignUp)
        .where(which, SignUp.state == change.before, *fresh)
        .values({SignUp.state: change.after, moment: None if change.undoes else now})
        .returning(SignUp.uid)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        _explain(session, which, move)
        return
    audit.record(move.value, "sign_up", moved, by=by.id, fields=["state", change.moment])


def _explain(session: Session, which: ColumnElement[bool], move: Move) -> None:
    """Say why nothing was noted; nothing needs saying when it stands already."""
    state = session.scalar(select(SignUp.state).where(which))
    if state is None:
        raise NotYours
    if state is not CHANGES[move].after:
        too_late = CHANGES[move].undoes and state is CHANGES[move].before
        raise RuleBroken(str(WHYS[Why.TOO_LATE_TO_UNDO if too_late else Why.NOT_NOW]))


def enter_times(slot_uid: str, who: str, times: Times, *, by: Actor) -> None:
    """Enter from paper when somebody came and left. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = queries.head(slot_uid, by)
        if not found.coordinated or queries.named(found, who) is None:
            raise NotYours
        _fits(found, times)
        entered = session.scalar(
            update(SignUp)
            .where(
                SignUp.uid == who,
                SignUp.slot_id == found.slot.id,
                SignUp.state.in_(KEPT - {SeatState.COMPLETED}),
            )
            .values(state=SeatState.COMPLETED, arrived_at=times.arrived, left_at=times.left)
            .returning(SignUp.uid)
            .execution_options(synchronize_session=False)
        )
        if entered is None:
            raise RuleBroken(str(WHYS[Why.HAS_LEFT]))
        names = ["state", "arrived_at", "left_at"]
        audit.record("enter_times", "sign_up", who, by=by.id, fields=names)


def _fits(found: queries.Head, times: Times) -> None:
    days = {times.arrived.astimezone(CHINA).date(), times.left.astimezone(CHINA).date()}
    if not found.may_enter:
        raise RuleBroken(str(WHYS[Why.TOO_LATE_TO_ENTER]))
    if not all(found.hours.has(day) for day in days):
        raise RuleBroken(str(WHYS[Why.OTHER_DAY]))
    if not times.arrived < times.left <= clock.now():
        raise RuleBroken(str(WHYS[Why.NO_SPAN]))


def sweep() -> tuple[int, int]:
    """Note who has not come and credit who has; return how many of each."""
    return note_absent(), credit_served()


def note_absent() -> int:
    """Call absent whoever has not come to a slot of fixed hours that is over."""
    now, today = clock.now(), clock.today()
    with transaction() as session:
        over = session.execute(
            select(Slot, Activity)
            .join(Activity, Activity.id == Slot.activity_id)
            .join(Campaign, Campaign.id == Slot.campaign_id)
            .where(
                Activity.timing == Timing.FIXED,
                Campaign.stage.in_(PUBLIC),
                Slot.ends_on.between(today - ENTER_WITHIN, today),
                exists().where(SignUp.slot_id == Slot.id, SignUp.state == SeatState.CONFIRMED),
            )
            .limit(AT_ONCE)
        ).all()
        ended = [
            row.Slot.id
            for row in over
            if queries.hours_of(row.Slot, row.Activity).ends_at + GRACE <= now
        ]
        absent = session.scalars(
            update(SignUp)
            .where(SignUp.slot_id.in_(ended), SignUp.state == SeatState.CONFIRMED)
            .values(state=SeatState.NO_SHOW)
            .returning(SignUp.uid)
            .execution_options(synchronize_session=False)
        ).all()
        for uid in absent:
            audit.record("absent", "sign_up", uid, by=None, fields=["state"])
    return len(absent)


def credit_served() -> int:
    """Credit the minutes of group activities, once the last press cannot be taken back any more.

    They count for the campaign as well, whose page tells them late and rounded.
    Hours of pairing visits come from their records instead.
    """
    now = clock.now()
    with transaction() as session:
        credited = exists().where(
            HourEntry.volunteer_id == Volunteer.id,
            HourEntry.source == SOURCE,
            HourEntry.source_ref == SignUp.uid,
        )
        served_now = session.execute(
            select(SignUp, Volunteer.id, Slot.campaign_id, Slot.county_id)
            .join(Slot, Slot.id == SignUp.slot_id)
            .join(Activity, Activity.id == Slot.activity_id)
            .join(Volunteer, Volunteer.person_id == SignUp.person_id)
            .where(
                SignUp.state == SeatState.COMPLETED,
                SignUp.left_at.between(now - ENTER_WITHIN - timedelta(days=31), now - UNDO),
                Activity.kind == SlotKind.GROUP_ACTIVITY,
                ~credited,
            )
            .order_by(SignUp.id)
            .limit(AT_ONCE)
        ).all()
        for one, volunteer_id, campaign_id, county_id in served_now:
            if one.arrived_at and one.left_at:
                day = one.arrived_at.astimezone(CHINA).date()
                minutes = served(one.arrived_at, one.left_at)
                credit(volunteer_id, minutes, day, source=SOURCE, source_ref=one.uid, by=SITE)
                count(campaign_id, county_id, Measure.MINUTES, day, by=minutes)
    return len(served_now)
