"""Planning, moving, confirming and calling off: what is allowed, and what is said about it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import SITE, Actor, Role
from children.consents.models import Consent
from children.models import Child
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.parameters import ParameterValue
from messages.models import Message
from messages.rules import Channel
from messages.rules import State as Sent
from pairings.models import Pairing
from pairings.rules import EndReason, Stage
from pairings.services import end_for_child
from places.days.models import SchoolTime
from places.days.rules import DayKind, TimeKind
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_grant, a_member_of_staff, a_person
from tests.builders.places import a_county, a_township, a_village
from tests.builders.visits import (
    LASTS,
    SATURDAY,
    a_calendar_day,
    a_plan,
    a_visit,
    an_escort,
    members_of,
)
from tests.builders.volunteers import a_team, an_active_volunteer
from tests.conftest import NOON
from tests.factories import saved
from visits import services
from visits.models import Party, Visit
from visits.planning.rules import Plan, Why
from visits.rules import CancelReason, PartyRole, State
from visits.services import PlanRefused
from volunteers.models import Evidence, Volunteer
from volunteers.rules import EvidenceKind, Sex, Status
from volunteers.teams.models import Team

pytestmark = pytest.mark.usefixtures("app")


def ready(**given: Any) -> Pairing:
    return a_pairing(stage=Stage.ACTIVE, **given)


def the_leader(pairing: Pairing) -> Actor:
    return actor_for(members_of(pairing)[0][0])


def the_visit(uid: str) -> Visit:
    db.session.expire_all()
    return db.session.scalars(select(Visit).where(Visit.uid == uid)).one()


def ledger(kind: str, *states: Sent) -> list[Message]:
    found = select(Message).where(Message.kind == kind).order_by(Message.id)
    return list(db.session.scalars(found.where(Message.state.in_(states)) if states else found))


def refused(pairing: Pairing, plan: Plan) -> set[Why]:
    with pytest.raises(PlanRefused) as refusal:
        services.plan_visit(pairing.uid, plan, by=the_leader(pairing))
    assert all(refusal.value.reasons)
    return {problem.why for problem in refusal.value.problems}


def and_then_fail(action: Callable[[], object]) -> None:
    with transaction():
        action()
        raise ZeroDivisionError


def test_the_leader_plans_a_visit_with_everybody() -> None:
    pairing = ready()
    plan = a_plan(pairing)

    visit = the_visit(services.plan_visit(pairing.uid, plan, by=the_leader(pairing)))

    parties = {party.person_id: party for party in db.session.scalars(select(Party)).all()}
    assert set(parties) == plan.people
    assert parties[plan.escort_id].role is PartyRole.ESCORT
    assert {parties[person].volunteer_id for person, _id in members_of(pairing)} == {
        volunteer_id for _person, volunteer_id in members_of(pairing)
    }
    assert (visit.state, visit.version) == (State.PLANNED, 1)
    assert visit.village_id == pairing.village_id


def test_the_coordinator_plans_in_the_own_county_only() -> None:
    pairing = ready()
    own = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id))
    other = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))

    with pytest.raises(NotYours):
        services.plan_visit(pairing.uid, a_plan(pairing), by=other)
    assert services.plan_visit(pairing.uid, a_plan(pairing), by=own)


def test_neither_another_member_nor_another_teams_leader_plans() -> None:
    pairing = ready()
    member = actor_for(members_of(pairing)[1][0])
    other = the_leader(ready())

    for somebody in (member, other, SITE):
        with pytest.raises(NotYours):
            services.plan_visit(pairing.uid, a_plan(pairing), by=somebody)


def test_a_leader_who_is_suspended_plans_nothing() -> None:
    pairing = ready()
    with transaction() as session:
        session.get_one(Volunteer, members_of(pairing)[0][1]).status = Status.SUSPENDED
    with pytest.raises(NotYours):
        services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))


def test_everybody_is_reminded_and_the_leader_of_the_record(
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(SATURDAY - timedelta(days=10))
    pairing = ready()
    plan = a_plan(pairing)
    services.plan_visit(pairing.uid, plan, by=the_leader(pairing))

    seven = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    due = {
        "visit_t7d": [seven],
        "visit_t2d": [SATURDAY - timedelta(days=2)],
        "visit_t2h": [SATURDAY - timedelta(hours=2)],
    }
    for kind, moments in due.items():
        rows = ledger(kind)
        assert {row.person_id for row in rows} == plan.people
        assert {row.due_at for row in rows} == set(moments)
        assert {row.channel for row in rows} == {Channel.INAPP, Channel.EMAIL}
    records = ledger("visit_record_due")
    assert {row.person_id for row in records} == {members_of(pairing)[0][0]}
    end = SATURDAY + LASTS
    assert {row.due_at for row in records} == {end + timedelta(days=1), end + timedelta(days=2)}


def test_messages_say_when_and_which_and_nothing_of_the_child() -> None:
    pairing = ready()
    services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    child = db.session.get_one(Child, pairing.child_id)
    for row in db.session.scalars(select(Message)):
        assert set(row.params) - {"answer"} == {"uid", "number", "when"}
        assert set(row.params.get("answer", {})) <= {"person", "minute"}
        assert child.alias not in str(row.params)
        assert "工作站" not in str(row.params)


def test_a_plan_that_fails_leaves_no_trace() -> None:
    pairing = ready()
    plan = a_plan(pairing)
    with pytest.raises(ZeroDivisionError):
        and_then_fail(lambda: services.plan_visit(pairing.uid, plan, by=the_leader(pairing)))
    for kind in (Visit, Party, Message):
        assert db.session.scalar(select(func.count()).select_from(kind)) == 0


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (NOON + timedelta(hours=23), Why.TOO_SOON),
        (SATURDAY - timedelta(days=14), Why.TOO_SOON),
        (SATURDAY + timedelta(days=2), Why.CLASS_HOURS),
        (SATURDAY.replace(hour=17), Why.OUT_OF_HOURS),
        (SATURDAY + timedelta(days=400), Why.OUTSIDE_PAIRING),
    ],
)
def test_a_plan_at_a_wrong_time_is_refused(start: datetime, why: Why) -> None:
    pairing = ready()
    assert why in refused(pairing, a_plan(pairing, start))


def test_a_makeup_workday_is_a_school_day() -> None:
    pairing = ready()
    a_calendar_day(SATURDAY.date(), DayKind.MAKEUP_WORKDAY)
    assert refused(pairing, a_plan(pairing)) == {Why.MAKEUP_WORKDAY}


def test_evidence_has_to_hold_on_the_day_of_the_visit() -> None:
    pairing = ready()
    person_id, volunteer_id = members_of(pairing)[1]
    with transaction() as session:
        row = session.scalars(
            select(Evidence).where(
                Evidence.volunteer_id == volunteer_id, Evidence.kind == EvidenceKind.INSURANCE
            )
        ).one()
        row.valid_until = SATURDAY.date() - timedelta(days=1)
    assert refused(pairing, a_plan(pairing)) == {Why.NOT_CLEARED}
    plan = a_plan(pairing)
    for weeks in (2, 4, 6):  # the first visits take two volunteers
        before = SATURDAY - timedelta(weeks=weeks)
        a_visit(pairing, starts_at=before, state=State.APPROVED)
    without = frozenset(plan.member_ids - {person_id})
    assert services.plan_visit(
        pairing.uid, a_plan(pairing, member_ids=without), by=the_leader(pairing)
    )


def test_consent_has_to_hold_on_the_day_of_the_visit() -> None:
    pairing = ready()
    with transaction() as session:
        for consent in session.scalars(select(Consent)):
            consent.valid_until = SATURDAY.date() - timedelta(days=1)
    assert refused(pairing, a_plan(pairing)) == {Why.NO_CONSENT}


def test_a_paused_member_stays_at_home() -> None:
    pairing = ready()
    with transaction() as session:
        session.get_one(Volunteer, members_of(pairing)[1][1]).status = Status.PAUSED
    assert refused(pairing, a_plan(pairing)) == {Why.NOT_ACTIVE}


def test_two_men_do_not_visit_a_girl() -> None:
    county = a_county()
    men = [an_active_volunteer(county, sex=Sex.MALE) for _turn in range(2)]
    child = a_consented_child(a_village(a_township(county)), girl=True)
    pairing = ready(child=child, team=a_team(county, members=men))
    assert refused(pairing, a_plan(pairing)) == {Why.NO_WOMAN}


def test_the_escort_is_known_in_the_village_or_the_township() -> None:
    pairing = ready()
    elsewhere = a_member_of_staff(Role.CHILD_DIRECTOR, area_id=a_village().id)
    leaving = a_person().id
    a_grant(leaving, Role.CHILD_DIRECTOR, area_id=pairing.village_id, until_on=date(2026, 11, 27))
    for stranger in (elsewhere, leaving, 999_999):
        assert Why.ESCORT_NOT_LOCAL in refused(pairing, a_plan(pairing, escort_id=stranger))

    supervisor = a_member_of_staff(Role.CHILD_SUPERVISOR, area_id=pairing.township_id)
    plan = a_plan(pairing, escort_id=supervisor)
    assert services.plan_visit(pairing.uid, plan, by=the_leader(pairing))


def test_a_pairing_that_is_paused_or_only_proposed_has_no_visits() -> None:
    for stage in (Stage.PROPOSED, Stage.PAUSED, Stage.ENDED):
        pairing = a_pairing(stage=stage)
        assert Why.PAIRING_NOT_OPEN in refused(pairing, a_plan(pairing))


def test_one_child_is_visited_once_a_week() -> None:
    pairing = ready()
    services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    sunday = SATURDAY + timedelta(days=1)
    assert refused(pairing, a_plan(pairing, sunday)) == {Why.TOO_OFTEN}
    assert services.plan_visit(
        pairing.uid, a_plan(pairing, SATURDAY + timedelta(days=7)), by=the_leader(pairing)
    )


def test_a_visit_called_off_does_not_count_for_the_week() -> None:
    pairing = ready()
    a_visit(pairing, state=State.CANCELLED, starts_at=SATURDAY + timedelta(days=1))
    assert services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))


def two_pairings_of_one_team() -> tuple[Pairing, Pairing]:
    first = ready()
    child = a_consented_child(db.session.get_one(Area, first.village_id))
    second = ready(child=child, team=db.session.get_one(Team, first.team_id))
    return first, second


def test_nobody_is_in_two_places_at_once() -> None:
    first, second = two_pairings_of_one_team()
    services.plan_visit(first.uid, a_plan(first), by=the_leader(first))
    too_near = a_plan(second, SATURDAY + LASTS + timedelta(minutes=29))
    assert refused(second, too_near) == {Why.PERSON_BUSY}
    far_enough = a_plan(second, SATURDAY + LASTS + timedelta(minutes=30))
    assert services.plan_visit(second.uid, far_enough, by=the_leader(second))


def test_moving_gives_new_reminders_and_tells_whoever_knew_the_old_time() -> None:
    pairing = ready()
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    assert ledger("visit_t2h", Sent.PENDING)
    tell("visit_t7d")
    services.confirm(uid, by=the_escort(uid))

    later = a_plan(pairing, SATURDAY + timedelta(days=7))
    services.move(uid, later, version=2, by=the_leader(pairing))

    visit = the_visit(uid)
    assert (visit.state, visit.version, visit.starts_at) == (State.PLANNED, 3, later.starts_at)
    assert not visit.guardian_agreed
    assert {row.due_at for row in ledger("visit_t2h", Sent.PENDING)} == {
        later.starts_at - timedelta(hours=2)
    }
    assert {row.person_id for row in ledger("visit_moved")} >= later.people
    assert {party.person_id for party in db.session.scalars(select(Party))} == later.people


def test_moving_before_anybody_was_told_corrects_nothing(
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(SATURDAY - timedelta(days=12))
    pairing = ready()
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    later = a_plan(pairing, SATURDAY + timedelta(days=1))
    services.move(uid, later, version=1, by=the_leader(pairing))
    assert ledger("visit_moved") == []


def test_a_visit_does_not_stand_in_its_own_way() -> None:
    pairing = ready()
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    half_an_hour_later = a_plan(pairing, SATURDAY + timedelta(minutes=30))
    services.move(uid, half_an_hour_later, version=1, by=the_leader(pairing))
    assert the_visit(uid).starts_at == half_an_hour_later.starts_at


def test_moving_what_somebody_has_just_moved_is_refused() -> None:
    pairing = ready()
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    services.move(
        uid, a_plan(pairing, SATURDAY + timedelta(days=7)), version=1, by=the_leader(pairing)
    )
    with pytest.raises(RuleBroken, match="刚刚有变动"):
        services.move(
            uid, a_plan(pairing, SATURDAY + timedelta(days=14)), version=1, by=the_leader(pairing)
        )
    assert the_visit(uid).starts_at == SATURDAY + timedelta(days=7)


def test_calling_off_stops_every_reminder_and_tells_whoever_knew() -> None:
    pairing = ready()
    plan = a_plan(pairing)
    uid = services.plan_visit(pairing.uid, plan, by=the_leader(pairing))
    tell("visit_t7d")

    services.cancel(uid, CancelReason.WEATHER, by=the_leader(pairing))

    visit = the_visit(uid)
    assert (visit.state, visit.cancel_reason) == (State.CANCELLED, CancelReason.WEATHER)
    waiting = db.session.scalars(select(Message.kind).where(Message.state == Sent.PENDING)).all()
    assert set(waiting) == {"visit_cancelled"}
    assert {row.person_id for row in ledger("visit_cancelled")} == plan.people
    with pytest.raises(RuleBroken, match="不能取消"):
        services.cancel(uid, CancelReason.WEATHER, by=the_leader(pairing))


def test_calling_off_that_fails_leaves_the_reminders() -> None:
    pairing = ready()
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    before = len(ledger("visit_t2h", Sent.PENDING))
    with pytest.raises(ZeroDivisionError):
        and_then_fail(lambda: services.cancel(uid, CancelReason.WEATHER, by=the_leader(pairing)))
    assert len(ledger("visit_t2h", Sent.PENDING)) == before
    assert the_visit(uid).state is State.PLANNED


def test_a_change_the_night_before_is_told_at_night(
    set_clock: Callable[[datetime], None],
) -> None:
    pairing = ready()
    plan = a_plan(pairing, SATURDAY.replace(hour=8, minute=30))
    uid = services.plan_visit(pairing.uid, plan, by=the_leader(pairing))
    tell("visit_t7d")
    late = SATURDAY.replace(hour=22) - timedelta(days=1)
    set_clock(late)
    services.cancel(uid, CancelReason.WEATHER, by=the_leader(pairing))
    assert {row.next_at for row in ledger("visit_cancelled")} == {late}


def test_strangers_move_and_cancel_nothing() -> None:
    pairing = ready()
    plan = a_plan(pairing)
    uid = services.plan_visit(pairing.uid, plan, by=the_leader(pairing))
    member = actor_for(members_of(pairing)[1][0])
    for somebody in (member, the_leader(ready()), SITE):
        with pytest.raises(NotYours):
            services.move(uid, plan, version=1, by=somebody)
        with pytest.raises(NotYours):
            services.cancel(uid, CancelReason.WEATHER, by=somebody)
    assert the_visit(uid).version == 1


def test_the_escort_confirms_and_nobody_else_does() -> None:
    pairing = ready()
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    another_director = actor_for(an_escort(pairing))
    for somebody in (the_leader(pairing), another_director):
        with pytest.raises(NotYours):
            services.confirm(uid, by=somebody)

    services.confirm(uid, by=the_escort(uid))

    visit = the_visit(uid)
    assert (visit.state, visit.guardian_agreed) == (State.CONFIRMED, True)
    with pytest.raises(RuleBroken):
        services.confirm(uid, by=the_escort(uid))


def test_a_day_that_has_turned_bad_since_the_plan_is_not_confirmed() -> None:
    pairing = ready()
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    a_calendar_day(SATURDAY.date(), kind=DayKind.MAKEUP_WORKDAY)

    with pytest.raises(services.PlanRefused) as refusal:
        services.confirm(uid, by=the_escort(uid))

    assert [one.why for one in refusal.value.problems] == [Why.MAKEUP_WORKDAY]
    assert the_visit(uid).state is State.PLANNED


def test_examinations_that_were_entered_later_stand_against_a_confirmation() -> None:
    pairing = ready()
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    day = SATURDAY.date()
    fields = {"kind": TimeKind.EXAMS, "name": "期中", "source": "测试", "confirmed": True}
    saved(SchoolTime(area_id=pairing.county_id, first_day=day, last_day=day, **fields))

    with pytest.raises(services.PlanRefused) as refusal:
        services.confirm(uid, by=the_escort(uid))

    assert [one.why for one in refusal.value.problems] == [Why.EXAMS]


def test_an_escort_whose_office_has_ended_confirms_nothing() -> None:
    pairing = ready()
    escort_id = a_person().id
    visit = a_visit(pairing, escort_id=escort_id)
    with pytest.raises(NotYours):
        services.confirm(visit.uid, by=actor_for(escort_id))


def test_withdrawn_consent_ends_the_pairing_and_calls_off_what_was_planned() -> None:
    pairing = ready()
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    over = a_visit(pairing, state=State.APPROVED, starts_at=SATURDAY - timedelta(days=14))
    tell("visit_t7d")

    services.consent_withdrawn(pairing.child_id, by=SITE)

    visit = the_visit(uid)
    assert visit.cancel_reason is CancelReason.CONSENT_WITHDRAWN
    assert the_visit(over.uid).state is State.APPROVED
    assert db.session.get_one(Pairing, pairing.id).stage is Stage.ENDED
    assert ledger("visit_cancelled")
    assert not ledger("visit_t2h", Sent.PENDING)


def test_visits_of_a_pairing_that_has_ended_are_swept_away() -> None:
    pairing = ready()
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=the_leader(pairing))
    with transaction():
        end_for_child(pairing.child_id, EndReason.CHILD_SAYS_NO, SITE)

    assert services.sweep() == 1

    assert the_visit(uid).cancel_reason is CancelReason.PAIRING_ENDED
    assert services.sweep() == 0


def test_a_dated_parameter_changes_the_rule_from_its_day_on() -> None:
    saved(
        ParameterValue(
            name="visits.first_time",
            effective_from=date(2026, 11, 28),
            value={"value": "11:00"},
            source="测试",
        )
    )
    pairing = ready()
    assert refused(pairing, a_plan(pairing)) == {Why.OUT_OF_HOURS}


def test_a_parameter_nobody_can_read_counts_as_declared() -> None:
    saved(
        ParameterValue(
            name="visits.terms",
            effective_from=date(2026, 1, 1),
            value={"value": "寒假 暑假"},
            source="测试",
        )
    )
    pairing = ready()
    assert refused(pairing, a_plan(pairing, SATURDAY + timedelta(days=2))) == {Why.CLASS_HOURS}


def the_escort(uid: str) -> Actor:
    escort = db.session.scalars(
        select(Party.person_id)
        .join(Visit, Visit.id == Party.visit_id)
        .where(Visit.uid == uid, Party.role == PartyRole.ESCORT)
    ).one()
    return actor_for(escort)


def tell(kind: str) -> None:
    """Make the messages of a kind have been sent."""
    with transaction() as session:
        for row in session.scalars(select(Message).where(Message.kind == kind)):
            row.state = Sent.SENT
