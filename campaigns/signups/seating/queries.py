"""What is known of somebody who takes a seat, and how far back somebody waits."""

from collections.abc import Collection

from sqlalchemy import exists, func, select

from campaigns.models import Slot
from campaigns.seats.rules import Party, SeatState
from campaigns.signups.models import SignUp
from campaigns.signups.readiness.queries import days_before, needed_at
from campaigns.signups.readiness.rules import is_ready, ready_by
from core import clock
from core.db import db
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer
from volunteers.queries import proofs_of
from volunteers.rules import Sex, clearance


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


def may_come(slot: Slot, people: Collection[int | None]) -> set[int] | None:
    """Return who of these may be called in, once all that the slot asks for has to be done.

    None while there is time, or where a slot asks for nothing: then everybody may.
    """
    today, needed = clock.today(), needed_at(slot)
    if not (slot.with_children or needed) or today <= ready_by(slot.starts_on, days_before()):
        return None
    found = db.session.scalars(select(Volunteer).where(Volunteer.person_id.in_(people))).all()
    proofs = proofs_of([one.id for one in found])
    return {
        one.person_id
        for one in found
        if is_ready(
            one.status,
            clearance(proofs[one.id], today),
            with_children=slot.with_children,
            needed=needed,
        )
    }
