"""What leads a proposal to an active pairing, said once: keys, answers, signatures."""

from datetime import date

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from children.models import Child
from children.rules import ConsentProof, Signer
from core import clock
from core.db import db
from pairings.agreements import services as agreements
from pairings.agreements.queries import signing
from pairings.agreements.rules import Party, Signature, SignatureProof
from pairings.answers import services as answers
from pairings.answers.rules import Answer, Whose
from pairings.keys import services as keys
from pairings.models import Pairing
from places.models import Area
from tests.builders.people import a_member_of_staff
from tests.builders.proposals import a_supervisor, proposed, somebody, the
from volunteers.teams.models import Team


def approved(child: Child, team: Team) -> str:
    """Propose and approve by two coordinators; return the uid."""
    a_supervisor(child)
    uid = proposed(child, team)
    keys.approve(uid, "", by=somebody(Role.COORDINATOR, child.county_id))
    return uid


def a_director(pairing: Pairing) -> Actor:
    return actor_for(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=pairing.village_id))


def a_city_lead(pairing: Pairing) -> Actor:
    """Return a safeguarding lead of the city above the pairing's county."""
    county = db.session.get_one(Area, pairing.county_id)
    return somebody(Role.SAFEGUARDING_LEAD, county.parent_id)


def says(uid: str, whose: Whose, *, yes: bool = True, on: date | None = None) -> None:
    """Enter an answer as the village's director."""
    child = whose is Whose.CHILD
    answer = Answer(
        yes=yes,
        dated=on or clock.today(),
        signer=Signer.CHILD if child else Signer.MOTHER,
        proof=ConsentProof.PAPER,
    )
    answers.answer(uid, whose, answer, by=a_director(the(uid)))


def both_say_yes(uid: str) -> None:
    for whose in Whose:
        says(uid, whose)


def signs(uid: str, *, but: Party | None = None) -> None:
    """Enter everybody's signature on paper, but one party's if named."""
    pairing = the(uid)
    by = somebody(Role.COORDINATOR, pairing.county_id)
    child = db.session.get_one(Child, pairing.child_id)
    for seat in signing(pairing, child.age_band, None).open:
        if seat.party is but:
            continue
        signer = Signer.MOTHER if seat.party is Party.GUARDIAN else None
        signature = Signature(seat, SignatureProof.PAPER, clock.today(), signer)
        agreements.record(uid, signature, by=by)
    db.session.expire_all()


def agreed(child: Child, team: Team) -> str:
    """Lead a proposal to where its first visit may be planned; return the uid."""
    uid = approved(child, team)
    both_say_yes(uid)
    signs(uid)
    return uid
