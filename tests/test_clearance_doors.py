"""Every door to a child asks the one clearance, whatever the parameters ask for by then."""

import ast
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Role
from campaigns.seats.rules import SeatState
from campaigns.signups.day.rules import Move
from campaigns.signups.day.services import note
from core.db import db
from core.errors import RuleBroken
from core.parameters import ParameterValue
from messages.models import Message
from messages.rules import Channel
from messages.texts import render
from places.rules import OrgKind
from tests.builders.campaigns import a_campaign, a_sign_up, a_slot_of_today
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, an_organisation
from tests.builders.volunteers import a_volunteer, an_active_volunteer, an_evidence, cleared
from tests.conftest import NOON, SetClock
from tests.factories import saved
from volunteers.evidence import queries as evidence
from volunteers.evidence.ending.rules import stage
from volunteers.evidence.ending.services import tell
from volunteers.evidence.rules import Fault, NewEvidence, faults
from volunteers.models import Volunteer
from volunteers.queries import clearances, progress_of
from volunteers.rules import EvidenceKind, Next, Status, Step
from volunteers.students.models import StudentStatus
from volunteers.students.rules import How

TODAY = NOON.date()
ROOT = Path(__file__).resolve().parent.parent
DOORS = {
    "activation, end of a pause": ("volunteers/services.py", "progress_of"),
    "evidence taken back": ("volunteers/evidence/services.py", "progress_of"),
    "joining and leading a team": ("volunteers/teams/services.py", "clearances"),
    "teams proposed": ("volunteers/teams/forming/seeking/queries.py", "cleared"),
    "proposal and approval of a pairing": ("pairings/runs/world/teams/queries.py", "cleared"),
    "visit booking": ("visits/planning/queries.py", "clearances"),
    "check-in at a visit": ("visits/arrivals/services.py", "clearances"),
    "release of a place in a campaign": ("campaigns/signups/readiness/queries.py", "clearances"),
    "a place given on": ("campaigns/signups/seating/queries.py", "clearances"),
    "check-in at a campaign": ("campaigns/signups/day/services.py", "may_come"),
}


@pytest.mark.parametrize("door", DOORS)
def test_each_door_asks_the_one_clearance(door: str) -> None:
    path, asked = DOORS[door]
    calls = [
        getattr(node.func, "id", getattr(node.func, "attr", ""))
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call)
    ]
    assert asked in calls
    assert door in (ROOT / "docs/volunteers.md").read_text()


def asks(kind: str, on: date = TODAY) -> None:
    saved(
        ParameterValue(
            name=f"volunteers.asks_{kind}", effective_from=on, value={"value": 1}, source="x"
        )
    )


def complete(volunteer: Volunteer, on: date = TODAY) -> bool:
    """Say what the rule says, and that the database says the same for many."""
    held = clearances([volunteer.id], on)[volunteer.id]
    among = select(Volunteer.id).where(Volunteer.id == volunteer.id)
    rows = db.session.execute(select(evidence.cleared(among, on))).all()
    assert [row.until for row in rows] == ([held.until] if held.complete else [])
    return held.complete


def test_nobody_is_asked_for_more_until_the_centre_says_so(app: Flask) -> None:
    volunteer = an_active_volunteer()
    assert complete(volunteer)
    steps = [step for step, _state in progress_of(volunteer, TODAY).steps()]
    assert {Step.REFERENCES, Step.INTERVIEW, Step.STUDENT}.isdisjoint(steps)


@pytest.mark.parametrize("kind", [EvidenceKind.REFERENCES, EvidenceKind.INTERVIEW])
def test_what_the_centre_asks_for_holds_from_its_day(app: Flask, kind: EvidenceKind) -> None:
    volunteer = an_active_volunteer()
    asks(kind.value, TODAY + timedelta(days=10))
    assert complete(volunteer, TODAY + timedelta(days=9))
    assert not complete(volunteer, TODAY + timedelta(days=10))
    an_evidence(volunteer, kind, valid_until=TODAY + timedelta(days=11))
    assert complete(volunteer, TODAY + timedelta(days=11))
    assert not complete(volunteer, TODAY + timedelta(days=12))


