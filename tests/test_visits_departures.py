"""What becomes of a visit when somebody who was to come has left the service."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from accounts.queries import actor_for
from accounts.rules import Role
from core import clock
from core.db import db, transaction
from core.errors import RuleBroken
from messages.models import Message
from messages.rules import State as Sent
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.visits import a_plan, members_of
from tests.builders.volunteers import a_team, an_active_volunteer
from tests.conftest import SetClock
from visits import services
from visits.arrivals.services import check_in_for
from visits.models import Party, Visit
from visits.rules import CancelReason, State
from volunteers.models import Volunteer
from volunteers.rules import Sex, Status
from volunteers.teams.models import TeamMember

pytestmark = pytest.mark.usefixtures("app")


def planned(*sexes: Sex) -> tuple[Pairing, str, list[int]]:
    """Return a pairing, its visit's uid and the person ids of a team of these sexes."""
    child = a_consented_child()
    county = db.session.get_one(Area, child.county_id)
    members = [an_active_volunteer(county, sex=sex) for sex in sexes]
    pairing = a_pairing(child, a_team(county, members=members), stage=Stage.SCHEDULED_INTRO)
    people = [person_id for person_id, _volunteer_id in members_of(pairing)]
    uid = services.plan_visit(pairing.uid, a_plan(pairing), by=actor_for(people[0]))
    return pairing, uid, people


def leaves(person_id: int, status: Status = Status.SUSPENDED) -> None:
    with transaction() as session:
        session.execute(
            update(Volunteer).where(Volunteer.person_id == person_id).values(status=status)
        )


def told(kind: str, *states: Sent) -> set[int | None]:
    asked = select(Message.person_id).where(Message.kind == kind)
    return set(db.session.scalars(asked.where(Message.state.in_(states)) if states else asked))


def the_visit(uid: str) -> Visit:
    db.session.expire_all()
    return db.session.scalars(select(Visit).where(Visit.uid == uid)).one()


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.EXITED, Status.EXPIRED, Status.PAUSED])
def test_whoever_has_left_is_taken_off_and_the_others_are_told(status: Status) -> None:
    _pairing, uid, people = planned(Sex.FEMALE, Sex.MALE, Sex.FEMALE)
    gone = people[2]
    leaves(gone, status)

    assert services.sweep() == 1

    visit = the_visit(uid)
    assert visit.state is State.PLANNED
    coming = set(db.session.scalars(select(Party.person_id).where(Party.visit_id == visit.id)))
    assert gone not in coming
    assert set(people[:2]) < coming
    assert people[0] in told("visit_member_left")
    assert gone not in told("visit_member_left")
    assert gone not in told("visit_t2h", Sent.PENDING)
    assert people[1] in told("visit_t2h", Sent.PENDING)
    assert services.sweep() == 0


def test_a_visit_that_too_few_are_left_for_is_called_off() -> None:
    _pairing, uid, people = planned(Sex.FEMALE, Sex.FEMALE)
    for person_id in people:
        leaves(person_id)

    services.sweep()

    visit = the_visit(uid)
    assert (visit.state, visit.cancel_reason) == (State.CANCELLED, CancelReason.TOO_FEW_LEFT)
    assert not told("visit_t2h", Sent.PENDING)


def test_a_girls_visit_is_called_off_when_the_last_woman_leaves() -> None:
    _pairing, uid, people = planned(Sex.FEMALE, Sex.MALE, Sex.MALE)
    leaves(people[0])

    services.sweep()

    assert the_visit(uid).cancel_reason is CancelReason.TOO_FEW_LEFT


def test_a_visit_whose_people_are_all_active_stays_as_it_is() -> None:
    _pairing, uid, _people = planned(Sex.FEMALE, Sex.MALE)
    before = the_visit(uid).version

    assert services.sweep() == 0

    assert the_visit(uid).version == before


def left_the_team(person_id: int) -> None:
    with transaction() as session:
        of_person = select(Volunteer.id).where(Volunteer.person_id == person_id)
        session.execute(
            update(TeamMember)
            .where(TeamMember.volunteer_id.in_(of_person))
            .values(left_on=clock.today())
        )


def coming(uid: str) -> set[int]:
    asked = select(Party.person_id).join(Visit, Visit.id == Party.visit_id)
    return set(db.session.scalars(asked.where(Visit.uid == uid)))


def test_whoever_serves_on_but_has_left_the_team_is_taken_off() -> None:
    _pairing, uid, people = planned(Sex.FEMALE, Sex.MALE, Sex.FEMALE)
    left_the_team(people[2])

    assert services.sweep() == 1

    assert people[2] not in coming(uid)
    assert set(people[:2]) < coming(uid)


def test_whoever_exits_a_minute_before_a_confirmed_visit_is_taken_off_even_when_it_has_begun(
    set_clock: SetClock,
) -> None:
    _pairing, uid, people = planned(Sex.FEMALE, Sex.MALE, Sex.FEMALE)
    with transaction() as session:
        session.execute(update(Visit).values(state=State.CONFIRMED))
    starts_at = the_visit(uid).starts_at
    set_clock(starts_at - timedelta(minutes=1))
    leaves(people[2], Status.EXITED)
    set_clock(starts_at + timedelta(minutes=1))

    services.sweep()

    assert people[2] not in coming(uid)
    assert the_visit(uid).state is State.CONFIRMED


def test_whoever_has_come_stays_on_the_list(set_clock: SetClock) -> None:
    _pairing, uid, people = planned(Sex.FEMALE, Sex.MALE, Sex.FEMALE)
    set_clock(the_visit(uid).starts_at)
    with transaction() as session:
        session.execute(
            update(Party).where(Party.person_id == people[2]).values(checked_in_at=clock.now())
        )
    left_the_team(people[2])
    services.sweep()
    assert people[2] in coming(uid)


def test_whoever_has_left_the_team_is_refused_at_the_door(set_clock: SetClock) -> None:
    pairing, uid, people = planned(Sex.FEMALE, Sex.MALE, Sex.FEMALE)
    with transaction() as session:
        session.execute(update(Visit).values(state=State.CONFIRMED))
    visit = the_visit(uid)
    set_clock(visit.starts_at)
    left_the_team(people[2])
    asked = select(Party.id).where(Party.visit_id == visit.id, Party.person_id == people[2])
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id)
    with pytest.raises(RuleBroken, match="已不在这个小组"):
        check_in_for(uid, db.session.scalars(asked).one(), by=actor_for(coordinator))
