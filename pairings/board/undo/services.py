"""Taking a proposal back in the first moments: nothing has gone out, so nothing is left of it."""

import math
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from accounts.rules import Actor, Role
from core import audit, clock
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.runs.models import MatchProposal
from pairings.runs.rules import Fate
from pairings.services import locked_pairing
from pairings.steps.models import PairingStep

SHOWN = timedelta(seconds=10)
"""How long the button is there (ux: undo before anything goes out)."""
ON_THE_WAY = timedelta(seconds=5)
"""What a press may take to arrive on a weak signal."""


def undo(uid: str, *, by: Actor) -> str:
    """Take one's own proposal back; return the child's public name. Raises NotYours, RuleBroken.

    The row goes: a proposal that is withdrawn later, or declined, stays a no for good, and this
    was a slip of the hand. The audit keeps that it was there.
    """
    with transaction() as session:
        pairing, child = locked_pairing(uid, by, Role.COORDINATOR)
        if not undoable(pairing, by, clock.now() - ON_THE_WAY):
            raise RuleBroken(_("已经过了可以撤销的时间，或别人已经审批。请在结对页面上办理"))
        session.execute(
            update(MatchProposal)
            .where(MatchProposal.pairing_id == pairing.id)
            .values(fate=Fate.OPEN, pairing_id=None, decided_by_id=None, decided_at=None)
        )
        session.execute(delete(PairingStep).where(PairingStep.pairing_id == pairing.id))
        session.execute(delete(Pairing).where(Pairing.id == pairing.id))
        audit.record("pairing_undone", "pairing", uid, by=by.id)
        return child.uid


def seconds_left(pairing: Pairing, by: Actor, now: datetime) -> int:
    """Return for how many seconds this person may still take a proposal back; 0 when no more."""
    if not undoable(pairing, by, now):
        return 0
    return math.ceil((pairing.proposed_at + SHOWN - now).total_seconds())


def undoable(pairing: Pairing, by: Actor, now: datetime) -> bool:
    """Whether this person has proposed it just now and nobody has decided."""
    untouched = pairing.stage is Stage.PROPOSED and pairing.version == 1
    return untouched and pairing.proposed_by_id == by.id and pairing.proposed_at > now - SHOWN
