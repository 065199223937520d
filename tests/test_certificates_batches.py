"""Certificates for many: made a few at a time, gone on with after a death, stopped, printed."""

import threading
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from core import claims, clock
from core.db import db
from core.errors import NotYours, RuleBroken
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.certificates import a_certificate, this_month
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, an_organisation
from tests.builders.volunteers import a_volunteer, an_hour_entry
from tests.conftest import BrowseAs, SetClock
from volunteers.certificates.batches import services
from volunteers.certificates.batches.models import CertificateBatch
from volunteers.certificates.batches.queries import Who
from volunteers.certificates.batches.rules import State
from volunteers.certificates.models import Certificate
from volunteers.certificates.services import give


@pytest.fixture
def county_id(app: Flask) -> int:
    return a_county().id


@pytest.fixture
def coordinator(county_id: int) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county_id))


def served(county_id: int, many: int, **given: Any) -> None:
    for _turn in range(many):
        volunteer = a_volunteer(**{"county_id": county_id} | given)
        an_hour_entry(volunteer, minutes=60, served_on=clock.today() - timedelta(days=2))


def asked(county_id: int, by: Actor, org_id: int | None = None) -> str:
    return services.ask(Who(county_id, org_id, by.id), this_month(), by=by)


def batch() -> CertificateBatch:
    db.session.expire_all()
    return db.session.scalars(select(CertificateBatch)).one()


def number() -> int:
    return db.session.scalars(select(func.count()).select_from(Certificate)).one()


def test_everybody_who_served_gets_one_and_nobody_two(county_id: int, coordinator: Actor) -> None:
    served(county_id, 30)
    a_volunteer(county_id=county_id)
    had = a_volunteer(county_id=county_id)
    a_certificate(had)

    asked(county_id, coordinator)
    assert services.go_on() == 30
    assert services.go_on() == 0

    found = batch()
    assert (found.state, found.total, found.done, found.issued) == (State.READY, 30, 30, 30)
    assert number() == 31
    with pytest.raises(RuleBroken):
        asked(county_id, coordinator)


def test_only_one_organisation_when_one_is_named(county_id: int, coordinator: Actor) -> None:
    org_id = an_organisation(OrgKind.UNIVERSITY).id
    served(county_id, 2)
    served(county_id, 3, org_id=org_id)
    asked(county_id, coordinator, org_id)
    assert services.go_on() == 3


def test_nobody_issues_for_another_county(county_id: int, coordinator: Actor) -> None:
    other = a_county().id
    served(other, 1)
    with pytest.raises(NotYours):
        asked(other, coordinator)


def test_somebody_who_no_longer_answers_issues_nothing_more(
    county_id: int, coordinator: Actor
) -> None:
    served(county_id, 2)
    asked(county_id, coordinator)
    with patch("volunteers.certificates.batches.services.actor_for", lambda _id: Actor(1, "")):
        assert services.go_on() == 0
    assert (batch().state, number()) == (State.CANCELLED, 0)


def test_a_batch_goes_on_where_its_process_died(
    county_id: int, coordinator: Actor, set_clock: SetClock
) -> None:
    served(county_id, 30)
    asked(county_id, coordinator)
    given, turn = give, iter(range(1000))

    def dies(*args: object, **named: object) -> None:
        if next(turn) == 27:
            raise KeyboardInterrupt
        given(*args, **named)  # type: ignore[arg-type]

    with patch.object(services, "give", dies), pytest.raises(KeyboardInterrupt):
        services.go_on()
    assert (number(), batch().done) == (25, 25)
    assert services.go_on() == 0  # still claimed
    set_clock(clock.now() + claims.LEASE + timedelta(seconds=1))
    assert services.go_on() == 5
    assert (number(), batch().issued, batch().state) == (30, 30, State.READY)


def test_two_processes_issue_each_once(county_id: int, coordinator: Actor, app: Flask) -> None:
    served(county_id, 12)
    asked(county_id, coordinator)

    def go() -> None:
        with app.app_context():
            services.go_on()

    both = [threading.Thread(target=go) for _turn in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert (number(), batch().issued) == (12, 12)


def test_a_batch_that_is_stopped_keeps_what_it_has_issued(
    county_id: int, coordinator: Actor, browse_as: BrowseAs
) -> None:
    served(county_id, 30)
    uid = asked(county_id, coordinator)
    given, turn = give, iter(range(1000))

    def stops(*args: object, **named: object) -> None:
        if next(turn) == 26:
            services.cancel(uid, by=coordinator)
        given(*args, **named)  # type: ignore[arg-type]

    with patch.object(services, "give", stops):
        services.go_on()
    # The stop was a part of the step that was undone with it: nothing of that step is kept.
    assert (number(), batch().done) == (25, 25)
    services.cancel(uid, by=coordinator)
    assert services.go_on() == 0
    with pytest.raises(RuleBroken):
        services.cancel(uid, by=coordinator)


def test_the_pages_of_a_batch(county_id: int, coordinator: Actor, browse_as: BrowseAs) -> None:
    served(county_id, 3)
    desk: Browser = browse_as(coordinator.id or 0)
    period = this_month()
    sent = {
        "county": str(county_id),
        "org": "",
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
    }
    waiting = desk.post("/certificates/batches", sent)
    assert "排队中" in waiting.html
    services.go_on()
    uid = batch().uid
    page = desk.get(f"/certificates/batches/{uid}")
    assert "已开完" in page.html
    answer = desk.client.get(f"/certificates/batches/{uid}.pdf")
    assert answer.data.count(b"/MediaBox") == 3
    assert "3 张" in desk.get("/certificates/batches").html


def test_a_name_outside_the_font_is_told_and_the_others_are_printed(
    county_id: int, coordinator: Actor, browse_as: BrowseAs
) -> None:
    served(county_id, 1)
    served(county_id, 1, name="样例😀")
    uid = asked(county_id, coordinator)
    services.go_on()
    desk = browse_as(coordinator.id or 0)
    assert "有 1 张的姓名里有字库没有的字" in desk.get(f"/certificates/batches/{uid}").html
    answer = desk.client.get(f"/certificates/batches/{uid}.pdf")
    assert answer.data.count(b"/MediaBox") == 1
