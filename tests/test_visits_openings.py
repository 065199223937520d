"""The next times that are offered for a visit: what is offered is what planning accepts."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import update

from accounts.queries import actor_for
from core.db import transaction
from core.zone import CHINA
from pairings.models import Pairing
from pairings.rules import Stage
from places.days.rules import DayKind
from tests.browser import Browser
from tests.builders.pairings import a_pairing
from tests.builders.visits import SATURDAY, a_calendar_day, a_plan, a_visit, members_of
from tests.conftest import AtMost, BrowseAs
from tests.factories import saved
from visits.busy.models import BusyTime
from visits.openings.queries import found
from visits.planning.queries import facts
from visits.planning.rules import Plan, Why, problems
from visits.rules import State
from visits.services import plan_visit
from visits.weather.models import BadWeather
from volunteers.models import Evidence, FreeTime
from volunteers.rules import Period

pytestmark = pytest.mark.usefixtures("app")
SUNDAY = SATURDAY + timedelta(days=1)


def a_world() -> tuple[Pairing, Plan]:
    """Return a pairing and a wish, with something in the way of nearly every weekend."""
    pairing = a_pairing(stage=Stage.ACTIVE)
    wish = a_plan(pairing)
    (leader, leads), (other, _also) = members_of(pairing)[:2]
    a_calendar_day(SUNDAY.date(), DayKind.MAKEUP_WORKDAY)
    busy_from = datetime.combine(SATURDAY.date() + timedelta(days=7), time(8), CHINA)
    saved(BusyTime(person_id=other, starts_at=busy_from, ends_at=busy_from + timedelta(hours=4)))
    elsewhere = a_pairing(stage=Stage.ACTIVE, team_id=pairing.team_id)
    a_visit(elsewhere, starts_at=SATURDAY + timedelta(days=15), state=State.CONFIRMED)
    for period, weekday in ((Period.ALWAYS, 5), (Period.TERM, 6)):
        saved(
            FreeTime(
                volunteer_id=leads,
                weekday=weekday,
                start_minute=9 * 60,
                end_minute=16 * 60,
                period=period,
            )
        )
    assert leader in wish.member_ids
    return pairing, wish


def test_whatever_is_offered_planning_accepts() -> None:
    pairing, wish = a_world()
    for length in (30, 90, 180):
        longer = replace(wish, ends_at=wish.starts_at + timedelta(minutes=length))
        offered = found(pairing, longer).openings
        assert offered
        for one in offered:
            plan = replace(longer, starts_at=one.starts_at, ends_at=one.ends_at)
            assert problems(plan, facts(pairing, plan)) == []
    last = found(pairing, wish).openings[-1]
    plan = replace(wish, starts_at=last.starts_at, ends_at=last.ends_at)
    assert plan_visit(pairing.uid, plan, by=actor_for(members_of(pairing)[0][0]))


def test_nobody_is_asked_to_come_when_they_are_not_free() -> None:
    pairing, wish = a_world()
    starts = {one.starts_at for one in found(pairing, wish).openings}
    assert all(one.astimezone(CHINA).weekday() >= 5 for one in starts)
    assert SUNDAY.date() not in {one.astimezone(CHINA).date() for one in starts}
    next_saturday = SATURDAY + timedelta(days=7)
    assert next_saturday not in starts
    assert next_saturday.replace(hour=12, minute=30) in starts, "half an hour of way after noon"


def test_a_day_the_county_has_stopped_is_not_offered_and_the_reason_is_said() -> None:
    pairing, wish = a_world()
    usual = found(pairing, wish)
    first = usual.openings[0].starts_at.astimezone(CHINA).date()
    by = members_of(pairing)[0][0]
    saved(BadWeather(county_id=pairing.county_id, day=first, said_by_id=by, said_at=SATURDAY))
    then = found(pairing, wish)
    assert first not in {one.starts_at.astimezone(CHINA).date() for one in then.openings}
    missed = {one.missed.day: one.missed.problem.why for one in (usual, then) if one.missed}
    assert first not in missed or missed[first] is Why.BAD_WEATHER


def test_the_days_before_a_clearance_ends_are_offered_and_why_none_follow(
    at_most: AtMost,
) -> None:
    pairing, wish = a_world()
    usual = found(pairing, wish).openings
    last = usual[1].starts_at.astimezone(CHINA).date()
    leads = members_of(pairing)[0][1]
    with transaction() as session:
        session.execute(
            update(Evidence).where(Evidence.volunteer_id == leads).values(valid_until=last)
        )
    with at_most(75):
        then = found(pairing, wish)
    assert then.openings == usual[:2]
    for one in then.openings:
        plan = replace(wish, starts_at=one.starts_at, ends_at=one.ends_at)
        assert problems(plan, facts(pairing, plan)) == []
    reason = then.ended or then.missed
    assert reason
    assert reason.day > last
    assert reason.problem.why is Why.NOT_CLEARED


def test_looking_costs_the_same_however_many_days_are_in_the_way(at_most: AtMost) -> None:
    pairing, wish = a_world()
    with at_most(50):
        found(pairing, wish)
    for weeks in range(4):
        start = SATURDAY + timedelta(weeks=weeks)
        saved(
            BusyTime(person_id=wish.escort_id, starts_at=start, ends_at=start + timedelta(days=1))
        )
    with at_most(50):
        found(pairing, wish)


def leader_of(pairing: Pairing, browse_as: BrowseAs) -> Browser:
    return browse_as(members_of(pairing)[0][0])


def test_the_page_says_from_which_day_on_a_clearance_is_missing(
    browse_as: BrowseAs, at_most: AtMost
) -> None:
    pairing, wish = a_world()
    last = found(pairing, wish).openings[1].starts_at.astimezone(CHINA).date()
    with transaction() as session:
        session.execute(
            update(Evidence)
            .where(Evidence.volunteer_id == members_of(pairing)[1][1])
            .values(valid_until=last)
        )
    browser, url = leader_of(pairing, browse_as), f"/pairings/{pairing.uid}/visits/new"
    with at_most(90):  # 87: the last day that holds is halved down to
        page = browser.get(url)
    assert page.soup.select("#openings button[name=opening]")
    offered = page.soup.select_one("#openings")
    assert offered
    assert "起都不行" in offered.get_text()


def test_choosing_a_time_fills_the_form_and_keeps_what_was_typed(browse_as: BrowseAs) -> None:
    pairing, _wish = a_world()
    browser, url = leader_of(pairing, browse_as), f"/pairings/{pairing.uid}/visits/new"
    page = browser.get(url)
    chosen = page.soup.select("#openings button[name=opening]")
    assert 1 <= len(chosen) <= 6
    value = str(chosen[-1]["value"])

    sent = {"opening": value, "place_text": "工作站三楼", "start": "09:00", "minutes": "60"}
    filled = browser.post(url, page.form(url) | sent)

    assert filled.errors == []
    assert filled.soup.select_one("select[name=minutes] option[selected][value='60']")
    assert filled.soup.select_one(f"input[name=day][value='{value[:10]}']")
    assert filled.soup.select_one(f"select[name=start] option[selected][value='{value[11:]}']")
    assert filled.soup.select_one("input[name=place_text][value=工作站三楼]")
