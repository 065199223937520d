"""The letter of a pairing, and letters that wait for somebody."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select

from accounts.rules import Actor, Role
from children.consents.services import ENTERING
from core.db import AnyRow, db
from pairings.letters.models import PairingLetter
from pairings.letters.rules import LetterState
from pairings.letters.services import PARTED
from pairings.models import Pairing
from pairings.queries import accompanied_by
from pairings.rules import AT_ONCE, Stage
from places.queries import within


def letter_of(pairing: Pairing) -> PairingLetter | None:
    return db.session.scalar(select(PairingLetter).where(PairingLetter.pairing_id == pairing.id))


def waiting(actor: Actor) -> Sequence[AnyRow]:
    """Return (state, uid of one such pairing, how many) of the letters that wait for somebody.

    Written ones wait for the coordinator, passed ones for whoever knows the child, those sent
    back for the team.
    """
    state = PairingLetter.state
    mine = or_(
        and_(state == LetterState.WRITTEN, within(Pairing, actor.reaches(Role.COORDINATOR))),
        and_(state == LetterState.PASSED, within(Pairing, actor.reaches(*ENTERING))),
        and_(state == LetterState.SENT_BACK, accompanied_by(actor)),
    )
    well_ended = and_(Pairing.stage.in_(PARTED), Pairing.end_reason.not_in(AT_ONCE))
    on_its_way = or_(Pairing.stage == Stage.ENDING, well_ended)
    return db.session.execute(
        select(state, func.min(Pairing.uid).label("uid"), func.count().label("many"))
        .select_from(PairingLetter)
        .join(Pairing, Pairing.id == PairingLetter.pairing_id)
        .where(mine, on_its_way)
        .group_by(state)
    ).all()
