"""Visits whose day turned bad after they were planned: a task for the county's coordinator."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from children.models import Child
from children.rules import AgeBand
from core.db import transaction
from core.zone import CHINA
from pairings.models import Pairing
from pairings.rules import Stage
from places.days.models import SchoolTime
from places.days.rules import DayKind, TimeKind
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.visits import SATURDAY, a_calendar_day, a_visit
from tests.conftest import BrowseAs, SetClock
from tests.factories import saved
from visits.agenda.queries import counts, listing
from visits.agenda.rules import Tab
from visits.rules import State
from volunteers.models import Evidence
from volunteers.rules import EvidenceKind

pytestmark = pytest.mark.usefixtures("app")
DAY = timedelta(days=1)
TITLE = "走访的日子不合适了"


def ready(*, band: AgeBand = AgeBand.A6_7, boarding: bool = False) -> Pairing:
    pairing = a_pairing(stage=Stage.ACTIVE)
    with transaction() as session:
        session.execute(
            update(Child)
            .where(Child.id == pairing.child_id)
            .values(age_band=band, boarding=boarding)
        )
    return pairing


def coordinator_of(pairing: Pairing) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id))


def found(actor: Actor) -> list[str]:
    """Return the visits of the list, which are as many as the count says."""
    rows = listing(actor, Tab.DAY).rows
    assert counts(actor, Tab.DAY) == [len(rows)]
    return [row.uid for row in rows]


def school(pairing: Pairing, kind: TimeKind, first: date, last: date) -> None:
    fields = {"name": "样例", "source": "测试", "confirmed": True}
    saved(
        SchoolTime(area_id=pairing.county_id, kind=kind, first_day=first, last_day=last, **fields)
    )


def test_a_makeup_day_stands_against_the_visits_of_that_day_alone() -> None:
    pairing = ready(band=AgeBand.A3_5)
    visit = a_visit(pairing)
    a_visit(pairing, starts_at=SATURDAY + 7 * DAY)
    a_visit(pairing, starts_at=SATURDAY + DAY, state=State.CANCELLED)
    by = coordinator_of(pairing)
    assert found(by) == []

    a_calendar_day(SATURDAY.date(), kind=DayKind.MAKEUP_WORKDAY)

    assert found(by) == [visit.uid]
    assert found(coordinator_of(ready())) == []
    assert found(actor_for(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))) == []


def test_examinations_stand_against_visits_to_pupils() -> None:
    pupil, small = ready(), ready(band=AgeBand.A3_5)
    visit = a_visit(pupil)
    a_visit(small)
    for pairing in (pupil, small):
        school(pairing, TimeKind.EXAMS, SATURDAY.date(), SATURDAY.date())
    assert found(coordinator_of(pupil)) == [visit.uid]
    assert found(coordinator_of(small)) == []


def test_a_term_closes_the_morning_to_pupils_and_the_day_to_boarders() -> None:
    monday = SATURDAY + 2 * DAY
    evening = datetime.combine(monday.date(), SATURDAY.replace(hour=17).timetz())
    for boarding, closed in ((False, [monday]), (True, [monday, evening])):
        pairing = ready(boarding=boarding)
        made = {at: a_visit(pairing, starts_at=at).uid for at in (monday, evening)}
        school(pairing, TimeKind.TERM, monday.date(), monday.date() + 40 * DAY)
        assert found(coordinator_of(pairing)) == [made[at] for at in closed]


def test_the_task_leads_to_the_list(browse_as: BrowseAs) -> None:
    pairing = ready()
    visit = a_visit(pairing)
    by = coordinator_of(pairing)
    a_calendar_day(SATURDAY.date(), kind=DayKind.MAKEUP_WORKDAY)
    browser = browse_as(by.id or 0)
    assert TITLE in browser.get("/home").text
    assert f"/visits/{visit.uid}" in browser.get("/visits?tab=day").links()


def test_a_visit_after_the_end_of_somebodys_papers_waits_for_the_coordinator(
    set_clock: SetClock,
) -> None:
    pairing = ready()
    mine, neighbour = (
        coordinator_of(pairing),
        actor_for(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id)),
    )
    visit = a_visit(pairing)
    day = visit.starts_at.astimezone(CHINA).date()

    def at_risk(actor: Actor) -> list[str]:
        rows = listing(actor, Tab.CLEARANCE).rows
        assert counts(actor, Tab.CLEARANCE) == [len(rows)]
        return [row.uid for row in rows]

    def ends(last: date) -> None:
        with transaction() as session:
            session.execute(
                update(Evidence)
                .where(Evidence.kind == EvidenceKind.INSURANCE)
                .values(valid_until=last)
            )

    ends(day)
    assert at_risk(mine) == []
    ends(day - DAY)
    assert at_risk(mine) == [visit.uid]
    assert at_risk(neighbour) == []
    set_clock(visit.starts_at + DAY)
    assert at_risk(mine) == []
