"""No sequence of events brings somebody without clearance to a child.

Whoever is active is cleared once lapses have been acted on; and at every moment, acted on or not,
nobody uncleared is booked for a visit, checked in, or proposed for another child. The whole number
of sequences:

    TONGXING_WHOLE=1 .venv/bin/pytest tests/test_volunteers_stateful.py
"""

import contextlib
from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import select

from accounts import queries as accounts
from accounts.rules import Actor, Role
from campaigns.seats.rules import SeatState
from campaigns.signups.day.rules import Move
from campaigns.signups.day.services import note
from children.rules import NeedState
from core import clock
from core.db import db
from core.errors import NotYours, RuleBroken
from core.zone import CHINA
from pairings.models import Pairing
from pairings.proposals.services import Proposal, propose
from pairings.rules import Stage
from tests.builders.campaigns import a_campaign, a_sign_up, a_slot_of_today
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.builders.visits import a_plan, a_visit
from tests.builders.volunteers import (
    ENDING,
    a_free_time,
    a_team,
    a_volunteer,
    an_active_volunteer,
    an_evidence,
    cleared,
)
from tests.conftest import NOON, SetClock
from tests.crashes import WHOLE
from visits.arrivals.services import check_in_for
from visits.models import Party
from visits.rules import State
from visits.services import plan_visit
from volunteers import services
from volunteers.evidence.rules import NewEvidence
from volunteers.evidence.services import record_evidence, sign_pledge, void_evidence
from volunteers.models import Evidence, Volunteer
from volunteers.queries import clearances
from volunteers.rules import EvidenceKind, Outcome, Sex, Status
from volunteers.teams.queries import members

