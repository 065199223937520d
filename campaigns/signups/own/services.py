"""One click for whoever has been here before: signed in, nothing is asked again."""

from dataclasses import replace

from sqlalchemy import select

from accounts.models import Person
from accounts.rules import Actor
from campaigns.seats.labels import said
from campaigns.seats.rules import Why
from campaigns.signups.confirming.services import confirm_held
from campaigns.signups.models import SignUp
from campaigns.signups.own.queries import state_at
from campaigns.signups.queries import Standing, standing
from campaigns.signups.readiness.queries import terms
from campaigns.signups.readiness.rules import lacking
from campaigns.signups.seating.queries import known
from campaigns.signups.services import Wish, enter, queues
from core import clock
from core.db import transaction
from core.errors import NotYours, RuleBroken
from volunteers.queries import progress_of, volunteer_of


def join(slot_uid: str, *, size: int = 1, queue: bool = False, source: str = "", by: Actor) -> str:
    """Take seats for a volunteer who is signed in, or a place in the queue; return the uid.

    Nothing is left to confirm: a seat is theirs at once. Raises NotYours, RuleBroken.
    """
    with transaction():
        return sit(standing(slot_uid), size=size, queue=queue, source=source, by=by)


def sit(slot: Standing, *, size: int, queue: bool = False, source: str = "", by: Actor) -> str:
    """Do so at a slot, or at a group's seats in it, that the caller holds."""
    with transaction() as session:
        volunteer = volunteer_of(by.id)
        if volunteer is None:
            raise NotYours
        person = session.get_one(Person, by.id, with_for_update=True)
        asked, missing = terms(), slot.needs & lacking(progress_of(volunteer, clock.today()))
        party = replace(
            known(volunteer.id),
            size=size,
            state=state_at(slot.slot_id, by),
            late=asked.too_late(missing, slot.starts_on, slot.ends_on),
        )
        waits = queues(party, slot.seats, wishes=queue)
        contact = person.email or person.phone
        if contact is None:
            raise NotYours
        org = volunteer.org_text or "—"
        wish = Wish(person.name, contact, org, person.language, size, source=source)
        found = enter(slot, wish, party, queues=waits, hours=asked.hold_hours, person_id=person.id)
        if found is None:
            raise RuleBroken(said(Why.ALREADY_IN))
        if not waits:
            confirm_held(found, by=by)
        return found.uid


def confirm(uid: str, *, by: Actor) -> None:
    """Say yes to a seat that was offered to somebody signed in. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = session.scalars(
            select(SignUp).where(SignUp.uid == uid, SignUp.person_id == by.id)
        ).first()
        if found is None:
            raise NotYours
        if found.expires_at <= clock.now():
            raise RuleBroken(said(Why.TOO_LATE))
        confirm_held(found, by=by)
