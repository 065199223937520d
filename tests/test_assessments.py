"""Impact assessments: written by one, approved by another, looked at again each year."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Role
from core.db import db
from core.errors import RuleBroken
from rights.assessments import services
from rights.assessments.models import Assessment
from rights.assessments.rules import State
from tests.browser import Browser
from tests.builders.people import a_member_of_staff
from tests.builders.rights import an_assessment
from tests.conftest import NOON, BrowseAs, SetClock

FILLED = {
    "title": "结对",
    "purposes": "安排陪伴",
    "involved": "代号、年龄段",
    "necessity": "没有就不能安排",
    "risks": "被认出来",
    "measures": "两个人批准",
    "conclusion": "with_measures",
}


@pytest.fixture
def officer_id(app: Flask) -> int:
    return a_member_of_staff(Role.DPO)


@pytest.fixture
def officer(officer_id: int, browse_as: BrowseAs) -> Browser:
    return browse_as(officer_id)


@pytest.fixture
def city(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.CITY_COORDINATOR))


def the_newest() -> Assessment:
    db.session.expire_all()
    return db.session.scalars(select(Assessment).order_by(Assessment.id.desc())).all()[0]


def approve(browser: Browser, found: Assessment, **given: Any) -> None:
    browser.post(f"/assessments/{found.uid}/approve", {"version": str(found.version)}, **given)


def test_one_writes_and_another_approves(officer: Browser, city: Browser) -> None:
    officer.post("/assessments/new", officer.get("/assessments/new").form("new") | FILLED)
    found = the_newest()
    assert found.state is State.DRAFT

    approve(city, found)

    found = the_newest()
    assert (found.state, found.review_on) == (State.APPROVED, date(2027, 11, 24))


def test_nobody_approves_their_own(officer: Browser, officer_id: int) -> None:
    found = an_assessment(officer_id)
    assert officer.get(f"/assessments/{found.uid}").soup.select("form[action*=approve]") == []

    approve(officer, found, status=409)

    assert the_newest().state is State.DRAFT


def test_the_database_itself_asks_for_two_people(officer_id: int) -> None:
    with pytest.raises(Exception, match="two_people"):
        an_assessment(officer_id, approved_by_id=officer_id)


def test_a_draft_that_changed_meanwhile_is_read_again(
    officer: Browser, city: Browser, officer_id: int
) -> None:
    found = an_assessment(officer_id)
    seen = found.version
    officer.post(f"/assessments/{found.uid}/edit", FILLED | {"version": str(seen)})

    city.post(f"/assessments/{found.uid}/approve", {"version": str(seen)}, status=409)
    officer.post(f"/assessments/{found.uid}/edit", FILLED | {"version": str(seen)}, status=422)

    assert the_newest().state is State.DRAFT


def test_an_empty_assessment_is_not_kept(officer: Browser) -> None:
    page = officer.post("/assessments/new", FILLED | {"necessity": " "}, status=422)

    assert page.errors
    assert db.session.scalar(select(func.count()).select_from(Assessment)) == 0


def test_after_a_year_it_is_due_and_its_review_takes_its_place(
    officer_id: int, browse_as: BrowseAs, city: Browser, set_clock: SetClock
) -> None:
    first = an_assessment(officer_id)
    approve(city, first)
    assert "该复核的影响评估" not in browse_as(officer_id).get("/home").text
    set_clock(NOON + timedelta(days=366))
    officer, city = browse_as(officer_id), browse_as(a_member_of_staff(Role.CITY_COORDINATOR))
    assert "该复核的影响评估" in officer.get("/home").text
    assert officer.get("/assessments").texts(".tag.danger") == ["该复核了"]

    officer.post(f"/assessments/{first.uid}/review")
    approve(city, the_newest())

    db.session.expire_all()
    assert first.state is State.SUPERSEDED
    assert "该复核的影响评估" not in officer.get("/home").text
    assert db.session.scalar(select(func.count()).select_from(Assessment)) == 2


def test_two_do_not_review_the_same(officer_id: int, city: Browser) -> None:
    found = an_assessment(officer_id)
    approve(city, found)
    by = actor_for(officer_id)
    services.review(found.uid, by=by)

    with pytest.raises(RuleBroken, match="已经有人开始复核"):
        services.review(found.uid, by=by)


def test_an_auditor_reads_and_does_not_write(officer_id: int, browse_as: BrowseAs) -> None:
    auditor, found = browse_as(a_member_of_staff(Role.AUDITOR)), an_assessment(officer_id)

    auditor.get(f"/assessments/{found.uid}")
    auditor.get("/assessments/new", status=403)
    approve(auditor, found, status=403)
