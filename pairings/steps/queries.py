"""What has become of a pairing, step by step, and how far it has come."""

from collections.abc import Sequence

from sqlalchemy import select

from accounts.models import Person
from children.rules import Risk
from core.db import AnyRow, db
from pairings.models import Pairing
from pairings.steps.models import PairingStep
from pairings.steps.rules import Way


def steps(pairing_id: int) -> Sequence[AnyRow]:
    """Return (step, who took it) of a pairing, the first one first."""
    return db.session.execute(
        select(PairingStep, Person.name)
        .outerjoin(Person, Person.id == PairingStep.by_id)
        .where(PairingStep.pairing_id == pairing_id)
        .order_by(PairingStep.id)
        .limit(200)
    ).all()


def way_of(pairing: Pairing, risk: Risk | None) -> Way:
    """Return how far a pairing has come; the team is not told of any risk."""
    return Way(
        stage=pairing.stage,
        high_risk=risk is Risk.HIGH or (risk is not None and pairing.high_risk),
        city=pairing.city_by_id is not None and risk is not None,
        guardian=pairing.guardian_yes_on is not None,
        child=pairing.child_yes_on is not None,
        agreed=pairing.agreed_on is not None,
        before=pairing.agreed_before,
    )
