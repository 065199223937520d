"""Which visits several children have together, and which pairings could."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select

from accounts.models import Person
from accounts.rules import Actor
from core.db import AnyRow, AnySelect, db
from pairings.models import Pairing
from pairings.rules import VISITABLE
from visits.groups.rules import ALONE, Company
from visits.models import Party, Visit
from visits.queries import Seen, bands_of, by_alias, rows
from visits.rules import OPEN, State

MOST = 20
"""So many pairings of the township can be chosen from: more children meet at an activity."""


def ids_of(visit: Visit) -> AnySelect:
    """Return the query of the ids of the visits that are made together with one, itself too."""
    return select(Visit.id).where(or_(Visit.id == visit.id, Visit.joined_id == visit.occasion))


def uid_of_occasion(visit: Visit) -> str:
    """Return the uid of the first of the visits that are made together: its own when alone."""
    return db.session.scalars(select(Visit.uid).where(Visit.id == visit.occasion)).one()


def others(visit: Visit) -> Sequence[Visit]:
    """Return the other visits of the same occasion, in the order of their ids."""
    if visit.joined_id is None:
        return []
    return db.session.scalars(
        select(Visit)
        .where(Visit.joined_id == visit.joined_id, Visit.id != visit.id)
        .order_by(Visit.id)
    ).all()


def company(visit: Visit) -> Company:
    """Return whom a visit is made together with, those that are called off left out."""
    if visit.joined_id is None:
        return ALONE
    joined = (Visit.joined_id == visit.joined_id, Visit.id != visit.id, Visit.state.in_(OPEN))
    children = db.session.scalars(
        select(Pairing.child_id).join(Visit, Visit.pairing_id == Pairing.id).where(*joined)
    ).all()
    adults = db.session.scalars(
        select(Party.person_id).join(Visit, Visit.id == Party.visit_id).where(*joined)
    )
    return Company(visit.joined_id, bands_of(children), frozenset(adults))


def seen_with(visit: Visit, actor: Actor) -> Sequence[AnyRow]:
    """Return the visits made together with one that somebody may see too, as lists show them."""
    if visit.joined_id is None:
        return []
    joined = (Visit.joined_id == visit.joined_id, Visit.id != visit.id)
    asked = rows(actor).where(*joined, Visit.state != State.CANCELLED).order_by(Visit.id)
    return db.session.execute(asked).all()


def number(visit: Visit) -> int:
    """Return how many children a visit is made for, those whose visit is called off left out."""
    if visit.joined_id is None:
        return 1
    asked = select(func.count(Visit.id)).where(
        Visit.joined_id == visit.joined_id, Visit.state != State.CANCELLED
    )
    return db.session.scalar(asked) or 0


def names_with(seen: Seen, company: Sequence[AnyRow]) -> Sequence[str]:
    """Return the names of all who take part in a visit and in those made together, each once."""
    own = [one.name for one in seen.parties]
    if not company:
        return own
    found = db.session.scalars(
        select(Person.name)
        .join(Party, Party.person_id == Person.id)
        .where(Party.visit_id.in_([row.visit_id for row in company]))
        .order_by(Party.id)
    )
    return tuple(dict.fromkeys([*own, *found]))


def choosable(pairing: Pairing, mine: ColumnElement[bool]) -> Sequence[AnyRow]:
    """Return the pairings of the same township that can be visited together with one.

    `mine` is the condition that whoever asks plans for a pairing.
    """
    return db.session.execute(
        by_alias()
        .where(
            mine,
            Pairing.id != pairing.id,
            Pairing.township_id == pairing.township_id,
            Pairing.stage.in_(VISITABLE),
        )
        .order_by((Pairing.village_id == pairing.village_id).desc(), Pairing.id)
        .limit(MOST)
    ).all()
