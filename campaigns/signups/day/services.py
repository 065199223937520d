"""Noting who has come and gone, day by day; a press is made under the sign-up's lock, and once."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Update, delete, select, update
from sqlalchemy.orm import Session

from accounts.rules import Actor
from campaigns.models import Slot
from campaigns.seats.rules import SeatState
from campaigns.signups.day import queries
from campaigns.signups.day.codes import queries as codes
from campaigns.signups.day.labels import WHYS, Why
from campaigns.signups.day.models import Attendance
from campaigns.signups.day.rules import (
    CHANGES,
    UNDO,
    Hours,
    Move,
    opens,
)
from campaigns.signups.models import SignUp
from campaigns.signups.seating.queries import may_come
from core import audit, clock
from core.db import hold, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.limits import Limit
from core.logs import log
from core.zone import CHINA

CODE_TRIES = Limit("day_code", 10, 300)
"""A million codes, two of them right: ten tries hit one in fifty thousand times."""


@dataclass(frozen=True, slots=True)
class Times:
    """When somebody came and left, as the list on paper says."""

    arrived: datetime
    left: datetime

    @property
    def day(self) -> date:
        return self.arrived.astimezone(CHINA).date()


@dataclass(frozen=True, slots=True)
class Noted:
    """The day that something is noted of, and the hours of its slot."""

    hours: Hours
    day: date


def note(slot_uid: str, who: str, move: Move, *, by: Actor, day: date | None = None) -> None:
    """Note that somebody has come or left, or take it back. Raises NotYours, RuleBroken.

    `day` is the day of the board that was pressed on: after midnight, yesterday's notes nothing.
    """
    with transaction():
        found = queries.head(slot_uid, by, day)
        if not found.open:
            raise RuleBroken(str(WHYS[Why.NOT_TODAY]))
        which = (SignUp.uid == who) & (SignUp.slot_id == found.slot.id)
        press(which, Noted(found.hours, found.day), move, by=by.id)


def note_by_code(uid: str, typed: str, move: Move, *, by: Actor) -> None:
    """Check oneself in or out with the code on the board. Raises NotYours, RuleBroken."""
    with transaction():
        mine = codes.own_day(uid, by)
        check_code(mine, typed, sign_up=uid, person=by.id)
        which = (SignUp.uid == uid) & (SignUp.person_id == by.id)
        press(which, Noted(mine.hours, clock.today()), move, by=by.id)


def check_code(at: codes.OwnDay | codes.Door, typed: str, **told: object) -> None:
    """Refuse what is not the code on a slot's board now. Raises RuleBroken."""
    if not at.open:
        raise RuleBroken(str(WHYS[Why.NOT_TODAY]))
    if not opens(typed, codes.key(), at.slot_uid, clock.now()):
        log.warning("day code refused", slot=at.slot_uid, **told)
        raise RuleBroken(str(WHYS[Why.WRONG_CODE]))


def press(which: ColumnElement[bool], at: Noted, move: Move, *, by: int | None) -> None:
    """Move somebody on; pressed twice, or by two at once, it counts once.

    In the caller's transaction. Raises NotYours, RuleBroken, before anything is written.
    """
    hold(select(SignUp.id).where(which))
    stands = queries.standing_on(which, at.day)
    if stands is None:
        raise NotYours
    if _stands_against(stands, move):
        return
    if move is Move.ARRIVED:
        _refuse_unready(stands, at.day)
    with transaction() as session:
        _MOVES[move](session, stands, at)
    fields = ["state", CHANGES[move].moment]
    audit.record(move.value, "sign_up", stands.uid, by=by, fields=fields)


def _stands_against(stands: queries.Standing, move: Move) -> bool:
    """Whether nothing needs doing, since it stands there already. Raises RuleBroken."""
    change = CHANGES[move]
    if not stands.kept or stands.state not in {change.before, change.after}:
        raise RuleBroken(str(WHYS[Why.NOT_NOW]))
    if stands.state is change.after:
        return True
    moment = {"arrived_at": stands.arrived_at, "left_at": stands.left_at}[change.moment]
    if change.undoes and (moment is None or moment <= clock.now() - UNDO):
        raise RuleBroken(str(WHYS[Why.TOO_LATE_TO_UNDO]))
    return False


