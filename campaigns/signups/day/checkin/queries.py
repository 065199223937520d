"""Whose seat of a slot a contact is."""

from sqlalchemy import case, or_, select

from accounts.models import Person
from campaigns.seats.rules import KEPT
from campaigns.signups.models import SignUp
from core.db import db


def seat_of(slot_id: int, contact: str) -> int | None:
    """Return the sign-up with that contact, or of the person who has it; None when there is none.

    Whoever joined with one click has signed up with what their account knows of them.
    """
    typed = SignUp.contact == contact
    theirs = or_(Person.phone == contact, Person.email == contact)
    return db.session.scalar(
        select(SignUp.id)
        .outerjoin(Person, Person.id == SignUp.person_id)
        .where(SignUp.slot_id == slot_id, SignUp.state.in_(KEPT), or_(typed, theirs))
        .order_by(case((typed, 0), else_=1), SignUp.id)
        .limit(1)
    )
