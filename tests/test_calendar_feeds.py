"""Private calendars: an address that only its owner's calendar knows, and nothing of a child."""

import time
from collections import OrderedDict
from datetime import UTC, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar, Event
from sqlalchemy import select, update

from accounts.models import Person, RoleGrant
from accounts.queries import actor_for
from accounts.rules import Role
from core import logs
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import RuleBroken
from tests.builders.calendars import a_feed
from tests.builders.people import a_member_of_staff
from tests.builders.visits import SATURDAY, a_plan, a_visit
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.factories import CANARY
from tests.test_visits_pages import Room, room
from visits import services as visits
from visits.feeds import queries, services
from visits.feeds.models import CalendarFeed
from visits.feeds.queries import Site
from visits.feeds.rules import MOST_FEEDS, Reach
from visits.rules import CancelReason

__all__ = ["room"]  # the fixture of its neighbour
SITE = Site("tongxing.example", "https://tongxing.example/visits/-")


def read(app: Flask, path: str, **headers: str) -> Any:
    return app.test_client().get(path, headers=headers)


def events(app: Flask, path: str) -> list[Event]:
    answer = read(app, path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
    assert answer.mimetype == "text/calendar"
    found = Calendar.from_ical(answer.get_data()).walk()
    return [one for one in found if isinstance(one, Event)]


def cancel(room: Room) -> None:
    visits.cancel(room.visit.uid, CancelReason.WEATHER, by=actor_for(room.people[0]))


# --- what it holds -------------------------------------------------------------------------


def test_a_feed_holds_ones_visits_and_nothing_of_the_child(app: Flask, room: Room) -> None:
    _feed, path = a_feed(room.people[1])
    (event,) = events(app, path)
    assert event.decoded("dtstart") == SATURDAY.astimezone(UTC)
    assert event["uid"] == f"visit-{room.visit.uid}@localhost"
    assert str(event["url"]) == f"http://localhost/visits/{room.visit.uid}"
    text = read(app, path).get_data(as_text=True)
    for private in (room.alias, room.name_of(room.pairing.township_id), "活动室", CANARY, "陪同"):
        assert private not in text


def test_it_is_the_same_event_as_the_file_of_one_visit(app: Flask, room: Room) -> None:
    _feed, path = a_feed(room.people[1])
    alone = Calendar.from_ical(room.other.client.get(f"{room.url}.ics").get_data())
    (whole,) = [one for one in alone.walk() if isinstance(one, Event)]
    assert events(app, path)[0].to_ical() == whole.to_ical()


def test_it_has_the_stamp_and_the_number_of_the_last_change(
    app: Flask, room: Room, set_clock: SetClock
) -> None:
    _feed, path = a_feed(room.people[0])
    set_clock(NOON + timedelta(hours=3))
    plan = a_plan(room.pairing, SATURDAY + timedelta(days=14), escort_id=room.escort_id)
    visits.move(room.visit.uid, plan, version=1, by=actor_for(room.people[0]))
    set_clock(NOON + timedelta(hours=9))
    (event,) = events(app, path)
    assert event["sequence"] == room.now().version == 2
    assert event.decoded("dtstamp") == NOON + timedelta(hours=3)
    assert event.decoded("dtstart") == (SATURDAY + timedelta(days=14)).astimezone(UTC)


def test_a_cancelled_visit_says_so_for_thirty_days(
    app: Flask, room: Room, set_clock: SetClock
) -> None:
    _feed, path = a_feed(room.people[0])
    cancel(room)
    (event,) = events(app, path)
    assert (event["status"], event["sequence"]) == ("CANCELLED", 2)
    set_clock(NOON + timedelta(days=30) - timedelta(minutes=1))
    assert len(events(app, path)) == 1
    set_clock(NOON + timedelta(days=30))
    assert events(app, path) == []


def test_staff_choose_between_their_own_and_all_they_answer_for(app: Flask, room: Room) -> None:
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=room.pairing.county_id)
    _mine, mine = a_feed(coordinator)
    _all, all_ = a_feed(coordinator, reach=Reach.ALL)
    assert (len(events(app, mine)), len(events(app, all_))) == (0, 1)
    _neighbours, theirs = a_feed(
        a_member_of_staff(Role.COORDINATOR, area_id=a_visit().county_id), reach=Reach.ALL
    )
    assert room.visit.uid not in {str(one["uid"])[6:28] for one in events(app, theirs)}


