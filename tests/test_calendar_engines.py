"""On both engines: terms, feeds, busy times and the calendar, and what two do at the same time."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Role
from core.db import db
from core.errors import RuleBroken
from pairings.rules import Stage
from places.days.models import SchoolTime
from places.days.queries import doubtful, stretches_of
from places.days.rules import TimeKind
from places.days.services import OWN_DAYS, load
from tests.builders.calendars import a_feed
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city
from tests.builders.visits import SATURDAY, a_plan, a_visit, an_escort, members_of
from tests.conftest import NOON
from tests.races import ENGINES, at_once, site_on
from visits import services as visits
from visits.busy import services as busy
from visits.busy.queries import busy_of
from visits.calendar.days import services as days
from visits.calendar.days.services import Stretch
from visits.calendar.queries import shown
from visits.calendar.rules import Filters, View, span_of
from visits.feeds import services as feeds
from visits.feeds.models import CalendarFeed
from visits.feeds.queries import changed
from visits.feeds.rules import MOST_FEEDS, Reach
from visits.models import Visit


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each engine."""
    with site_on(request.param, request, tmp_path) as app:
        yield app


def test_of_overlapping_terms_entered_at_the_same_time_one_stands(both: Flask) -> None:
    county = a_pairing().county_id
    me = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county))
    first, last = date(2026, 9, 1), date(2027, 1, 20)

    def entering(n: int) -> object:
        told = Stretch(TimeKind.TERM, str(county), f"{n}", first, last, "校历", confirmed=True)
        days.add(told, by=me)
        return None

    refused = at_once(both, *(lambda n=n: entering(n) for n in range(4)))

    assert sum(one is None for one in refused) == 1
    assert db.session.scalar(select(func.count(SchoolTime.id))) == 1
    assert stretches_of(county)[TimeKind.TERM] == ((first, last),)


def test_links_made_at_the_same_time_are_no_more_than_allowed(both: Flask) -> None:
    me = actor_for(members_of(a_pairing())[0][0])
    making = [lambda: feeds.make("x", Reach.MINE, by=me)] * (MOST_FEEDS + 3)

    refused = at_once(both, *making)

    assert sum(isinstance(one, RuleBroken) for one in refused) == 3
    assert db.session.scalar(select(func.count(CalendarFeed.id))) == MOST_FEEDS


def test_a_feed_follows_a_visit_that_moves(both: Flask) -> None:
    pairing = a_pairing(stage=Stage.SCHEDULED_INTRO)
    leader, escort = members_of(pairing)[0][0], an_escort(pairing)
    by = actor_for(leader)
    uid = visits.plan_visit(pairing.uid, a_plan(pairing, SATURDAY, escort_id=escort), by=by)
    _feed, path = a_feed(leader)
    client = both.test_client()
    first = client.get(path)
    assert first.get_data(as_text=True).count("BEGIN:VEVENT") == 1
    kept = {"If-None-Match": first.headers["ETag"]}
    assert client.get(path, headers=kept).status_code == 304
    later = a_plan(pairing, SATURDAY + timedelta(days=7), escort_id=escort)
    visits.move(uid, later, version=1, by=by)
    moved = client.get(path, headers=kept)
    assert moved.status_code == 200
    assert "SEQUENCE:2" in moved.get_data(as_text=True)
    visit = db.session.scalars(select(Visit).where(Visit.uid == uid)).one()
    assert changed([visit]) == {uid: NOON}
    assert client.get(f"/calendar/{'B' * 43}.ics").status_code == 404


def test_everybody_has_a_calendar(both: Flask) -> None:
    visit = a_visit()
    load(OWN_DAYS)
    county = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=visit.county_id))
    city = actor_for(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    for view in View:
        span = span_of(view, SATURDAY.date())
        mine, theirs = (shown(one, Filters(), span) for one in (county, city))
        assert [row.uid for one in mine.days for row in one.visits] == [visit.uid]
        assert [one.tally for one in theirs.days if one.tally] == [{visit.county_id: 1}]
    assert doubtful().years == (2027,)


def test_busy_times_are_replaced_as_a_whole(both: Flask) -> None:
    me = actor_for(members_of(a_pairing())[0][0])
    weekly = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261128T020000Z\nDURATION:PT1H\n"
        "RRULE:FREQ=WEEKLY;COUNT={}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    for count in (4, 2):
        busy.replace(busy.looked_at(weekly.format(count).encode()), by=me)
    found = busy_of([me.id or 0], NOON, NOON + timedelta(days=60))
    assert [one.starts_at for one in found] == [SATURDAY, SATURDAY + timedelta(days=7)]
