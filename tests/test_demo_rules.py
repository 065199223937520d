"""The demonstration obeys the rules of the rooms it fills: all of it could have happened."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import RoleGrant
from accounts.rules import Role
from campaigns.blocks.models import Block
from campaigns.models import Slot
from campaigns.numbers.models import DayCount
from campaigns.numbers.services import recount
from campaigns.rules import Measure
from campaigns.seats.rules import SEATED, SeatState
from campaigns.signups.models import SignUp
from campaigns.wishes.making import services as making
from campaigns.wishes.making.services import Asked
from campaigns.wishes.models import Wish, WishClaim
from campaigns.wishes.rules import BRINGING, HERE, WishState
from children.consents.models import Consent
from children.consents.queries import lacking
from children.models import Child
from children.rules import ConsentState, NeedState, identifying, is_alias
from core import clock
from core.db import db
from core.zone import CHINA
from demo import services
from messages.models import Message, Subject
from messages.rules import State as MessageState
from pairings.agreements.models import AgreementSignature
from pairings.agreements.rules import seats
from pairings.answers.models import PairingAnswer
from pairings.answers.rules import Whose
from pairings.models import Pairing
from pairings.rules import ASKING, DECIDING, LIVE, VISITABLE, EndReason, Stage, may_go
from pairings.steps.models import PairingStep
from places.days.models import CalendarDay
from places.days.rules import DayKind
from places.services import load_own_city
from tests.conftest import SetClock
from visits.models import Party, Visit
from visits.planning import queries as planning
from visits.planning.rules import Plan, Why, problems
from visits.records.models import VisitRecord
from visits.rules import AHEAD, OPEN, VOID, PartyRole, State, served
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer
from volunteers.queries import clearances, proofs_of
from volunteers.rules import ALWAYS, Sex, Status, clearance
from volunteers.teams.models import TeamMember

MOMENTS = {
    "a Tuesday noon": datetime(2026, 11, 24, 12, tzinfo=CHINA),
    "late on New Year's Eve": datetime(2026, 12, 31, 23, 40, tzinfo=CHINA),
    "early on a Saturday of the summer break": datetime(2027, 8, 7, 6, 5, tzinfo=CHINA),
    "a Sunday that is worked": datetime(2026, 9, 20, 9, 50, tzinfo=CHINA),
}


@pytest.fixture(params=list(MOMENTS.values()), ids=list(MOMENTS))
def demonstration(app: Flask, request: pytest.FixtureRequest, set_clock: SetClock) -> Flask:
    set_clock(request.param)
    load_own_city()
    services.load("small")
    db.session.remove()
    return app


def test_everything_holds(demonstration: Flask) -> None:
    """One load for all: each function below says what it finds."""
    for check in (
        volunteers_are_what_their_evidence_says,
        teams_can_visit_the_child_they_have,
        two_people_decide_on_every_pairing,
        each_pairing_came_to_where_it_stands_by_the_edges_there_are,
        agreed_pairings_have_their_answers_and_signatures,
        children_of_live_pairings_have_consent,
        children_wait_in_every_state,
        seats_are_taken_by_sign_ups,
        wishes_stand_in_every_state_and_two_people_each,
        counters_count_what_is_there,
        visits_and_records_go_together,
        hours_are_credited_once_for_what_was_served,
        pairings_are_active_after_their_first_visit,
        visits_of_a_child_lie_a_week_apart,
        nobody_is_in_two_places_at_once,
        nobody_visits_uncleared_or_outside_a_pairing,
        coming_visits_could_be_planned_now,
        reminders_wait_for_coming_visits,
        free_texts_give_nobody_away,
    ):
        check()


def volunteers_are_what_their_evidence_says() -> None:
    known = clearances(db.session.scalars(select(Volunteer.id)).all(), clock.today())
    found = Counter[tuple[Status, bool]]()
    for volunteer in db.session.scalars(select(Volunteer)):
        held = known[volunteer.id]
        found[volunteer.status, held.complete] += 1
        if volunteer.status is Status.ACTIVE:
            assert held.complete, volunteer.number
            assert volunteer.sex, volunteer.number
            assert clock.today().year - (volunteer.birth_year or 9999) >= 18, volunteer.number
        if volunteer.status in {Status.EXPIRED, Status.BARRED}:
            assert not held.complete, volunteer.number
    assert found[Status.APPLIED, True]
    assert found[Status.APPLIED, False]


def members() -> dict[int, list[Volunteer]]:
    found: dict[int, list[Volunteer]] = defaultdict(list)
    rows = db.session.execute(
        select(TeamMember.team_id, Volunteer)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .where(TeamMember.left_on.is_(None))
        .order_by(TeamMember.id)
    )
    for team_id, volunteer in rows:
        found[team_id].append(volunteer)
    return found


def children() -> dict[int, Child]:
    return {child.id: child for child in db.session.scalars(select(Child))}


def teams_can_visit_the_child_they_have() -> None:
    teams, kids, held = members(), children(), Counter[int]()
    for pairing in db.session.scalars(select(Pairing).where(Pairing.stage.in_(LIVE))):
        team = teams[pairing.team_id]
        assert len(team) >= 2
        assert all(one.status is Status.ACTIVE for one in team)
        assert any(one.sex is Sex.FEMALE for one in team) or not kids[pairing.child_id].girl
        assert {one.county_id for one in team} == {pairing.county_id}
        held.update(one.id for one in team)
    for volunteer in db.session.scalars(select(Volunteer)):
        assert held[volunteer.id] <= volunteer.capacity <= 2


def holders(role: Role) -> set[tuple[int | None, int]]:
    rows = db.session.execute(
        select(RoleGrant.area_id, RoleGrant.person_id).where(RoleGrant.role == role)
    )
    return {(row[0], row[1]) for row in rows}


def two_people_decide_on_every_pairing() -> None:
    coordinators, supervisors = holders(Role.COORDINATOR), holders(Role.CHILD_SUPERVISOR)
    leads = {person_id for _area, person_id in holders(Role.SAFEGUARDING_LEAD)}
    stages = set()
    for pairing in db.session.scalars(select(Pairing)):
        stages.add(pairing.stage)
        assert (pairing.county_id, pairing.proposed_by_id) in coordinators
        assert pairing.starts_on <= pairing.ends_on <= pairing.starts_on + timedelta(days=366)
        if pairing.stage is Stage.PROPOSED:
            assert pairing.decided_by_id is None
            continue
        assert pairing.decided_by_id != pairing.proposed_by_id
        assert (pairing.county_id, pairing.decided_by_id) in coordinators
        assert (pairing.township_id, pairing.supervisor_id) in supervisors
        if pairing.high_risk and pairing.stage is not Stage.UNDER_REVIEW:
            assert pairing.city_by_id in leads
        assert (pairing.end_reason is None) is (pairing.stage in LIVE - {Stage.ENDING})
    assert {Stage.PROPOSED, Stage.CONSENT_PENDING, Stage.ACTIVE, Stage.ENDED} <= stages


def each_pairing_came_to_where_it_stands_by_the_edges_there_are() -> None:
    ways: dict[int, list[PairingStep]] = defaultdict(list)
    for step in db.session.scalars(select(PairingStep).order_by(PairingStep.id)):
        ways[step.pairing_id].append(step)
    for pairing in db.session.scalars(select(Pairing)):
        way = ways[pairing.id]
        assert way[0].since is None
        assert way[-1].stage is pairing.stage
        for before, after in pairwise(way):
            assert after.since is before.stage
            assert may_go(before.stage, after.stage)
            assert before.at <= after.at


def agreed_pairings_have_their_answers_and_signatures() -> None:
    answers = {
        (row.pairing_id, row.whose): row.dated for row in db.session.scalars(select(PairingAnswer))
    }
    signed = Counter(db.session.scalars(select(AgreementSignature.pairing_id)))
    kids, teams = children(), members()
    for pairing in db.session.scalars(select(Pairing)):
        assert answers.get((pairing.id, Whose.GUARDIAN)) == pairing.guardian_yes_on
        assert answers.get((pairing.id, Whose.CHILD)) == pairing.child_yes_on
        needed = seats(kids[pairing.child_id].age_band, (one.id for one in teams[pairing.team_id]))
        if pairing.agreed_on and pairing.stage in LIVE:
            assert signed[pairing.id] == len(needed)
        assert not pairing.agreed_before


def children_of_live_pairings_have_consent() -> None:
    kids, paired = children(), set()
    for pairing in db.session.scalars(select(Pairing).where(Pairing.stage.in_(LIVE))):
        paired.add(pairing.child_id)
        proposed = pairing.stage in DECIDING
        state = NeedState.OPEN if proposed else NeedState.MATCHED
        assert kids[pairing.child_id].state is state
    assert not any(lacking(paired, clock.today()).values())
    matched = {child.id for child in kids.values() if child.state is NeedState.MATCHED}
    assert matched <= paired


def children_wait_in_every_state() -> None:
    kids = children()
    assert {NeedState.REPORTED, NeedState.VERIFIED, NeedState.OPEN, NeedState.MATCHED} <= {
        child.state for child in kids.values()
    }
    asked = db.session.scalars(select(Consent)).all()
    states = {consent.state for consent in asked}
    assert {ConsentState.GIVEN, ConsentState.REQUESTED, ConsentState.REFUSED} <= states
    waiting = [child.id for child in kids.values() if child.state is NeedState.OPEN]
    found = lacking(waiting, clock.today()).values()
    assert any(found)
    assert not all(found)
    first = {consent.child_id: consent.dated for consent in sorted(asked, key=lambda one: -one.id)}
    for child_id, day in first.items():
        assert kids[child_id].reported_at.astimezone(CHINA).date() <= day


def seats_are_taken_by_sign_ups() -> None:
    rows = db.session.execute(
        select(SignUp.slot_id, func.sum(SignUp.party))
        .where(SignUp.state.in_(SEATED))
        .group_by(SignUp.slot_id)
    )
    taken = Counter({row.slot_id: int(row[1]) for row in rows})
    for block in db.session.scalars(select(Block)):
        taken[block.slot_id] += block.capacity - block.taken
    for slot in db.session.scalars(select(Slot)):
        assert slot.taken == taken[slot.id] <= slot.capacity
    to_call = select(func.count()).where(
        SignUp.state == SeatState.HELD,
        SignUp.email.is_(None),
        SignUp.expires_at > clock.now(),
    )
    assert db.session.scalar(to_call)
    nameless = select(func.count()).where(SignUp.name == "")
    assert not db.session.scalar(nameless)


def wishes_stand_in_every_state_and_two_people_each() -> None:
    wishes, day = db.session.scalars(select(Wish)).all(), clock.today()
    assert {wish.state for wish in wishes} == set(WishState) - {WishState.WITHDRAWN}
    for wish in wishes:
        asked = Asked(
            wish.campaign_id, wish.centre_id, wish.item, wish.item_en, wish.size, wish.ages,
            wish.estimate,
        )  # fmt: skip
        assert making.problems(asked, day) == []
    taken = {wish.id: wish.taken for wish in wishes}
    claims = db.session.scalars(select(WishClaim)).all()
    assert {claim.state for claim in claims} >= {*BRINGING, *HERE, SeatState.ABANDONED}
    seated = Counter(one.wish_id for one in claims if one.state in BRINGING | HERE)
    assert {wish_id: many for wish_id, many in taken.items() if many} == dict(seated)
    for claim in claims:
        ends = claim.expires_at > clock.now()
        assert ends is (claim.state is not SeatState.ABANDONED)


def counters_count_what_is_there() -> None:
    assert recount(mend=False) == []
    found: Counter[tuple[int | None, Measure]] = Counter()
    for row in db.session.execute(
        select(Pairing.campaign_id, Visit.uid)
        .join(Pairing, Pairing.id == Visit.pairing_id)
        .where(Visit.state == State.APPROVED)
    ):
        found[row.campaign_id, Measure.VISITS] += 1
    for campaign_id, minutes in db.session.execute(
        select(Pairing.campaign_id, HourEntry.minutes)
        .join(Visit, Visit.uid == HourEntry.source_ref)
        .join(Pairing, Pairing.id == Visit.pairing_id)
    ):
        found[campaign_id, Measure.MINUTES] += minutes
    for campaign_id in db.session.scalars(
        select(Pairing.campaign_id).where(Pairing.introduced_on.is_not(None))
    ):
        found[campaign_id, Measure.PAIRINGS] += 1
    counted: Counter[tuple[int | None, Measure]] = Counter()
    for count in db.session.scalars(select(DayCount)):
        if count.measure is not Measure.VOLUNTEERS:
            counted[count.campaign_id, count.measure] += count.count
        assert count.day <= clock.today()
    assert counted == found


def visits_and_records_go_together() -> None:
    records = {record.visit_id: record for record in db.session.scalars(select(VisitRecord))}
    parties: dict[int, list[Party]] = defaultdict(list)
    for party in db.session.scalars(select(Party)):
        parties[party.visit_id].append(party)
    directors, states = holders(Role.CHILD_DIRECTOR), set()
    for visit in db.session.scalars(select(Visit)):
        states.add(visit.state)
        assert (visit.state in {State.RECORDED, State.APPROVED}) is (visit.id in records)
        came = visit.state in {State.COMPLETED, State.RECORDED, State.APPROVED}
        assert all((party.checked_out_at is not None) is came for party in parties[visit.id])
        assert sum(party.role is PartyRole.MEMBER for party in parties[visit.id]) >= 2
        (escort,) = (one for one in parties[visit.id] if one.role is PartyRole.ESCORT)
        assert (visit.village_id, escort.person_id) in directors
        assert visit.planned_at <= min(visit.starts_at, clock.now())
        assert (visit.cancelled_at is not None) is (visit.state is State.CANCELLED)
        if visit.state not in OPEN:
            assert visit.starts_at < clock.now() or visit.state is State.CANCELLED
        if visit.state in AHEAD:
            assert visit.starts_at > clock.now()
    for record in records.values():
        assert record.approved_by_id != record.recorded_by_id
        assert record.recorded_at <= (record.approved_at or clock.now()) <= clock.now()
    assert {State.APPROVED, State.RECORDED, State.COMPLETED, State.PLANNED} <= states


def hours_are_credited_once_for_what_was_served() -> None:
    expected = {}
    for visit, party in db.session.execute(
        select(Visit, Party)
        .join(Party, Party.visit_id == Visit.id)
        .where(Visit.state == State.APPROVED, Party.role == PartyRole.MEMBER)
    ):
        assert party.checked_in_at
        assert party.checked_out_at
        expected[party.volunteer_id, visit.uid] = (
            served(party.checked_in_at, party.checked_out_at, visit.ends_at, timedelta(hours=1)),
            visit.starts_at.astimezone(CHINA).date(),
        )
    credited = {
        (entry.volunteer_id, entry.source_ref): (entry.minutes, entry.served_on)
        for entry in db.session.scalars(select(HourEntry).where(HourEntry.source == "visit"))
    }
    assert credited == expected


def pairings_are_active_after_their_first_visit() -> None:
    approved = set(
        db.session.scalars(
            select(Pairing.child_id)
            .join(Visit, Visit.pairing_id == Pairing.id)
            .where(Visit.state == State.APPROVED)
        )
    )
    for pairing in db.session.scalars(select(Pairing)):
        if pairing.stage is Stage.ACTIVE:
            assert pairing.child_id in approved
        if pairing.stage in {*DECIDING, *ASKING, Stage.SCHEDULED_INTRO}:
            assert pairing.child_id not in approved


def visits_of_a_child_lie_a_week_apart() -> None:
    days = defaultdict(list)
    for child_id, starts_at in db.session.execute(
        select(Pairing.child_id, Visit.starts_at)
        .join(Pairing, Pairing.id == Visit.pairing_id)
        .where(Visit.state.not_in(VOID))
    ):
        days[child_id].append(starts_at.astimezone(CHINA).date())
    for found in days.values():
        assert all((after - before).days >= 7 for before, after in pairwise(sorted(found)))


def nobody_is_in_two_places_at_once() -> None:
    spans = defaultdict(list)
    for person_id, starts_at, ends_at in db.session.execute(
        select(Party.person_id, Visit.starts_at, Visit.ends_at)
        .join(Visit, Visit.id == Party.visit_id)
        .where(Visit.state.not_in(VOID))
    ):
        spans[person_id].append((starts_at, ends_at))
    way = timedelta(minutes=30)
    for found in spans.values():
        assert all(before[1] + way <= after[0] for before, after in pairwise(sorted(found)))


def nobody_visits_uncleared_or_outside_a_pairing() -> None:
    at_school = set(
        db.session.scalars(
            select(CalendarDay.day).where(CalendarDay.kind == DayKind.MAKEUP_WORKDAY)
        )
    )
    proofs = proofs_of(db.session.scalars(select(Volunteer.id)).all())
    for visit, pairing, party in db.session.execute(
        select(Visit, Pairing, Party)
        .join(Pairing, Pairing.id == Visit.pairing_id)
        .join(Party, Party.visit_id == Visit.id)
        .where(Party.role == PartyRole.MEMBER)
    ):
        day = visit.starts_at.astimezone(CHINA).date()
        assert clearance(proofs[party.volunteer_id or 0], day, ALWAYS).complete
        assert pairing.starts_on <= day <= pairing.ends_on
        assert day not in at_school


def coming_visits_could_be_planned_now() -> None:
    found = 0
    for visit, pairing in db.session.execute(
        select(Visit, Pairing)
        .join(Pairing, Pairing.id == Visit.pairing_id)
        .where(Visit.state.in_(OPEN))
    ):
        people = db.session.scalars(select(Party).where(Party.visit_id == visit.id)).all()
        plan = Plan(
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            place_kind=visit.place_kind,
            place_text=visit.place_text,
            escort_id=next(one.person_id for one in people if one.role is PartyRole.ESCORT),
            member_ids=frozenset(one.person_id for one in people if one.role is PartyRole.MEMBER),
            home_agreed=visit.guardian_agreed,
        )
        against = {one.why for one in problems(plan, planning.facts(pairing, plan, moved=visit.id))}
        assert against <= {Why.TOO_SOON}, (visit.starts_at, against)
        assert pairing.stage in VISITABLE
        found += 1
    assert found


def reminders_wait_for_coming_visits() -> None:
    subjects = {one.ref: one for one in db.session.scalars(select(Subject))}
    keys = set(db.session.scalars(select(Message.dedup_key)))
    for visit in db.session.scalars(select(Visit).where(Visit.state.in_(AHEAD))):
        assert subjects[visit.uid].open
        for person_id in db.session.scalars(
            select(Party.person_id).where(Party.visit_id == visit.id)
        ):
            for name in ("t7d", "t2d", "t2h"):
                assert {
                    f"visit/{visit.uid}/{name}/{person_id}/1/inapp",
                    f"visit/{visit.uid}/{name}/{person_id}/1/external",
                } <= keys
    for message in db.session.scalars(select(Message)):
        waits = message.state is MessageState.PENDING
        assert waits is (message.next_at > clock.now()), message.dedup_key


def free_texts_give_nobody_away() -> None:
    for child in db.session.scalars(select(Child)):
        assert is_alias(child.alias)
        assert not identifying(child.interests)
        assert not identifying(child.care_hint)
        assert not identifying(child.sent_back_note)
    for record in db.session.scalars(select(VisitRecord)):
        assert not identifying(record.did + record.parcel + record.need_changes)
    for visit in db.session.scalars(select(Visit)):
        assert not identifying(visit.place_text)


def test_a_withdrawn_consent_has_ended_its_pairing(demonstration: Flask) -> None:
    for pairing in db.session.scalars(
        select(Pairing).where(Pairing.end_reason == EndReason.CONSENT_WITHDRAWN)
    ):
        assert lacking([pairing.child_id], clock.today())[pairing.child_id]
