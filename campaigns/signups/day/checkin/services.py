"""Checking in without signing in: by one's own link, or by the contact one signed up with.

Either way the code on the board shows that somebody is there. Who types a contact is answered in
the same way whether or not it is on the list: the list is nobody's business but the board's.
"""

from campaigns.signups.day.checkin.queries import seat_of
from campaigns.signups.day.codes import queries as codes
from campaigns.signups.day.rules import Move
from campaigns.signups.day.services import Noted, check_code, press
from campaigns.signups.models import SignUp
from core import clock
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.limits import Limit, Try
from core.logs import log

PER_CONTACT = Limit("day_contact", 10, 300)
"""As for whoever is signed in: ten tries hit a code once in fifty thousand times."""
PER_ADDRESS = Limit("day_address", 600, 3600)
"""Wide: a hall of people comes and goes behind one address."""


def tries(contact: str, *, address: str) -> list[Try]:
    """Return what a try is counted for, the same whether or not the contact is known."""
    return [PER_ADDRESS.of(address), PER_CONTACT.of(contact)]


def note_by_link(secret: str, typed: str, move: Move) -> None:
    """Check in or out by one's link and the code on the board. Raises NotYours, RuleBroken."""
    with transaction():
        mine = codes.behind(secret)
        check_code(mine, typed, sign_up=mine.uid)
        at, which = Noted(mine.hours, clock.today()), SignUp.id == mine.id
        press(which, at, move, by=mine.person_id)


def note_by_contact(slot_uid: str, contact: str, typed: str, move: Move) -> None:
    """Check in or out by contact and code; nothing tells whether there is such a seat.

    Raises NotYours for a slot that is not public, RuleBroken for a wrong code or day.
    """
    with transaction():
        door = codes.door(slot_uid)
        check_code(door, typed)
        found = seat_of(door.slot_id, contact)
        try:
            press(SignUp.id == (found or 0), Noted(door.hours, clock.today()), move, by=None)
        except (NotYours, RuleBroken):  # nothing has been written yet
            log.info("day contact noted nothing", slot=slot_uid)
