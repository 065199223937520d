"""Visits for tests: on a Saturday morning that breaks no rule, unless a test says otherwise."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from accounts.rules import Role
from campaigns.signups.day.rules import code_of, step_of
from core import clock
from core.db import db
from core.zone import CHINA
from messages.models import Subject
from pairings.models import Pairing
from pairings.rules import Stage
from places.days.models import CalendarDay
from places.days.rules import DayKind
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.factories import saved
from visits.arrivals.queries import key, meeting
from visits.models import Party, Visit
from visits.planning.rules import Plan
from visits.records.models import VisitRecord
from visits.rules import PartyRole, PlaceKind
from volunteers.models import Volunteer
from volunteers.teams.models import TeamMember

SATURDAY = datetime(2026, 11, 28, 10, 0, tzinfo=CHINA)
LASTS = timedelta(minutes=90)


def members_of(pairing: Pairing) -> list[tuple[int, int]]:
    """Return (person id, volunteer id) of the pairing's team, the leader first."""
    rows = db.session.execute(
        select(Volunteer.person_id, Volunteer.id)
        .join(TeamMember, TeamMember.volunteer_id == Volunteer.id)
        .where(TeamMember.team_id == pairing.team_id, TeamMember.left_on.is_(None))
        .order_by(TeamMember.leads.desc(), TeamMember.id)
    )
    return [(row.person_id, row.id) for row in rows]


def an_escort(pairing: Pairing, **given: Any) -> int:
    """Return the id of a child director of the pairing's village."""
    return a_member_of_staff(Role.CHILD_DIRECTOR, area_id=pairing.village_id, **given)


def a_plan(pairing: Pairing, start: datetime = SATURDAY, **given: Any) -> Plan:
    """Return a plan of the whole team with a director of the village."""
    people = frozenset(person_id for person_id, _volunteer_id in members_of(pairing))
    fields: dict[str, Any] = {
        "starts_at": start,
        "ends_at": start + LASTS,
        "place_kind": PlaceKind.STATION,
        "place_text": "工作站二楼",
        "member_ids": people,
    }
    if "escort_id" not in given:
        fields["escort_id"] = an_escort(pairing)
    return Plan(**fields | given)


def a_visit(pairing: Pairing | None = None, *, escort_id: int | None = None, **given: Any) -> Visit:
    """Return a planned visit of the pairing's whole team with an escort."""
    pairing = pairing or a_pairing(stage=Stage.SCHEDULED_INTRO)
    starts_at = given.pop("starts_at", SATURDAY)
    fields = {
        "pairing_id": pairing.id,
        "county_id": pairing.county_id,
        "township_id": pairing.township_id,
        "village_id": pairing.village_id,
        "starts_at": starts_at,
        "ends_at": starts_at + LASTS,
        "place_kind": PlaceKind.STATION,
        "place_text": "未保工作站二楼活动室",
    }
    visit = saved(Visit(**fields | given))
    saved(Subject(kind="visit", ref=visit.uid))
    for person_id, volunteer_id in members_of(pairing):
        a_party(visit, person_id, volunteer_id=volunteer_id)
    a_party(visit, escort_id or an_escort(pairing), role=PartyRole.ESCORT)
    return visit


def the_code(visit: Visit, minutes: int = 0) -> str:
    """Return the code that is read out on site now, or so many minutes later."""
    return code_of(key(), meeting(visit), step_of(clock.now()) + minutes)


def a_party(visit: Visit, person_id: int, **given: Any) -> Party:
    fields = {"visit_id": visit.id, "person_id": person_id, "role": PartyRole.MEMBER}
    return saved(Party(**fields | given))


def a_record(visit: Visit, by: int, **given: Any) -> VisitRecord:
    fields = {
        "visit_id": visit.id,
        "number": 1,
        "child_present": True,
        "did": "一起读了一本书",
        "concern": False,
        "recorded_by_id": by,
        "recorded_at": clock.now(),
    }
    return saved(VisitRecord(**fields | given))


def a_calendar_day(day: date, kind: DayKind = DayKind.HOLIDAY, **given: Any) -> CalendarDay:
    fields = {"day": day, "kind": kind, "name": "节日", "source": "测试"}
    return saved(CalendarDay(**fields | given))
