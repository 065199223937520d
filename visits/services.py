"""Planning, moving, confirming and calling off visits; their messages share the transaction."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, delete, exists, select, update

from accounts.models import Person
from accounts.queries import names
from accounts.rules import SITE, Actor
from core import audit, clock
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from pairings.agreements import services as agreements
from pairings.intro import services as intro
from pairings.models import Pairing
from pairings.reviews import services as reviews
from pairings.rules import LIVE, EndReason
from pairings.services import end_for_child
from visits import queries
from visits.departures import services as departures
from visits.groups.queries import company as company_of
from visits.groups.queries import others
from visits.groups.rules import ALONE, Company
from visits.holds import services as holds
from visits.holds.services import Claim
from visits.labels import words
from visits.lapses import services as lapses
from visits.limits.queries import limits_on
from visits.limits.rules import Limits
from visits.models import Party, Visit
from visits.planning.queries import against_the_day, facts, plannable, team
from visits.planning.rules import Plan, Problem, problems
from visits.planning.services import PARAMETERS
from visits.reminders import services as reminders
from visits.rules import AHEAD, OPEN, CancelReason, PartyRole, State
from visits.weather import queries as weather

__all__ = [
    "PARAMETERS",
    "PlanRefused",
    "call_off",
    "cancel",
    "confirm",
    "consent_withdrawn",
    "make_visit",
    "move",
    "plan_visit",
    "sweep",
    "team_gone",
]


class PlanRefused(RuleBroken):
    """Rules stand against a plan; `problems` tells which, in the order of the reasons."""

    def __init__(self, found: list[Problem], *reasons: str) -> None:
        super().__init__(*reasons)
        self.problems = found


def plan_visit(pairing_uid: str, plan: Plan, *, by: Actor) -> str:
    """Plan a visit with its reminders and return its uid. Raises NotYours, PlanRefused."""
    with transaction():
        return make_visit(plannable(pairing_uid, by), plan, by=by).uid


def make_visit(pairing: Pairing, plan: Plan, *, by: Actor, company: Company = ALONE) -> Visit:
    """Make a visit of a pairing whoever asks may plan for, in the caller's transaction.

    Raises PlanRefused, RuleBroken.
    """
    with transaction() as session:
        _judge(pairing, plan, company)
        visit = Visit(
            pairing_id=pairing.id,
            joined_id=company.first,
            county_id=pairing.county_id,
            township_id=pairing.township_id,
            village_id=pairing.village_id,
            planned_by_id=by.id,
            **plan.columns(),
        )
        session.add(visit)
        session.flush()
        _seat(visit, pairing, plan)
        intro.planned(pairing, by=by)
        audit.record("plan_visit", "visit", visit.uid, by=by.id)
        reminders.planned(visit, queries.attendees(visit))
        return visit


def move(uid: str, plan: Plan, *, version: int, by: Actor) -> None:
    """Give a visit another plan; it has to be confirmed anew. Raises NotYours, PlanRefused.

    `version` is the one that was on the page: somebody else's change in between is not undone.
    """
    with transaction() as session:
        seen = queries.seen(uid, by)
        if not seen.plans:
            raise NotYours
        visit = seen.visit
        was = reminders.Before(visit.starts_at, frozenset(one.person_id for one in seen.parties))
        pairing = session.get_one(Pairing, visit.pairing_id)
        _judge(pairing, plan, company_of(visit), moved=visit.id)
        arrived = exists().where(Party.visit_id == visit.id, Party.checked_in_at.is_not(None))
        changed = session.scalar(
            update(Visit)
            .where(
                Visit.id == visit.id,
                Visit.version == version,
                Visit.state.in_(AHEAD),
                Visit.starts_at > clock.now(),
                ~arrived,
            )
            .values(state=State.PLANNED, version=Visit.version + 1, **plan.columns())
            .returning(Visit.id)
        )
        if changed is None:
            raise RuleBroken(_("这次走访刚刚有变动，请看最新的安排再改"))
        _seat(visit, pairing, plan)
        session.refresh(visit)
        audit.record("move_visit", "visit", uid, by=by.id, fields=["starts_at", "place", "party"])
        reminders.moved(visit, queries.attendees(visit), was)


def cancel(uid: str, reason: CancelReason, *, by: Actor) -> None:
    """Call a visit off. Raises NotYours, RuleBroken."""
    with transaction():
        seen = queries.seen(uid, by)
        if not (seen.plans or seen.receives):
            raise NotYours
        intro.hold(seen.visit.pairing_id)
        if not call_off(seen.visit, reason, by=by, among=AHEAD):
            raise RuleBroken(_("这次走访已开始或已结束，不能取消"))


def confirm(uid: str, *, by: Actor) -> None:
    """Say that the place is free and the guardian agrees. Raises NotYours, RuleBroken.

    Refused when the day has turned bad since the plan: makeup day, term, examinations, weather.
    """
    with transaction() as session:
        seen = queries.seen(uid, by)
        if not seen.receives:
            raise NotYours
        _refuse(*against_the_day(seen.visit))
        confirmed = session.scalar(
            update(Visit)
            .where(
                Visit.id == seen.visit.id,
                Visit.state == State.PLANNED,
                Visit.ends_at > clock.now(),
            )
            .values(state=State.CONFIRMED, guardian_agreed=True, version=Visit.version + 1)
            .returning(Visit.id)
        )
        if confirmed is None:
            raise RuleBroken(_("这次走访已不是待确认状态"))
        audit.record("confirm_visit", "visit", uid, by=by.id, fields=["state", "guardian_agreed"])


def consent_withdrawn(child_id: int, by: Actor) -> None:
    """End the child's pairings and call off its open visits, in the caller's transaction."""
    with transaction():
        end_for_child(child_id, EndReason.CONSENT_WITHDRAWN, by)
        for visit in _open_visits(Pairing.child_id == child_id):
            call_off(visit, CancelReason.CONSENT_WITHDRAWN, by=by, among=OPEN)


def team_gone(team_id: int, by: Actor) -> None:
    """Withdraw what was proposed with a dissolved team and call off its visits.

    In the caller's transaction. Its pairings stay: what becomes of a child somebody decides.
    """
    with transaction():
        reviews.withdraw_of_team(team_id, by)
        theirs = select(Pairing.id).where(Pairing.team_id == team_id)
        departures.let_go(_call_off_for_want_of_people, Visit.pairing_id.in_(theirs))


def sweep() -> int:
    """Look after what has lapsed and return how many visits that were: the job's service."""
    reviews.sweep()
    agreements.settle()
    return (
        _drop_orphans()
        + _heed_the_weather()
        + departures.let_go(_call_off_for_want_of_people)
        + lapses.give_up()
        + lapses.raise_alarms()
    )