SOME = settings(
    max_examples=2_000 if WHOLE else 25,
    deadline=None,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
kinds = st.sampled_from(EvidenceKind)
ages, lengths = st.integers(-1, 400), st.none() | st.integers(-1, 500)
verbs = st.sampled_from(["activate", "pause", "resume", "suspend", "leave", "bar", "register"])

DOORS = {"visit", "activity", "booking", "proposal"}


class _Life(RuleBasedStateMachine):
    """One volunteer in a team that visits a child, everybody who may act on them, and time."""

    set_clock: SetClock
    reached: Counter[str]
    """How often each door was opened: doors that never open would prove nothing."""

    @initialize(ready=st.sampled_from([True, True, True, False]))
    def begin(self, ready: bool) -> None:
        self.now, self.swept = NOON, True
        self.set_clock(self.now)
        county = a_county()
        self.coordinator = self._staff(Role.COORDINATOR, county.id)
        self.lead = self._staff(Role.SAFEGUARDING_LEAD, a_city().id)
        volunteer = a_volunteer(county, person_id=a_person().id, sex=Sex.MALE, capacity=2)
        self.uid, self.id, self.person_id = volunteer.uid, volunteer.id, volunteer.person_id
        self.county_id = county.id
        if ready:
            cleared(volunteer)
            services.activate(self.uid, by=self.coordinator)
        a_free_time(volunteer)
        self.village = a_village(a_township(county))
        mate = an_active_volunteer(county, sex=Sex.FEMALE, capacity=2)
        for kind in ENDING:
            an_evidence(mate, kind, dated=clock.today(), valid_until=date(2099, 1, 1))
        self.team = a_team(county, members=[mate, volunteer])
        child = a_consented_child(self.village, state=NeedState.MATCHED)
        pairing = a_pairing(child, self.team, stage=Stage.ACTIVE, ends_on=date(2099, 1, 1))
        self.pairing_id, self.pairing_uid = pairing.id, pairing.uid

    def _staff(self, role: Role, area_id: int) -> Actor:
        return accounts.actor_for(a_member_of_staff(role, area_id=area_id))

    @rule(kind=kinds, hit=st.integers(0, 5), age=ages, lasts=lengths)
    def records(self, kind: EvidenceKind, hit: int, age: int, lasts: int | None) -> None:
        dated = clock.today() - timedelta(days=age)
        outcome = Outcome.HIT if hit == 0 else Outcome.CLEAR
        until = None if lasts is None else dated + timedelta(days=lasts)
        self._try(
            record_evidence,
            self.uid,
            NewEvidence(kind, dated, "R", outcome, until),
            by=self.coordinator,
        )

    @rule(which=st.integers(0, 9), by_lead=st.booleans())
    def voids(self, which: int, by_lead: bool) -> None:
        listed = select(Evidence.id).where(Evidence.volunteer_id == self.id)
        entries = db.session.scalars(listed).all()
        if entries:
            by = self.lead if by_lead else self.coordinator
            entry = entries[which % len(entries)]
            self._try(void_evidence, self.uid, entry, reason="错", by=by)

    @rule()
    def signs(self) -> None:
        self._try(sign_pledge, by=self._self())

    @rule(verb=verbs, own=st.booleans())
    def acts(self, verb: str, own: bool) -> None:
        if verb == "register":
            services.register(self.person_id, name="样例", county_id=self.county_id)
            return
        reason: dict[str, Any] = {"reason": "x"} if verb in {"suspend", "leave", "bar"} else {}
        by = self.lead if verb == "bar" else self.coordinator
        if own:
            by = self._self()
        self._try(getattr(services, verb), self.uid, by=by, **reason)

    @rule(days=st.integers(1, 200))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.set_clock(self.now)
        self.swept = False

    @rule()
    def comes_to_a_visit(self) -> None:
        """Stand at the door of a confirmed visit, whatever has or has not been swept by then."""
        pairing = db.session.get_one(Pairing, self.pairing_id)
        visit = a_visit(pairing, starts_at=self.now, state=State.CONFIRMED)
        mine = select(Party.id).where(Party.visit_id == visit.id, Party.person_id == self.person_id)
        party_id = db.session.scalar(mine)
        if party_id is not None:
            self._enters("visit", check_in_for, visit.uid, party_id, by=self.coordinator)

    @rule()
    def comes_to_an_activity(self) -> None:
        slot = a_slot_of_today(a_campaign(area_id=self.county_id), with_children=True)
        mine = a_sign_up(slot, person_id=self.person_id, state=SeatState.CONFIRMED)
        self._enters("activity", note, slot.uid, mine.uid, Move.ARRIVED, by=self.coordinator)

    @rule(weeks=st.integers(0, 30))
    def books_a_visit(self, weeks: int) -> None:
        ahead = (5 - self.now.weekday()) % 7 + 7 * weeks
        start = datetime.combine(self.now.date() + timedelta(ahead), time(14), CHINA)
        pairing = db.session.get_one(Pairing, self.pairing_id)
        plan = a_plan(pairing, start)
        if self.person_id in plan.member_ids:
            self._enters(
                "booking", plan_visit, self.pairing_uid, plan, by=self.coordinator, on=start.date()
            )

    @rule()
    def is_proposed_for_another_child(self) -> None:
        child = a_consented_child(self.village)
        proposal = Proposal(self.team.uid, "合适", self.now.date() + timedelta(days=60))
        if self.id in {one.volunteer_id for one in members([self.team.id])[self.team.id]}:
            self._enters("proposal", propose, child.uid, proposal, by=self.coordinator)

    def _enters(
        self, door: str, act: Any, *args: Any, on: date | None = None, **named: Any
    ) -> None:
        """Try a door: it opens only to whoever is active, and cleared on the day."""
        db.session.expire_all()
        status = db.session.get_one(Volunteer, self.id).status
        held = clearances([self.id], on or clock.today())[self.id]
        try:
            act(*args, **named)
        except (RuleBroken, NotYours):
            return
        self.reached[door] += 1
        assert status is Status.ACTIVE
        assert held.complete

    @rule()
    def clears_again(self) -> None:
        """Give everything anew, so that activation is reached more than by chance."""
        db.session.expire_all()
        volunteer = db.session.get_one(Volunteer, self.id)
        cleared(volunteer)
        self._try(services.activate, self.uid, by=self.coordinator)

    def _self(self) -> Actor:
        return accounts.actor_for(self.person_id)

    def _try(self, act: Any, *args: Any, **named: Any) -> None:
        with contextlib.suppress(RuleBroken, NotYours):
            act(*args, **named)
        self._is_sound()

    def _is_sound(self) -> None:
        """What a service leaves behind is right at once; only time needs the job."""
        db.session.expire_all()
        volunteer = db.session.get_one(Volunteer, self.id)
        held = clearances([self.id], clock.today())[self.id]
        assert not self.swept or volunteer.status is not Status.ACTIVE or held.complete

    @rule()
    def lapses_are_acted_on(self) -> None:
        services.expire_lapsed()
        self.swept = True
        self._is_sound()


def _lives(set_clock: SetClock) -> tuple[type[_Life], Counter[str]]:
    reached: Counter[str] = Counter()
    given = {"set_clock": staticmethod(set_clock), "reached": reached}
    return type("Life", (_Life,), given), reached


def test_nobody_uncleared_comes_to_a_child(app: Flask, set_clock: SetClock) -> None:
    life, reached = _lives(set_clock)
    run(life, settings=SOME)
    if WHOLE:
        assert set(reached) == DOORS


def test_every_door_opens_to_the_cleared(app: Flask, set_clock: SetClock) -> None:
    life, reached = _lives(set_clock)
    one = life()
    one.begin(ready=True)
    one.books_a_visit(weeks=2)
    one.is_proposed_for_another_child()
    one.comes_to_a_visit()
    one.comes_to_an_activity()
    assert set(reached) == DOORS
