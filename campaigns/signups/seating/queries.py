"""What is known of somebody who takes a seat, and how far back somebody waits."""

from sqlalchemy import exists, func, select

from campaigns.seats.rules import Party, SeatState
from campaigns.signups.models import SignUp
from core.db import db
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer
from volunteers.rules import Sex


def known(volunteer_id: int) -> Party:
    """Return what a slot's rules may ask of a volunteer: a party of one."""
    done = exists().where(
        SignUp.person_id == Volunteer.person_id, SignUp.state == SeatState.COMPLETED
    )
    served = exists().where(HourEntry.volunteer_id == Volunteer.id)
    row = db.session.execute(
        select(Volunteer.sex, (done | served).label("experienced")).where(
            Volunteer.id == volunteer_id
        )
    ).one()
    return Party(woman=row.sex is Sex.FEMALE, experienced=bool(row.experienced))


def ahead_of(slot_id: int, ticket: int) -> int:
    """Return how many parties wait before that number in the queue of a slot."""
    return db.session.scalars(
        select(func.count()).where(
            SignUp.slot_id == slot_id, SignUp.state == SeatState.WAITING, SignUp.ticket < ticket
        )
    ).one()
