"""On both engines: a visit's whole life, and of two plans at the same moment one is made."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import OperationalError

from accounts.queries import actor_for
from core.db import db, transaction
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.visits import LASTS, SATURDAY, a_plan, an_escort, members_of, the_code
from tests.races import ENGINES, at_once, site_on
from visits import services
from visits.agenda.queries import counts, listing
from visits.agenda.rules import Tab
from visits.arrivals.services import check_in, check_out
from visits.calendar.queries import shown
from visits.calendar.rules import Filters, View, span_of
from visits.departures import services as departures
from visits.models import Visit
from visits.planning.rules import Plan
from visits.queries import seen
from visits.records.rules import Account
from visits.records.services import approve, record
from visits.rules import CancelReason, Mood, NeedChange, State
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer
from volunteers.rules import Status
from volunteers.teams.models import Team


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each engine."""
    with site_on(request.param, request, tmp_path) as app:
        yield app


def test_of_plans_at_the_same_time_for_one_team_one_is_made(both: Flask) -> None:
    first = a_pairing(stage=Stage.SCHEDULED_INTRO)
    child = a_consented_child(db.session.get_one(Area, first.village_id))
    team = db.session.get_one(Team, first.team_id)
    second: Pairing = a_pairing(child, team, stage=Stage.SCHEDULED_INTRO)
    by = actor_for(members_of(first)[0][0])
    plans = {pairing.uid: a_plan(pairing, SATURDAY) for pairing in (first, second)}

    def planning(uid: str, plan: Plan) -> Callable[[], object]:
        return lambda: services.plan_visit(uid, plan, by=by)

    raised = at_once(both, *(planning(uid, plan) for uid, plan in plans.items() for _turn in "ab"))

    assert sum(one is None for one in raised) == 1
    assert db.session.scalar(select(func.count(Visit.id))) == 1


def test_who_calls_a_visit_off_and_the_sweep_do_not_wait_for_each_other(
    both: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each locks the pairing before its visit: the other way round one of them would be undone."""
    pairing = a_pairing(stage=Stage.SCHEDULED_INTRO)
    people = members_of(pairing)
    plan = a_plan(pairing, SATURDAY)
    uid = services.plan_visit(pairing.uid, plan, by=actor_for(people[0][0]))
    escort = actor_for(plan.escort_id)
    with transaction() as session:
        left = Volunteer.id.in_([volunteer_id for _person_id, volunteer_id in people])
        session.execute(update(Volunteer).where(left).values(status=Status.SUSPENDED))
    found, locked, failed = departures._left_by_somebody, threading.Event(), []  # noqa: SLF001 - to stand in between

    def slowly(among: ColumnElement[bool]) -> Sequence[Visit]:
        visits = found(among)
        locked.set()
        time.sleep(0.3)  # the other one comes meanwhile
        return visits

    def cancel() -> None:
        assert locked.wait(20)
        try:
            services.cancel(uid, CancelReason.GUARDIAN, by=escort)
        except OperationalError as error:
            failed.append(error)

    monkeypatch.setattr(departures, "_left_by_somebody", slowly)
    at_once(both, cancel, services.sweep)

    visit = db.session.scalars(select(Visit).where(Visit.uid == uid)).one()
    assert (visit.state, visit.cancel_reason) == (State.CANCELLED, CancelReason.TOO_FEW_LEFT)
    assert not failed


def test_a_visit_from_the_plan_to_the_credited_hours(
    both: Flask, set_clock: Callable[[datetime], None]
) -> None:
    pairing = a_pairing(stage=Stage.SCHEDULED_INTRO)
    leader, other = (actor_for(person_id) for person_id, _volunteer_id in members_of(pairing))
    escort = actor_for(an_escort(pairing))
    plan = a_plan(pairing, SATURDAY - timedelta(hours=1), escort_id=escort.id)
    uid = services.plan_visit(pairing.uid, plan, by=leader)
    moved = a_plan(pairing, SATURDAY, escort_id=escort.id)
    services.move(uid, moved, version=1, by=leader)
    services.confirm(uid, by=escort)
    set_clock(SATURDAY + timedelta(minutes=30))
    assert services.sweep() == 1
    visit = seen(uid, leader).visit
    for somebody in (leader, other):
        check_in(uid, the_code(visit), by=somebody)
    set_clock(SATURDAY + LASTS)
    for somebody in (leader, other):
        check_out(uid, the_code(visit), by=somebody)
    told = Account(True, Mood.GREAT, "一起做了风筝", NeedChange.NONE, "", "", None, concern=False)
    record(uid, told, follows=0, by=leader)
    approve(uid, 1, by=actor_for(pairing.supervisor_id or 0))

    assert set(db.session.scalars(select(HourEntry.minutes))) == {60}
    assert counts(leader, *Tab, today=True) == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    with both.test_request_context("/visits"):
        assert [row.uid for row in listing(leader, Tab.PAST).rows] == [uid]
    november = shown(leader, Filters(), span_of(View.MONTH, date(2026, 11, 1)))
    assert [len(day.visits) for day in november.days if day.visits] == [1]
    set_clock(SATURDAY + timedelta(days=2))
    assert services.sweep() == 0