def _call_off_for_want_of_people(visit: Visit) -> None:
    call_off(visit, CancelReason.TOO_FEW_LEFT, by=SITE, among=AHEAD)


def _drop_orphans() -> int:
    """Call off what was planned for a pairing that has ended meanwhile."""
    with transaction():
        orphans = _open_visits(Pairing.stage.not_in(LIVE) & Visit.state.in_(AHEAD))
        for visit in orphans:
            call_off(visit, CancelReason.PAIRING_ENDED, by=SITE, among=AHEAD)
    return len(orphans)


def _heed_the_weather() -> int:
    """Call off what was planned on a stopped day: two who did both at once saw neither."""
    with transaction():
        out = _open_visits(weather.stopped() & Visit.state.in_(AHEAD))
        return sum(call_off(one, CancelReason.WEATHER, by=SITE, among=AHEAD) for one in out)


def _open_visits(condition: ColumnElement[bool]) -> Sequence[Visit]:
    """Return open visits of pairings that meet the condition, locked with these."""
    with transaction() as session:
        return session.scalars(
            select(Visit)
            .select_from(Pairing)
            .join(Visit, Visit.pairing_id == Pairing.id)
            .where(Visit.state.in_(OPEN), condition)
            .order_by(Visit.id)
            .with_for_update(of=(Pairing, Visit))
        ).all()


def _judge(pairing: Pairing, plan: Plan, company: Company, *, moved: int = 0) -> None:
    """Refuse a plan that breaks a rule. Nobody else can plan for the same people meanwhile.

    Check-then-insert is safe only because writers stand in line: on SQLite all of them, since
    transaction() begins with BEGIN IMMEDIATE; on PostgreSQL those that want the same child (its
    one live pairing's row) or the same person, whose rows are locked in the order of their ids.
    """
    with transaction() as session:
        session.refresh(pairing, with_for_update=True)
        people = select(Person.id).where(Person.id.in_(plan.people)).order_by(Person.id)
        session.execute(people.with_for_update())
        known = facts(pairing, plan, moved=moved, company=company)
        _refuse(problems(plan, known), known.limits)


def _refuse(found: list[Problem], limits: Limits) -> None:
    if found:
        called = names(problem.person_id for problem in found)
        raise PlanRefused(found, *(words(one, limits, called) for one in found))


def _seat(visit: Visit, pairing: Pairing, plan: Plan) -> None:
    """Write down who takes part, and take them for that time. Raises PlanRefused."""
    volunteer_ids = {one.person_id: one.volunteer_id for one in team(pairing)}
    with transaction() as session:
        session.execute(delete(Party).where(Party.visit_id == visit.id))
        session.add_all(
            Party(
                visit_id=visit.id,
                person_id=person_id,
                volunteer_id=volunteer_ids[person_id],
                role=PartyRole.MEMBER,
            )
            for person_id in sorted(plan.member_ids)
        )
        session.add(Party(visit_id=visit.id, person_id=plan.escort_id, role=PartyRole.ESCORT))
        session.flush()
    limits = limits_on(plan.day, pairing.county_id)
    until = plan.ends_at + limits.travel
    claim = Claim(visit.id, plan.people, pairing.child_id, plan.starts_at, until, visit.joined_id)
    _refuse(holds.take(claim), limits)


def call_off(visit: Visit, reason: CancelReason, *, by: Actor, among: Collection[State]) -> bool:
    """Cancel a visit that is in one of the states, with its messages; whether it was."""
    with transaction() as session:
        cancelled = session.scalar(
            update(Visit)
            .where(Visit.id == visit.id, Visit.state.in_(among))
            .values(
                state=State.CANCELLED,
                cancelled_at=clock.now(),
                cancel_reason=reason,
                version=Visit.version + 1,
            )
            .returning(Visit.id)
        )
        if cancelled is None:
            return False
        session.refresh(visit)
        holds.free(visit.id)
        audit.record("cancel_visit", "visit", visit.uid, by=by.id, reason=reason.value)
        intro.called_off(visit.pairing_id, by=by)
        reminders.cancelled(visit, queries.attendees(visit))
        for one in others(visit):  # who was reminded of all by this one is reminded by the next
            if one.state in AHEAD:
                reminders.renewed(one, queries.attendees(one))
        return True
