"""Agreeing on a rhythm for one pairing, or going back to what its grade presets."""

from accounts.rules import Actor
from core import audit, clock
from core.db import transaction
from core.errors import NotYours
from pairings.intro.services import hold
from pairings.queries import coordinates, pairing
from visits.contracts.models import Contract
from visits.contracts.rules import Terms


def agree(pairing_uid: str, terms: Terms | None, *, by: Actor) -> None:
    """Set the terms of a pairing; None takes them back. Raises NotYours."""
    with transaction() as session:
        found = pairing(pairing_uid, by)
        if not coordinates(found, by):
            raise NotYours
        hold(found.id)
        own = session.get(Contract, found.id)
        if own is not None:
            session.delete(own)
            session.flush()
        if terms is not None:
            session.add(
                Contract(
                    pairing_id=found.id,
                    every_days=terms.every,
                    window_days=terms.window,
                    places=sorted(terms.places),
                    first_accompanied=terms.first,
                    set_by_id=by.id,
                    set_at=clock.now(),
                )
            )
        audit.record("agree_rhythm", "pairing", found.uid, by=by.id, fields=["visit_contract"])
