"""The rights desk: entered, confirmed and finished in time, refused only in writing."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Role
from children.models import Child
from core import clock
from core.audit import AuditRow
from core.db import db
from core.errors import RuleBroken
from places.days.services import OWN_DAYS, load
from rights.requests import services
from rights.requests.models import RightsRequest
from rights.requests.rules import Asker, Channel, Clocks, Lateness, RequestKind, State
from tests.browser import Browser
from tests.builders.children import a_child
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_village
from tests.builders.rights import a_request
from tests.builders.volunteers import a_volunteer
from tests.conftest import NOON, AtMost, BrowseAs
from tests.factories import CANARY

ASKED = {
    "kind": "copy",
    "asker": "guardian",
    "channel": "phone",
    "received_on": "2026-11-20",
    "said": "想看看都记了什么",
}


@pytest.fixture
def child(app: Flask) -> Child:
    return a_child(a_village())


@pytest.fixture
def coordinator(child: Child, browse_as: BrowseAs) -> Browser:
    browser = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    browser.may_see_children = True
    return browser


@pytest.fixture
def officer(child: Child, browse_as: BrowseAs) -> Browser:
    """The county's data protection officer, who knows no child by alias."""
    return browse_as(a_member_of_staff(Role.DPO, area_id=child.county_id))


def the_request() -> RightsRequest:
    db.session.expire_all()
    return db.session.scalars(select(RightsRequest)).one()


def test_a_director_enters_what_a_guardian_asks_for(child: Child, browse_as: BrowseAs) -> None:
    director = browse_as(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id))
    url = f"/children/{child.uid}/rights"
    page = director.post(url, director.get(url).form("rights") | ASKED)

    assert page.heading == "权利请求：要一份复制件"
    found = the_request()
    assert (found.child_id, found.state) == (child.id, State.RECEIVED)
    assert found.confirm_by == date(2026, 11, 25)
    assert found.finish_by == date(2026, 12, 11)


def test_the_terms_stand_still_over_spring_festival(
    child: Child,
) -> None:
    load(OWN_DAYS)
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    new = services.NewRequest(
        RequestKind.ACCESS,
        Asker.CHILD,
        Channel.IN_PERSON,
        date(2026, 2, 13),
    )

    services.enter_for_child(child.uid, new, by=by)

    assert the_request().confirm_by == date(2026, 2, 25)
    assert the_request().finish_by == date(2026, 3, 12)


def test_what_has_not_been_received_yet_is_not_entered(coordinator: Browser, child: Child) -> None:
    url = f"/children/{child.uid}/rights"

    coordinator.post(url, ASKED | {"received_on": "2026-11-25"}, status=422)
    coordinator.post(url, ASKED | {"said": "打 13812345678"}, status=422)
    coordinator.post(url, ASKED | {"asker": "volunteer"}, status=422)

    assert db.session.scalar(select(func.count()).select_from(RightsRequest)) == 0


def test_the_officer_confirms_and_finishes(officer: Browser, child: Child) -> None:
    request = a_request(child)

    officer.post(f"/rights/{request.uid}/confirm")
    page = officer.post(f"/rights/{request.uid}/end/done", {"outcome": "已当面交给监护人"})

    assert "已当面交给监护人" in page.text
    assert child.alias not in page.text
    found = the_request()
    assert (found.state, found.confirmed_at, found.closed_at) == (State.DONE, NOON, NOON)
    actions = set(db.session.scalars(select(AuditRow.action).where(AuditRow.ref == request.uid)))
    assert actions == {"rights_request_confirmed", "rights_request_done"}


def test_a_refusal_needs_its_reason_and_comes_on_paper(officer: Browser, child: Child) -> None:
    request = a_request(child)
    officer.post(f"/rights/{request.uid}/end/refuse", {"outcome": "   "}, status=422)
    assert the_request().state is State.RECEIVED

    officer.post(f"/rights/{request.uid}/end/refuse", {"outcome": "案件还在办理，依法保留"})

    letter = officer.get(f"/rights/{request.uid}/letter")
    assert letter.heading == "不予办理通知"
    assert "案件还在办理，依法保留" in letter.text
    assert CANARY not in letter.html


def test_the_service_itself_refuses_a_refusal_without_reason(child: Child) -> None:
    by = actor_for(a_member_of_staff(Role.DPO))
    with pytest.raises(RuleBroken):
        services.refuse(a_request(child).uid, " ", by=by)


