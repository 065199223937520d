"""What becomes of days that are over: who never came, who is through, and the hours of each day."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, select, true, update
from sqlalchemy.orm import Session

from accounts.rules import SITE
from campaigns.models import Activity, Campaign, Slot
from campaigns.numbers.services import count
from campaigns.rules import PUBLIC, Measure, SlotKind, Timing
from campaigns.seats.rules import SeatState
from campaigns.signups.day.models import Attendance
from campaigns.signups.day.queries import hours_of
from campaigns.signups.day.rules import ENTER_WITHIN, GRACE, UNDO, served
from campaigns.signups.models import SignUp
from core import audit, clock
from core.db import transaction
from volunteers.hours.models import HourEntry
from volunteers.hours.services import credit
from volunteers.models import Volunteer

SOURCE = "slot"
AT_ONCE = 500
"""So many are looked at in one go; the next turn takes the rest."""
CAME = exists().where(Attendance.sign_up_id == SignUp.id, Attendance.left_at.is_not(None))
"""Whether somebody has come on a day and left again."""


def sweep() -> tuple[int, int, int]:
    """Note who has not come, credit who has, close what is over; return how many of each."""
    return note_absent(), credit_served(), complete_over()


def note_absent() -> int:
    """Call absent whoever has come on no day of a slot of fixed hours that is over."""
    with transaction() as session:
        of_those = SignUp.state == SeatState.CONFIRMED
        ended = _ended(session, Activity.timing == Timing.FIXED, of_those)
        return _moved(session, SignUp.slot_id.in_(ended) & of_those, SeatState.NO_SHOW, "absent")


def complete_over() -> int:
    """Complete whoever has come to a slot of several days that is over.

    Who is noted as here on every day they came stays so, until somebody enters when they left.
    """
    with transaction() as session:
        of_those = (SignUp.state == SeatState.ARRIVED) & CAME
        ended = _ended(session, true(), of_those)
        here = SignUp.slot_id.in_(ended) & of_those
        return _moved(session, here, SeatState.COMPLETED, "complete_sign_up")


def _ended(
    session: Session, slots: ColumnElement[bool], seats: ColumnElement[bool]
) -> Sequence[int]:
    """Return the slots of the last days that are over and have such sign-ups."""
    now, today = clock.now(), clock.today()
    over = session.execute(
        select(Slot, Activity)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .where(
            slots,
            Campaign.stage.in_(PUBLIC),
            Slot.ends_on.between(today - ENTER_WITHIN, today),
            exists().where(SignUp.slot_id == Slot.id, seats),
        )
        .limit(AT_ONCE)
    ).all()
    return [row.Slot.id for row in over if hours_of(row.Slot, row.Activity).ends_at + GRACE <= now]


def _moved(session: Session, which: ColumnElement[bool], state: SeatState, action: str) -> int:
    moved = session.scalars(
        update(SignUp)
        .where(which)
        .values(state=state)
        .returning(SignUp.uid)
        .execution_options(synchronize_session=False)
    ).all()
    for uid in moved:
        audit.record(action, "sign_up", uid, by=None, fields=["state"])
    return len(moved)


def credit_served() -> int:
    """Credit the minutes of each day of a group activity, once no press can be taken back any more.

    They count for the campaign as well, whose page tells them late and rounded; both once for a
    day, however many look at the same time. Hours of pairing visits come from their records.
    """
    now = clock.now()
    with transaction() as session:
        credited = exists().where(
            HourEntry.volunteer_id == Volunteer.id,
            HourEntry.source == SOURCE,
            HourEntry.source_ref == Attendance.uid,
        )
        found = session.execute(
            select(Attendance, Volunteer.id, Slot.campaign_id, Slot.county_id)
            .join(SignUp, SignUp.id == Attendance.sign_up_id)
            .join(Slot, Slot.id == SignUp.slot_id)
            .join(Activity, Activity.id == Slot.activity_id)
            .join(Volunteer, Volunteer.person_id == SignUp.person_id)
            .where(
                Attendance.left_at.between(now - ENTER_WITHIN - timedelta(days=31), now - UNDO),
                Activity.kind == SlotKind.GROUP_ACTIVITY,
                ~credited,
            )
            .order_by(Attendance.id)
            .limit(AT_ONCE)
        ).all()
        done = 0
        for one, volunteer_id, campaign_id, county_id in found:
            if one.left_at is not None:
                minutes = served(one.arrived_at, one.left_at)
                if credit(
                    volunteer_id, minutes, one.day, source=SOURCE, source_ref=one.uid, by=SITE
                ):
                    count(campaign_id, county_id, Measure.MINUTES, one.day, by=minutes)
                    done += 1
    return done