def test_only_students_have_to_show_that_they_study(app: Flask) -> None:
    university = an_organisation(kind=OrgKind.UNIVERSITY)
    student, neighbour = an_active_volunteer(org_id=university.id), an_active_volunteer()
    asks("student_status")
    assert complete(neighbour)
    assert not complete(student)
    assert progress_of(student, TODAY).next() is Next.STUDENT

    status = saved(
        StudentStatus(
            person_id=student.person_id,
            org_id=university.id,
            how=How.MAIL,
            proof="p",
            since=TODAY,
            until=TODAY + timedelta(days=5),
        )
    )

    assert complete(student)
    assert clearances([student.id], TODAY)[student.id].until == status.until
    assert not complete(student, status.until + timedelta(days=1))


def test_student_status_is_never_recorded_by_hand() -> None:
    new = NewEvidence(EvidenceKind.STUDENT, TODAY, "R")
    assert Fault.NOT_BY_HAND in faults(new, TODAY, {})


# --- the door of a campaign ------------------------------------------------------------------


@pytest.mark.parametrize("lapsed", [False, True])
def test_at_a_day_with_children_only_the_cleared_come_in(app: Flask, *, lapsed: bool) -> None:
    slot = a_slot_of_today(a_campaign(), with_children=True, trained=True, screened=True)
    but = EvidenceKind.SCREENING if lapsed else None
    volunteer = cleared(a_volunteer(status=Status.ACTIVE), but=but)
    mine = a_sign_up(slot, person_id=volunteer.person_id, state=SeatState.CONFIRMED)
    desk = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=slot.county_id))
    if lapsed:
        with pytest.raises(RuleBroken, match="手续不齐"):
            note(slot.uid, mine.uid, Move.ARRIVED, by=desk)
    else:
        note(slot.uid, mine.uid, Move.ARRIVED, by=desk)


# --- what is told before the end -------------------------------------------------------------


def told() -> list[tuple[int | None, str]]:
    rows = db.session.execute(
        select(Message.person_id, Message.params)
        .where(Message.kind == "clearance_ends", Message.channel == Channel.INAPP)
        .order_by(Message.id)
    )
    return [(person_id, params["until"]) for person_id, params in rows]


@pytest.mark.parametrize(
    ("left", "word"), [(31, None), (30, 30), (29, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-1, None)]
)
def test_the_nearest_word_is_due(left: int, word: int | None) -> None:
    assert stage(TODAY + timedelta(days=left), TODAY) == word


def test_person_and_coordinator_are_told_three_times_and_once_each(
    app: Flask, set_clock: SetClock
) -> None:
    county = a_county()
    volunteer = an_active_volunteer(county)
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=county.id)
    a_member_of_staff(Role.COORDINATOR, area_id=a_county().id)
    until = clearances([volunteer.id], TODAY)[volunteer.id].until
    assert until is not None
    numbers = []
    for left in (31, 30, 29, 7, 6, 0, -1):
        set_clock(NOON + (until - TODAY) - timedelta(days=left))
        for _turn in range(2):
            tell()
        numbers.append(len(told()))

    assert numbers == [0, 2, 2, 4, 4, 6, 6]
    assert {who for who, _until in told()} == {volunteer.person_id, coordinator}
    message = db.session.scalars(select(Message).where(Message.kind == "clearance_ends")).first()
    assert message is not None
    assert until.isoformat() in render(message.kind, "zh_Hans", message.params).body


def test_who_will_lack_what_is_asked_for_soon_is_told_before(app: Flask) -> None:
    lacks, has = an_active_volunteer(), an_active_volunteer()
    an_evidence(has, EvidenceKind.INTERVIEW)
    asks("interview", TODAY + timedelta(days=8))

    assert tell() >= 1

    assert told() == [(lacks.person_id, (TODAY + timedelta(days=7)).isoformat())]