def test_a_coordinator_does_not_refuse(coordinator: Browser, child: Child) -> None:
    request = a_request(child)

    coordinator.post(f"/rights/{request.uid}/end/refuse", {"outcome": "不行"}, status=404)

    assert the_request().state is State.RECEIVED


def test_a_request_ends_once(officer: Browser, coordinator: Browser, child: Child) -> None:
    request = a_request(child)
    officer.post(f"/rights/{request.uid}/end/done", {"outcome": "已办"})

    late = f"/rights/{request.uid}/end/call-off"
    page = coordinator.post(late, {"outcome": "不要了"}, status=422)

    assert any("已经有人办过" in error for error in page.errors)
    coordinator.post(f"/rights/{request.uid}/confirm", status=409)
    assert the_request().outcome == "已办"


def test_a_button_pressed_twice_confirms_once(officer: Browser, child: Child) -> None:
    request = a_request(child)
    form = officer.get(f"/rights/{request.uid}").form("confirm") | {"form_key": "k" * 20}

    for _press in range(2):
        officer.post(f"/rights/{request.uid}/confirm", form)

    asked = select(func.count()).where(AuditRow.action == "rights_request_confirmed")
    assert db.session.scalar(asked) == 1


def test_another_countys_request_is_not_there(child: Child, browse_as: BrowseAs) -> None:
    request, neighbour = a_request(child), a_village()
    county_id = a_child(neighbour).county_id
    for role in (Role.COORDINATOR, Role.DPO):
        browser = browse_as(a_member_of_staff(role, area_id=county_id))
        browser.get(f"/rights/{request.uid}", status=404)
        browser.post(f"/rights/{request.uid}/confirm", status=404)
        assert browser.get("/rights").links(f"/rights/{request.uid}") == []


def test_the_citys_officer_sees_every_countys(child: Child, browse_as: BrowseAs) -> None:
    request = a_request(child)
    browser = browse_as(a_member_of_staff(Role.DPO))

    assert browser.get("/rights").links(request.uid)


def test_a_director_sees_no_volunteers_request(child: Child, browse_as: BrowseAs) -> None:
    request = a_request(volunteer_id=a_volunteer().id)
    director = browse_as(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id))

    director.get(f"/rights/{request.uid}", status=404)


def test_what_is_late_is_red_and_first_on_the_home_page(officer: Browser, child: Child) -> None:
    today = clock.today()
    a_request(child, confirm_by=today, finish_by=today + timedelta(days=9))
    assert "超期的权利请求" not in officer.get("/home").text
    assert "待办的权利请求" in officer.get("/home").text

    a_request(child, confirm_by=today - timedelta(days=1))

    assert "超期的权利请求" in officer.get("/home").text
    assert officer.get("/rights").texts(".tag.danger") == ["答复超期"]


def test_on_its_last_day_nothing_is_late() -> None:
    clocks = Clocks(date(2026, 11, 26), date(2026, 12, 14))

    assert clocks.late(State.RECEIVED, date(2026, 11, 26)) is None
    assert clocks.late(State.RECEIVED, date(2026, 11, 27)) is Lateness.CONFIRMING
    assert clocks.late(State.CONFIRMED, date(2026, 12, 14)) is None
    assert clocks.late(State.CONFIRMED, date(2026, 12, 15)) is Lateness.FINISHING
    assert clocks.late(State.DONE, date(2027, 1, 1)) is None


def test_a_volunteer_asks_for_a_correction(browse_as: BrowseAs, app: Flask) -> None:
    volunteer = a_volunteer()
    me = browse_as(volunteer.person_id)

    page = me.post("/my-data", {"kind": "correct", "said": "单位写错了"})

    assert "已收到" in page.notices[0]
    assert (the_request().kind, the_request().volunteer_id) == (RequestKind.CORRECT, volunteer.id)


def test_staff_who_are_no_volunteers_ask_an_administrator(browse_as: BrowseAs, app: Flask) -> None:
    browser = browse_as(a_member_of_staff(Role.EDITOR))

    browser.get("/my-data")
    browser.post("/my-data", {"kind": "correct", "said": ""}, status=422)


def test_lists_do_not_ask_the_database_for_each_row(
    officer: Browser, child: Child, at_most: AtMost
) -> None:
    for _turn in range(8):
        a_request(child)
    officer.get("/rights")
    with at_most(9):
        officer.get("/rights")


def test_empty_lists_say_what_comes(officer: Browser) -> None:
    assert "没有待办的请求" in officer.get("/rights").text
    assert "还没有办结的请求" in officer.get("/rights?tab=closed").text
