"""A member takes one of the seats that are kept for the group: nobody is put on one."""

from accounts.rules import Actor
from campaigns.groups.queries import standing_of
from campaigns.seats.labels import said
from campaigns.seats.rules import Act, Party, can
from campaigns.signups.own.services import sit
from campaigns.signups.readiness.queries import terms
from campaigns.signups.services import Wish, enter
from core import limits
from core.db import transaction
from core.errors import RuleBroken
from core.limits import Limit

CODES = Limit("group_code_address", 30, 3600)
"""Wide enough for a class behind one address, far too narrow for trying codes out."""


def may_try(*, address: str) -> None:
    """Count a code that somebody types. Raises TooMany for the place it comes from."""
    limits.spend(CODES.of(address))


def join(code: str, wish: Wish) -> None:
    """Hold one of the group's seats until the contact has been confirmed by whoever has it.

    A contact that already has a place there changes nothing. Raises NotYours, RuleBroken.
    """
    asked = terms()
    with transaction():
        slot = standing_of(code)
        late = asked.too_late(slot.needs, slot.starts_on, slot.ends_on)
        party = Party(wish.party, late=late)
        against = can(party, Act.JOIN, slot.seats)
        if against:
            raise RuleBroken(said(against))
        enter(slot, wish, party, queues=False, hours=asked.hold_hours)


def join_again(code: str, *, size: int, by: Actor) -> str:
    """Take one for somebody signed in, at once theirs. Raises NotYours, RuleBroken."""
    with transaction():
        return sit(standing_of(code), size=size, by=by)
