"""Reading the signatures of a pairing's agreement, and who still has to sign."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select

from accounts.models import Person
from children.rules import AgeBand
from core.db import AnyRow, db
from pairings.agreements.models import AgreementSignature
from pairings.agreements.rules import Seat, open_seats, seats
from pairings.agreements.texts.queries import current_version
from pairings.models import Pairing
from pairings.rules import Stage
from volunteers.models import Volunteer
from volunteers.teams.queries import members


@dataclass(frozen=True, slots=True)
class Signing:
    """Where the signing of one version stands."""

    version: str
    needed: tuple[Seat, ...]
    open: tuple[Seat, ...]
    names: dict[int, str]
    """Of the volunteers, by their ids."""
    own: Seat | None
    """Whoever looks, if they are of the team and have not signed."""

    @property
    def complete(self) -> bool:
        return bool(self.needed) and not self.open


def stands(pairing_id: int, version: str) -> ColumnElement[bool]:
    """Return the condition that a signature under that version holds."""
    return and_(
        AgreementSignature.pairing_id == pairing_id,
        AgreementSignature.text_version == version,
        AgreementSignature.voided_at.is_(None),
    )


def signing(pairing: Pairing, age_band: AgeBand, person_id: int | None) -> Signing:
    """Return who has to sign the present version and who still does not."""
    version = current_version()
    team = members([pairing.team_id])[pairing.team_id]
    needed = seats(age_band, (one.volunteer_id for one in team))
    rows = db.session.execute(
        select(AgreementSignature.party, AgreementSignature.volunteer_id).where(
            stands(pairing.id, version)
        )
    )
    still = open_seats(needed, {Seat(row.party, row.volunteer_id) for row in rows})
    mine = {one.volunteer_id for one in team if one.person_id == person_id}
    own = next((seat for seat in still if seat.volunteer_id in mine), None)
    return Signing(version, needed, still, {one.volunteer_id: one.name for one in team}, own)


def history(pairing_id: int) -> Sequence[AnyRow]:
    """Return (signature, the volunteer's name) of a pairing, the newest first."""
    return db.session.execute(
        select(AgreementSignature, Person.name)
        .outerjoin(Volunteer, Volunteer.id == AgreementSignature.volunteer_id)
        .outerjoin(Person, Person.id == Volunteer.person_id)
        .where(AgreementSignature.pairing_id == pairing_id)
        .order_by(AgreementSignature.id.desc())
        .limit(50)
    ).all()


def may_be_signed(pairing: Pairing) -> bool:
    """Whether it is time to sign: both have said yes, and the team knows of the child."""
    both = pairing.guardian_yes_on is not None and pairing.child_yes_on is not None
    return pairing.stage is Stage.RENEWING or (pairing.stage is Stage.CONSENT_PENDING and both)
