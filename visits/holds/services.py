"""Taking people and the child for a visit, and letting them go when it is over or called off.

The rules look first and say who is busy; this is what holds when two look at the same moment.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError

from core.db import attempt, transaction
from core.errors import RuleBroken
from core.i18n import _
from visits.holds.models import Hold
from visits.models import Party
from visits.planning.rules import Problem, Why

TURNS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is to be taken by a visit, and from when until when, the way onward included."""

    visit_id: int
    person_ids: frozenset[int]
    child_id: int
    busy_from: datetime
    busy_until: datetime
    joined_id: int | None = None
    """The first of the visits that are made together with it, if any are."""

    @property
    def occasion(self) -> int:
        return self.joined_id or self.visit_id


def take(claim: Claim) -> list[Problem]:
    """Take everybody for a visit, in place of whoever it held before; or nobody, and say why not.

    In the caller's transaction. What comes back is who is taken by another visit; when that one
    has just moved away, it is tried again. Raises RuleBroken.
    """
    for _turn in range(TURNS):
        try:
            with transaction() as session, attempt():
                session.execute(delete(Hold).where(Hold.visit_id == claim.visit_id))
                session.add_all(_rows(claim))
                session.flush()
        except IntegrityError:
            found = _taken(claim)
            if found:
                return found
        else:
            return []
    raise RuleBroken(_("这几个人的安排刚刚有变动，请再试一次"))


def free(visit_id: int) -> None:
    """Let everybody go, in the caller's transaction: the visit is over, or will not be."""
    with transaction() as session:
        session.execute(delete(Hold).where(Hold.visit_id == visit_id))


def free_who_left(visit_id: int) -> None:
    """Let go whoever no longer takes part in a visit, in the caller's transaction."""
    stay = select(Party.person_id).where(Party.visit_id == visit_id)
    with transaction() as session:
        session.execute(
            delete(Hold).where(
                Hold.visit_id == visit_id, Hold.person_id.is_not(None), Hold.person_id.not_in(stay)
            )
        )


def _rows(claim: Claim) -> list[Hold]:
    """Return the rows in one order for everybody, so that nobody waits for who waits for them."""
    common = {
        "visit_id": claim.visit_id,
        "occasion": claim.occasion,
        "busy_from": claim.busy_from,
        "busy_until": claim.busy_until,
    }
    people = [Hold(person_id=one, **common) for one in sorted(claim.person_ids)]
    return [Hold(child_id=claim.child_id, **common), *people]


def _taken(claim: Claim) -> list[Problem]:
    """Return who is taken by another visit at that time."""
    with transaction() as session:
        others = session.execute(
            select(Hold.person_id)
            .where(
                Hold.visit_id != claim.visit_id,
                or_(
                    Hold.person_id.in_(claim.person_ids) & (Hold.occasion != claim.occasion),
                    Hold.child_id == claim.child_id,
                ),
                Hold.busy_from < claim.busy_until,
                Hold.busy_until > claim.busy_from,
            )
            .distinct()
        ).scalars()
        busy = set(others)
    child = [Problem(Why.CHILD_BUSY)] if None in busy else []
    return child + [Problem(Why.PERSON_BUSY, one) for one in sorted(busy - {None}, key=str)]
