"""Volunteers when several people act at the same moment, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import RoleGrant
from accounts.queries import actor_for
from accounts.rules import Role
from core import clock
from core.db import db
from messages.models import Message
from places.models import Area
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.places import a_county
from tests.builders.volunteers import (
    a_team,
    a_volunteer,
    an_active_volunteer,
    an_evidence,
    cleared,
)
from tests.races import ENGINES, at_once, site_on
from volunteers import services
from volunteers.evidence.services import void_evidence
from volunteers.models import Evidence, Volunteer
from volunteers.queries import clearances
from volunteers.roster.queries import counts, desk_of, listing
from volunteers.roster.rules import Tab
from volunteers.rules import EvidenceKind, Outcome, Status
from volunteers.teams import services as teams
from volunteers.teams.models import Team
from volunteers.teams.rules import Parting


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each engine."""
    with site_on(request.param, request, tmp_path) as app:
        yield app


@pytest.fixture
def county(both: Flask) -> Area:
    return a_county()


def a_coordinator(county: Area) -> int:
    return a_member_of_staff(Role.COORDINATOR, area_id=county.id)


def test_somebody_who_registers_from_several_devices_is_one_volunteer(
    both: Flask, county: Area
) -> None:
    person_id, county_id = a_person().id, county.id

    refused = at_once(
        both,
        *[lambda: services.register(person_id, name="样例", county_id=county_id)] * 4,
    )

    assert refused == [None] * 4
    assert db.session.scalar(select(func.count(Volunteer.id))) == 1
    assert db.session.scalars(select(RoleGrant.role)).all() == [Role.VOLUNTEER]


def test_of_two_who_activate_one_does(both: Flask, county: Area) -> None:
    uid = cleared(a_volunteer(county)).uid
    by = [actor_for(a_coordinator(county)) for _turn in range(2)]

    refused = at_once(
        both,
        lambda: services.activate(uid, by=by[0]),
        lambda: services.activate(uid, by=by[1]),
    )

    assert sum(one is None for one in refused) == 1


@pytest.mark.parametrize("turn", range(3))
def test_who_is_activated_while_evidence_is_voided_is_not_left_active(
    both: Flask, county: Area, turn: int
) -> None:
    volunteer = cleared(a_volunteer(county))
    uid, volunteer_id = volunteer.uid, volunteer.id
    entry = db.session.scalars(
        select(Evidence.id).where(Evidence.kind == EvidenceKind.SCREENING)
    ).one()
    by = [actor_for(a_coordinator(county)) for _turn in range(2)]

    at_once(
        both,
        lambda: services.activate(uid, by=by[0]),
        lambda: void_evidence(uid, entry, reason="错", by=by[1]),
    )

    left = db.session.get_one(Volunteer, volunteer_id)
    assert not clearances([volunteer_id], clock.today())[volunteer_id].complete
    assert left.status is not Status.ACTIVE


def test_two_jobs_expire_and_tell_once(both: Flask, county: Area) -> None:
    a_volunteer(county, status=Status.ACTIVE)
    an_active_volunteer(county)

    at_once(both, services.expire_lapsed, services.expire_lapsed)

    states = db.session.scalars(select(Volunteer.status).order_by(Volunteer.id)).all()
    assert states == [Status.EXPIRED, Status.ACTIVE]
    told = db.session.scalars(select(Message.channel)).all()
    assert len(told) == len(set(told))


def test_of_two_who_dissolve_a_team_one_does(both: Flask, county: Area) -> None:
    uid, by = a_team(county).uid, actor_for(a_coordinator(county))

    def dissolve() -> None:
        teams.dissolve(uid, Parting.MISTAKE, by=by, let_go=lambda _team_id, _by: None)

    refused = at_once(both, dissolve, dissolve)

    assert sum(one is None for one in refused) == 1
    assert db.session.scalars(select(Team.dissolved_at)).one() is not None


def test_both_engines_list_and_count_alike(both: Flask, county: Area) -> None:
    cleared(a_volunteer(county, name="样例齐了"))
    hit = a_volunteer(county, name="样例有记录", phone="15400015678", status=Status.SUSPENDED)
    an_evidence(hit, EvidenceKind.SCREENING, outcome=Outcome.HIT)
    an_active_volunteer(county, initials="wxyz")
    desk = desk_of(actor_for(a_coordinator(county)))

    number = counts(desk)

    assert [number[tab] for tab in (Tab.ALL, Tab.READY, Tab.EXPIRING)] == [3, 1, 0]
    for q, tab, found in (
        ("5678", Tab.ALL, 1),
        ("WXY", Tab.ACTIVE, 1),
        ("a\x00b", Tab.ALL, 0),
        ("样例", Tab.READY, 1),
    ):
        assert len(listing(desk, tab=tab, q=q, after=None).rows) == found
