"""Exams, weather, places, company at first and new faces, as a plan meets them."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.parameters import ParameterValue
from messages.models import Message
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from places.rules import OrgKind
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, an_organisation
from tests.builders.visits import SATURDAY, a_plan, a_visit, an_escort, members_of
from tests.builders.volunteers import an_active_volunteer
from tests.conftest import NOON, AtMost, BrowseAs
from tests.factories import saved
from visits import services
from visits.contracts.rules import Terms
from visits.contracts.services import agree
from visits.models import Visit
from visits.planning.rules import Why
from visits.rules import CancelReason, PlaceKind, State
from visits.services import PlanRefused
from visits.weather.models import BadWeather
from visits.weather.services import let_go, stop
from volunteers.teams.models import TeamMember

pytestmark = pytest.mark.usefixtures("app")
DAY = timedelta(days=1)


def ready() -> Pairing:
    return a_pairing(stage=Stage.ACTIVE)


def leader_of(pairing: Pairing) -> Actor:
    return actor_for(members_of(pairing)[0][0])


def coordinator_of(pairing: Pairing) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id))


def set_to(name: str, value: Any) -> None:
    fields = {"effective_from": date(2026, 1, 1), "value": {"value": value}, "source": "测试"}
    saved(ParameterValue(name=f"visits.{name}", **fields))


def refused(pairing: Pairing, **given: Any) -> set[Why]:
    """Return what stands against a plan; without anything it is carried out."""
    try:
        services.plan_visit(pairing.uid, a_plan(pairing, **given), by=leader_of(pairing))
    except PlanRefused as refusal:
        db.session.rollback()
        return {
            problem.why
            for problem, words in zip(refusal.problems, refusal.reasons, strict=True)
            if words
        }
    return set()


def test_on_examination_days_nobody_comes() -> None:
    set_to("exams", "2026-11-27/2026-11-29")
    assert refused(ready()) == {Why.EXAMS}
    assert refused(ready(), start=SATURDAY + 7 * DAY) == set()


def test_only_places_that_were_agreed() -> None:
    pairing = ready()
    terms = Terms(14, 3, frozenset({PlaceKind.LIBRARY}), 1, 20)
    agree(pairing.uid, terms, by=coordinator_of(pairing))
    assert refused(pairing) == {Why.PLACE_NOT_IN_CONTRACT}
    assert refused(pairing, place_kind=PlaceKind.LIBRARY) == set()


def test_at_home_without_consent_although_there_is_a_station() -> None:
    pairing = ready()
    assert refused(pairing, place_kind=PlaceKind.HOME) == {Why.HOME_NOT_AGREED}
    an_organisation(OrgKind.STATION, area=db.session.get_one(Area, pairing.township_id))
    found = refused(pairing, place_kind=PlaceKind.HOME)
    assert found == {Why.HOME_NOT_AGREED, Why.BETTER_PLACE}
    assert refused(pairing, place_kind=PlaceKind.HOME, home_agreed=True) == set()


def test_the_first_visits_take_two_volunteers_besides_the_escort() -> None:
    pairing = ready()
    alone = frozenset({members_of(pairing)[0][0]})
    assert refused(pairing, member_ids=alone) == {Why.FIRST_WITH_TWO}
    for weeks in range(2, 5):
        a_visit(pairing, starts_at=SATURDAY - weeks * 7 * DAY, state=State.APPROVED)
    assert refused(pairing, member_ids=alone) == set()


def test_a_child_meets_few_new_people() -> None:
    set_to("most_faces", 2)
    pairing = ready()
    assert refused(pairing, start=SATURDAY) == set()
    new = an_active_volunteer()
    saved(TeamMember(team_id=pairing.team_id, volunteer_id=new.id, joined_on=NOON.date()))
    assert refused(pairing, start=SATURDAY + 7 * DAY) == {Why.TOO_MANY_FACES}
    first_two = frozenset(person_id for person_id, _id in members_of(pairing)[:2])
    assert refused(pairing, start=SATURDAY + 7 * DAY, member_ids=first_two) == set()


def test_bad_weather_calls_off_what_was_planned_and_stops_plans_until_it_clears() -> None:
    pairing, other = ready(), ready()
    visit, far = a_visit(pairing), a_visit(other)
    a_visit(pairing, starts_at=SATURDAY + 7 * DAY)
    by = coordinator_of(pairing)

    assert stop(pairing.county_id, SATURDAY.date(), by=by) == 1
    assert stop(pairing.county_id, SATURDAY.date(), by=by) == 0

    db.session.expire_all()
    assert db.session.get_one(Visit, visit.id).cancel_reason is CancelReason.WEATHER
    assert db.session.get_one(Visit, far.id).state is State.PLANNED
    assert Why.BAD_WEATHER in refused(pairing)
    day = db.session.scalars(select(BadWeather)).one()
    with pytest.raises(NotYours):
        let_go(day.uid, by=coordinator_of(other))
    let_go(day.uid, by=by)
    assert Why.BAD_WEATHER not in refused(pairing)


def test_a_visit_that_was_planned_beside_the_stop_is_called_off_by_the_next_sweep() -> None:
    pairing = ready()
    stop(pairing.county_id, SATURDAY.date(), by=coordinator_of(pairing))
    slipped, next_week = a_visit(pairing), a_visit(pairing, starts_at=SATURDAY + 7 * DAY)
    elsewhere = a_visit(ready())

    assert services.sweep() == 1
    assert services.sweep() == 0

    db.session.expire_all()
    assert db.session.get_one(Visit, slipped.id).cancel_reason is CancelReason.WEATHER
    for other in (next_week, elsewhere):
        assert db.session.get_one(Visit, other.id).state is State.PLANNED


def test_weather_is_said_for_ones_own_county_and_not_for_the_past() -> None:
    pairing = ready()
    by = coordinator_of(pairing)
    with pytest.raises(NotYours):
        stop(a_county().id, SATURDAY.date(), by=by)
    with pytest.raises(RuleBroken):
        stop(pairing.county_id, NOON.date() - DAY, by=by)


def test_the_page_stops_a_day_and_lets_it_go(browse_as: BrowseAs, at_most: AtMost) -> None:
    pairing = ready()
    uid = services.plan_visit(
        pairing.uid, a_plan(pairing, escort_id=an_escort(pairing)), by=leader_of(pairing)
    )
    browser = browse_as(coordinator_of(pairing).id or 0)
    sent = {"county": str(pairing.county_id), "day": "2026-11-28"}

    page = browser.post("/bad-weather", sent)

    assert "取消了 1 次" in page.text
    assert db.session.scalars(select(Visit.state).where(Visit.uid == uid)).one() is State.CANCELLED
    with at_most(12):
        page = browser.get("/bad-weather")
    here = f"/bad-weather/{db.session.scalars(select(BadWeather.uid)).one()}/lift"
    assert "没有停下的日子" in browser.post(here, page.form(here)).text
    with transaction() as session:
        assert session.scalar(select(func.count(Message.id)))
