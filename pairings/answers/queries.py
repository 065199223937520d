"""Reading what a guardian and a child said to a pairing."""

from collections.abc import Sequence

from sqlalchemy import select

from accounts.models import Person
from core.db import AnyRow, db
from pairings.answers.models import PairingAnswer


def of_child(child_id: int) -> Sequence[PairingAnswer]:
    """Return what was said for a child to every pairing there was, the first answer first."""
    return db.session.scalars(
        select(PairingAnswer)
        .where(PairingAnswer.child_id == child_id)
        .order_by(PairingAnswer.id)
        .limit(200)
    ).all()


def history(pairing_id: int) -> Sequence[AnyRow]:
    """Return (answer, who entered it) of a pairing, the newest first."""
    return db.session.execute(
        select(PairingAnswer, Person.name)
        .outerjoin(Person, Person.id == PairingAnswer.entered_by_id)
        .where(PairingAnswer.pairing_id == pairing_id)
        .order_by(PairingAnswer.id.desc())
        .limit(50)
    ).all()
