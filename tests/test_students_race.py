"""Students who show it at the same moment, on both engines."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from core import clock
from core.db import db
from places.models import Area, Organisation
from places.rules import OrgKind
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, an_organisation
from tests.builders.volunteers import a_volunteer, a_vouch
from tests.races import ENGINES, at_once, site_on
from volunteers.students import services
from volunteers.students.desk import services as desk
from volunteers.students.models import RosterEntry, StudentStatus, Vouch
from volunteers.students.rules import How, told


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each engine."""
    with site_on(request.param, request, tmp_path) as app:
        yield app


@pytest.fixture
def county(both: Flask) -> Area:
    return a_county()


@pytest.fixture
def school(county: Area) -> Organisation:
    return an_organisation(OrgKind.UNIVERSITY, area=county)


def students(county: Area, many: int) -> list[Actor]:
    return [actor_for(a_volunteer(county, name="样例甲").person_id) for _turn in range(many)]


def statuses() -> int:
    return db.session.scalar(select(func.count(StudentStatus.id))) or 0


def test_a_link_for_three_serves_three_of_eight(
    both: Flask, county: Area, school: Organisation
) -> None:
    lead_id = a_member_of_staff(Role.ORG_LEAD, org_id=school.id)
    secret = services.vouch_secret(a_vouch(school, lead_id, uses_left=3))

    refused = at_once(both, *[_accepts(secret, one) for one in students(county, 8)])

    assert sum(one is None for one in refused) == statuses() == 3
    assert db.session.scalars(select(Vouch.uses_left)).one() == 0


def _accepts(secret: str, by: Actor) -> Callable[[], None]:
    return lambda: services.accept(secret, by=by)


def test_one_student_at_several_devices_uses_the_link_once(
    both: Flask, county: Area, school: Organisation
) -> None:
    lead_id = a_member_of_staff(Role.ORG_LEAD, org_id=school.id)
    secret = services.vouch_secret(a_vouch(school, lead_id, uses_left=5))

    refused = at_once(both, *[_accepts(secret, students(county, 1)[0])] * 4)

    assert sum(one is None for one in refused) == statuses() == 1
    assert db.session.scalars(select(Vouch.uses_left)).one() == 4


def test_a_line_of_the_list_serves_one_of_two_namesakes(
    both: Flask, county: Area, school: Organisation
) -> None:
    org_id, until = school.id, services.this_term()
    lead = actor_for(a_member_of_staff(Role.ORG_LEAD, org_id=org_id))
    line = services.digests(How.ROSTER, f"{org_id}\0{told('DEMO-1', '样例甲')}")[0]
    desk.add_roster(school.uid, desk.Roster((line,), until), by=lead)

    def proves(by: Actor) -> Callable[[], None]:
        return lambda: services.prove_by_roster(org_id, "DEMO-1", "样例甲", by=by)

    refused = at_once(both, *[proves(one) for one in students(county, 4)])

    assert sum(one is None for one in refused) == statuses() == 1


def test_two_uploads_of_a_list_are_one(both: Flask, county: Area, school: Organisation) -> None:
    lead = actor_for(a_member_of_staff(Role.ORG_LEAD, org_id=school.id))
    uid, roster = school.uid, desk.Roster(tuple(f"{n:064}" for n in range(1200)), clock.today())

    refused = at_once(both, *[lambda: desk.add_roster(uid, roster, by=lead)] * 3)

    assert refused == [None] * 3
    assert db.session.scalar(select(func.count(RosterEntry.id))) == 1200
