"""What is known of somebody who takes a seat, and how far back somebody waits."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import exists, func, select

from campaigns.models import Slot
from campaigns.seats.rules import Party, SeatState
from campaigns.signups.models import SignUp
from campaigns.signups.readiness.queries import needed_at
from campaigns.signups.readiness.rules import is_ready
from core import clock
from core.db import db
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer
from volunteers.queries import clearances
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


def may_come(slot: Slot, people: Collection[int | None], on: date) -> set[int] | None:
    """Return who of these may be called in on a day: who has done what the slot asks for.

    None for everybody: where a slot asks for nothing, and before its first day. Until then whoever
    is not ready gives the seat on by the job that looks after them; on the day it comes too late.
    """
    today, needed = clock.today(), needed_at(slot)
    if not (slot.with_children or needed) or on < slot.starts_on:
        return None
    found = db.session.scalars(select(Volunteer).where(Volunteer.person_id.in_(people))).all()
    held = clearances([one.id for one in found], today)
    return {
        one.person_id
        for one in found
        if is_ready(
            one.status,
            held[one.id],
            with_children=slot.with_children,
            needed=needed,
        )
    }
