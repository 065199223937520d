"""No sequence of events leaves somebody active without clearance once lapses have been acted on."""

import contextlib
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import select

from accounts import queries as accounts
from accounts.rules import Actor, Role
from core import clock
from core.db import db
from core.errors import NotYours, RuleBroken
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.places import a_city, a_county
from tests.builders.volunteers import a_volunteer, cleared
from tests.conftest import NOON, SetClock
from volunteers import services
from volunteers.evidence.rules import NewEvidence
from volunteers.evidence.services import record_evidence, sign_pledge, void_evidence
from volunteers.models import Evidence, Volunteer
from volunteers.queries import clearances
from volunteers.rules import EvidenceKind, Outcome, Status

SOME = settings(
    max_examples=25,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
kinds = st.sampled_from(EvidenceKind)
ages, lengths = st.integers(-1, 400), st.none() | st.integers(-1, 500)
verbs = st.sampled_from(["activate", "pause", "resume", "suspend", "leave", "bar", "register"])


class _Life(RuleBasedStateMachine):
    """One volunteer, everybody who may act on them, and time."""

    set_clock: SetClock

    @initialize(ready=st.booleans())
    def begin(self, ready: bool) -> None:
        self.now = NOON
        self.set_clock(self.now)
        county = a_county()
        self.coordinator = self._staff(Role.COORDINATOR, county.id)
        self.lead = self._staff(Role.SAFEGUARDING_LEAD, a_city().id)
        volunteer = a_volunteer(county, person_id=a_person().id)
        self.uid, self.id, self.person_id = volunteer.uid, volunteer.id, volunteer.person_id
        self.county_id = county.id
        if ready:
            cleared(volunteer)
            services.activate(self.uid, by=self.coordinator)

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
        assert volunteer.status is not Status.ACTIVE or held.complete

    @invariant()
    def nobody_active_lacks_anything(self) -> None:
        if not hasattr(self, "id"):
            return
        services.expire_lapsed()
        self._is_sound()


def test_nobody_stays_active_without_clearance(app: Flask, set_clock: SetClock) -> None:
    run(type("Life", (_Life,), {"set_clock": staticmethod(set_clock)}), settings=SOME)
