"""Several children visited together: planned, moved and called off at once, all or none.

Each child keeps its own visit, party, consent and record; what they share is the time, the place,
the escort, and one coming and one going of each adult.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import select

from accounts.models import Person
from accounts.rules import Actor
from core.db import hold, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from pairings.models import Pairing
from visits import queries, services
from visits.groups.queries import ids_of, others
from visits.groups.rules import ALONE, Company
from visits.models import Party, Visit
from visits.planning.queries import pairing_of, plannable, team
from visits.planning.rules import Plan, Problem, Why
from visits.rules import AHEAD, CancelReason, PartyRole
from visits.services import PlanRefused
from volunteers.rules import Status


def plan_visits(pairing_uid: str, plan: Plan, together: Sequence[str] = (), *, by: Actor) -> str:
    """Plan a visit, and those of other pairings with it; return the first one's uid.

    Raises NotYours, RuleBroken, PlanRefused.
    """
    if not together:
        return services.plan_visit(pairing_uid, plan, by=by)
    with transaction():
        own = plannable(pairing_uid, by)
        wanted = [plannable(uid, by) for uid in sorted(set(together) - {pairing_uid})]
        if any(one.township_id != own.township_id for one in wanted):
            raise RuleBroken(_("只有同一个乡镇的孩子可以一起走访"))
        plans = {one: _plan_of(one, own, plan) for one in (own, *wanted)}
        _lock(plans)
        first = services.make_visit(own, plan, by=by, company=_company(plans, own, None))
        for pairing in wanted:
            first.joined_id = first.id
            with _named(pairing):
                services.make_visit(
                    pairing, plans[pairing], by=by, company=_company(plans, pairing, first.id)
                )
        return first.uid


def move_visits(uid: str, plan: Plan, *, version: int, by: Actor) -> None:
    """Move a visit, and with it those that are made together; each keeps its own volunteers.

    Raises NotYours, RuleBroken, PlanRefused.
    """
    with transaction():
        visit = queries.to_change(uid, by).visit
        _lock_joined(visit, plan.people)
        services.move(uid, plan, version=version, by=by)
        for other in _ahead(visit):
            members = frozenset(
                one.person_id for one in queries.attendees(other) if one.role is PartyRole.MEMBER
            )
            with _named(pairing_of(other)):
                theirs = replace(plan, member_ids=members)
                services.move(other.uid, theirs, version=other.version, by=by)


def cancel_visits(uid: str, reason: CancelReason, *, everybody: bool, by: Actor) -> None:
    """Call a visit off, with `everybody` those that are made together too.

    Raises NotYours, RuleBroken.
    """
    with transaction():
        visit = queries.to_cancel(uid, by).visit
        if everybody:
            _lock_joined(visit)
        off = [visit, *(_ahead(visit) if everybody else ())]
        for one in sorted(off, key=lambda each: each.id):  # the first one's people hear it once
            with _named(pairing_of(one)):
                services.cancel(one.uid, reason, by=by)


def _ahead(visit: Visit) -> list[Visit]:
    return [one for one in others(visit) if one.state in AHEAD]


def _lock(plans: dict[Pairing, Plan]) -> None:
    """Lock all pairings and people in the order of their ids, as each plan does with its own."""
    pairings = [one.id for one in plans]
    people = {person for plan in plans.values() for person in plan.people}
    hold(select(Pairing.id).where(Pairing.id.in_(pairings)).order_by(Pairing.id))
    hold(select(Person.id).where(Person.id.in_(people)).order_by(Person.id))


def _lock_joined(visit: Visit, people: Collection[int] = ()) -> None:
    """Lock what is made together with a visit in the one order, whichever visit one begins at."""
    pairings = select(Visit.pairing_id).where(Visit.id.in_(ids_of(visit)))
    theirs = select(Party.person_id).where(Party.visit_id.in_(ids_of(visit)))
    everybody = Person.id.in_(people) | Person.id.in_(theirs)
    hold(select(Pairing.id).where(Pairing.id.in_(pairings)).order_by(Pairing.id))
    hold(select(Person.id).where(everybody).order_by(Person.id))
    hold(ids_of(visit).order_by(Visit.id))


def _plan_of(pairing: Pairing, own: Pairing, plan: Plan) -> Plan:
    """Return the plan for one of the pairings: of another team all who are active come."""
    if pairing.team_id == own.team_id:
        return plan
    active = (one.person_id for one in team(pairing) if one.status is Status.ACTIVE)
    return replace(plan, member_ids=frozenset(active))


def _company(plans: dict[Pairing, Plan], pairing: Pairing, first: int | None) -> Company:
    rest = {one: plan for one, plan in plans.items() if one is not pairing}
    if not rest:
        return ALONE
    return Company(
        first,
        queries.bands_of([one.child_id for one in rest]),
        frozenset(person for plan in rest.values() for person in plan.people),
    )


@contextmanager
def _named(pairing: Pairing) -> Iterator[None]:
    """Say of which child's visit a refusal is, when it is one of several."""
    alias = queries.alias_of(pairing.child_id)
    try:
        yield
    except PlanRefused as refusal:
        reasons = [_("%(child)s：%(why)s", child=alias, why=one) for one in refusal.reasons]
        problems = [Problem(Why.NOT_TOGETHER) for _one in reasons]
        raise PlanRefused(problems, *reasons) from refusal
    except NotYours as refusal:
        raise RuleBroken(_("同去的孩子里有您不能安排的，请县级协调员一起办")) from refusal
