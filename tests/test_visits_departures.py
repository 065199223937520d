"""What becomes of a visit when somebody who was to come has left the service."""

import pytest
from sqlalchemy import select, update

from accounts.queries import actor_for
from core.db import db, transaction
from messages.models import Message
from messages.rules import State as Sent
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.visits import a_plan, members_of
from tests.builders.volunteers import a_team, an_active_volunteer
from visits import services
from visits.models import Party, Visit
from visits.rules import CancelReason, State
from volunteers.models import Volunteer
from volunteers.rules import Sex, Status

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