def _refuse_unready(stands: queries.Standing, day: date) -> None:
    """Ask anew at the door what the slot asks for: it may have lapsed since the seat was given."""
    with transaction() as session:
        of_seat = select(SignUp.slot_id).where(SignUp.id == stands.id).scalar_subquery()
        slot = session.scalars(select(Slot).where(Slot.id == of_seat)).one()
        ready = may_come(slot, [stands.person_id], day)
    if ready is not None and stands.person_id not in ready:
        raise RuleBroken(str(WHYS[Why.NOT_READY]))


def _arrive(session: Session, stands: queries.Standing, at: Noted) -> None:
    insert_once(Attendance, sign_up_id=stands.id, day=at.day, arrived_at=clock.now())
    _set(session, stands, SeatState.ARRIVED)


def _leave(session: Session, stands: queries.Standing, at: Noted) -> None:
    session.execute(_of_day(stands, at.day).values(left_at=clock.now()))
    _set(session, stands, at.hours.after(at.day))


def _come_back(session: Session, stands: queries.Standing, at: Noted) -> None:
    session.execute(_of_day(stands, at.day).values(left_at=None))
    _set(session, stands, SeatState.ARRIVED)


def _go_away(session: Session, stands: queries.Standing, at: Noted) -> None:
    """Take an arrival back; who has come on no other day is only expected again."""
    mine = Attendance.sign_up_id == stands.id
    session.execute(delete(Attendance).where(mine, Attendance.day == at.day))
    if session.scalar(select(Attendance.id).where(mine).limit(1)) is None:
        _set(session, stands, SeatState.CONFIRMED)


_MOVES = {
    Move.ARRIVED: _arrive,
    Move.LEFT: _leave,
    Move.NOT_LEFT: _come_back,
    Move.NOT_ARRIVED: _go_away,
}


def _of_day(stands: queries.Standing, day: date) -> Update:
    return (
        update(Attendance)
        .where(Attendance.sign_up_id == stands.id, Attendance.day == day)
        .execution_options(synchronize_session=False)
    )


def _set(session: Session, stands: queries.Standing, state: SeatState) -> None:
    session.execute(
        update(SignUp)
        .where(SignUp.id == stands.id)
        .values(state=state)
        .execution_options(synchronize_session=False)
    )


def enter_times(slot_uid: str, who: str, times: Times, *, by: Actor) -> None:
    """Enter from paper when somebody came and left on a day. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = queries.head(slot_uid, by)
        if not found.coordinated or queries.named(found, who) is None:
            raise NotYours
        _fits(found, times)
        which, day = (SignUp.uid == who) & (SignUp.slot_id == found.slot.id), times.day
        hold(select(SignUp.id).where(which))
        stands = queries.standing_on(which, day)
        if stands is None or not stands.kept:
            raise NotYours
        if stands.state is SeatState.COMPLETED:
            raise RuleBroken(str(WHYS[Why.HAS_LEFT]))
        insert_once(Attendance, sign_up_id=stands.id, day=day, arrived_at=times.arrived)
        when = {"arrived_at": times.arrived, "left_at": times.left}
        session.execute(_of_day(stands, day).values(when))
        over = clock.today() > found.hours.last
        after = found.hours.after(found.hours.last if over else day)
        if session.scalar(select(SignUp.state).where(which)) is not SeatState.COMPLETED:
            _set(session, stands, after)
        names = ["state", "arrived_at", "left_at"]
        audit.record("enter_times", "sign_up", who, by=by.id, fields=names)


def _fits(found: queries.Head, times: Times) -> None:
    if times.left.astimezone(CHINA).date() != times.day or not found.hours.has(times.day):
        raise RuleBroken(str(WHYS[Why.OTHER_DAY]))
    if not replace(found, day=times.day).may_enter:
        raise RuleBroken(str(WHYS[Why.TOO_LATE_TO_ENTER]))
    if not times.arrived < times.left <= clock.now():
        raise RuleBroken(str(WHYS[Why.NO_SPAN]))