def test_it_speaks_english_where_the_address_does(app: Flask, room: Room) -> None:
    _feed, path = a_feed(room.people[0])
    (event,) = events(app, f"/en{path}")
    assert event["summary"] != "童行走访"
    assert str(event["url"]).startswith("http://localhost/en/visits/")


# --- how often it is made ------------------------------------------------------------------


def test_what_has_not_changed_is_not_sent_again(app: Flask, room: Room) -> None:
    _feed, path = a_feed(room.people[0])
    first = read(app, path)
    again = read(app, path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    cancel(room)
    changed = read(app, path, If_None_Match=first.headers["ETag"])
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_the_file_is_made_once_as_long_as_nothing_changes(
    app: Flask, room: Room, monkeypatch: pytest.MonkeyPatch, at_most: AtMost
) -> None:
    _feed, path = a_feed(room.people[0])
    body = read(app, path).get_data()

    def never(*_given: object, **_more: object) -> bytes:
        raise AssertionError("made a second time")

    monkeypatch.setattr(queries, "ics", never)
    with at_most(6):
        assert read(app, path).get_data() == body


def test_files_kept_in_memory_are_few(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_files", OrderedDict())
    monkeypatch.setattr(queries, "held", lambda _feed, _reader: [])
    feed, _path = a_feed(a_member_of_staff(Role.EDITOR))
    with app.test_request_context("/"):
        for n in range(services.KEPT + 5):
            services.file_of(str(n), feed, actor_for(feed.person_id), SITE)
    assert len(services._files) == services.KEPT  # noqa: SLF001 - that it stays small
    assert "0" not in services._files  # noqa: SLF001 - the oldest is gone


def test_its_person_sees_when_it_was_last_read(app: Flask, room: Room, set_clock: SetClock) -> None:
    feed, path = a_feed(room.people[0])
    assert "还没有被读取过" in room.leader.get("/account/calendars").text
    for minutes, kept in ((0, 0), (9, 0), (11, 11)):
        set_clock(NOON + timedelta(minutes=minutes))
        read(app, path)
        db.session.expire_all()
        found = db.session.get_one(CalendarFeed, feed.id).read_at
        assert found == NOON + timedelta(minutes=kept)
    assert "最近读取" in room.leader.get("/account/calendars").text


# --- who may -------------------------------------------------------------------------------


def _without_number(answer: Any) -> str:
    text: str = answer.get_data(as_text=True)
    return text.replace(answer.headers["X-Request-ID"], "").replace(answer.request.path, "")


def test_a_wrong_address_and_a_revoked_one_are_the_same_missing_page(
    app: Flask, room: Room
) -> None:
    feed, path = a_feed(room.people[0])
    services.revoke(feed.uid, by=actor_for(room.people[0]))
    revoked, wrong = read(app, path), read(app, f"/calendar/{'B' * 43}.ics")
    assert revoked.status_code == wrong.status_code == 404
    assert _without_number(revoked) == _without_number(wrong)


def test_it_stops_with_the_account_and_with_the_role(app: Flask, room: Room) -> None:
    stops = {
        room.people[0]: update(Person).where(Person.id == room.people[0]).values(disabled_at=NOON),
        room.people[1]: update(RoleGrant)
        .where(RoleGrant.person_id == room.people[1])
        .values(ended_at=NOON),
    }
    for person_id, stop in stops.items():
        _feed, path = a_feed(person_id)
        assert len(events(app, path)) == 1
        with transaction() as session:
            session.execute(stop)
        assert read(app, path).status_code == 404


def test_guessing_is_refused_and_a_calendar_that_asks_often_is_not(app: Flask, room: Room) -> None:
    _feed, path = a_feed(room.people[0])
    for _turn in range(services.GUESSES.most + 5):
        assert read(app, path).status_code == 200
    answers = [
        read(app, f"/calendar/{n:043}.ics").status_code for n in range(services.GUESSES.most + 1)
    ]
    assert answers == [404] * services.GUESSES.most + [429]


def test_its_secret_is_in_no_log(
    app: Flask, room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    _feed, path = a_feed(room.people[0])
    logs.configure("info")
    try:
        read(app, path)
        read(app, f"/calendar/{'S' * 43}.ics")
    finally:
        logs.configure("error")
    said = capsys.readouterr().err
    assert "feeds.read" in said
    assert path.removeprefix("/calendar/").removesuffix(".ics") not in said
    assert "S" * 43 not in said


def test_its_secret_is_stored_nowhere(app: Flask, room: Room) -> None:
    feed, path = a_feed(room.people[0])
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    kept = db.session.execute(
        select(CalendarFeed.uid, CalendarFeed.name, CalendarFeed.token_hash)
    ).all()
    assert all(secret not in str(value) for row in kept for value in row)
    assert feed.token_hash != secret


# --- making and revoking -------------------------------------------------------------------


def test_a_link_is_made_and_shown_once(app: Flask, room: Room, browse_as: BrowseAs) -> None:
    browser = browse_as(room.people[0], stepped_up=True)
    form = browser.get("/account/calendars/new").form("new")
    sent = form | {"name": "手机", "reach": "mine"}
    made = browser.post("/account/calendars/new", sent)
    (address,) = made.texts("code")
    path = address.removeprefix("http://localhost")
    assert len(events(app, path)) == 1
    again = browser.post("/account/calendars/new", sent)
    assert again.texts("code") == []
    assert "已经显示过" in again.text
    page = browser.get("/account/calendars")
    assert "手机" in page.text
    assert path not in page.html
    actions = db.session.scalars(select(AuditRow.action)).all()
    assert actions.count("make_calendar_feed") == 1


def test_making_a_link_asks_who_one_is(room: Room) -> None:
    room.leader.get("/account/calendars/new", status=302)


def test_a_link_is_revoked_by_its_owner_alone(app: Flask, room: Room) -> None:
    feed, path = a_feed(room.people[0])
    room.other.post(f"/account/calendars/{feed.uid}/revoke", status=404)
    assert read(app, path).status_code == 200
    leader = room.leader
    leader.get("/account/calendars")
    leader.post(f"/account/calendars/{feed.uid}/revoke")
    assert read(app, path).status_code == 404
    leader.post(f"/account/calendars/{feed.uid}/revoke", status=404)


def test_one_person_has_a_few_links_and_no_more(app: Flask, room: Room) -> None:
    me = actor_for(room.people[0])
    with app.test_request_context("/"):
        for n in range(MOST_FEEDS):
            services.make(str(n), Reach.MINE, by=me)
        with pytest.raises(RuleBroken, match="作废"):
            services.make("x", Reach.MINE, by=me)
        services.revoke(queries.feeds_of(me)[0].uid, by=me)
        services.make("x", Reach.MINE, by=me)


def test_who_sees_no_visits_has_no_calendars(browse_as: BrowseAs) -> None:
    browse_as(a_member_of_staff(Role.EDITOR)).get("/account/calendars", status=403)


# --- how fast --------------------------------------------------------------------------------


def test_two_hundred_visits_are_read_quickly(app: Flask, room: Room) -> None:
    """43 KB and 220 ms were measured on a busy machine; a tenfold of that would be a mistake."""
    for n in range(199):
        start = SATURDAY + timedelta(days=n % 100, hours=n // 100 * 3)
        a_visit(room.pairing, starts_at=start, escort_id=room.escort_id)
    _feed, path = a_feed(room.people[0])
    began = time.perf_counter()
    assert len(events(app, path)) == 200
    assert time.perf_counter() - began < 3
