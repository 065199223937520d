"""Who leaves a number alone is called up by a coordinator."""

import pytest
from sqlalchemy import select

from accounts.models import Person, RoleGrant
from accounts.rules import Role
from campaigns.models import Slot
from campaigns.numbers.models import DayCount
from campaigns.seats.rules import SeatState
from core.db import db
from messages.models import Message
from tests.browser import Browser
from tests.builders.campaigns import a_sign_up, a_slot
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.conftest import AtMost, BrowseAs
from tests.test_signups import a_form
from volunteers.models import Volunteer


def a_caller(browse_as: BrowseAs, county_id: int) -> Browser:
    return browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county_id))


def test_a_number_alone_waits_for_a_call(visitor: Browser, browse_as: BrowseAs) -> None:
    slot = a_slot()

    page = visitor.post(f"/slots/{slot.uid}/join", a_form(contact="13800138000"))
    waiting = a_caller(browse_as, slot.county_id).get("/sign-ups")

    assert "县中心会打您留的电话" in page.text
    assert db.session.scalars(select(Message)).all() == []
    assert waiting.links("tel:138") == ["tel:13800138000"]
    assert waiting.texts(".card h2") == ["李样例"]


def test_the_list_of_calls_costs_the_same_for_many(browse_as: BrowseAs, at_most: AtMost) -> None:
    slot = a_slot(capacity=50)
    for number in range(20):
        a_sign_up(slot, phone=f"154000000{number:02}")
    browser = a_caller(browse_as, slot.county_id)

    with at_most(8):
        page = browser.get("/sign-ups")

    assert len(page.texts(".card h2")) == 20


def test_a_call_makes_a_volunteer_and_a_code_to_read_out(
    browse_as: BrowseAs, visitor: Browser
) -> None:
    slot = a_slot()
    found = a_sign_up(slot, phone="15400000001", name="李样例")

    page = a_caller(browse_as, slot.county_id).post(f"/sign-ups/{found.uid}/confirm")
    (shown,) = page.texts(".code-big")
    code = shown.replace(" ", "")
    visitor.post("/sign-in/code", {"login": "15400000001", "code": code})

    assert len(code) == 8
    assert found.state is SeatState.CONFIRMED
    assert visitor.get("/volunteers/me").heading
    assert db.session.scalars(select(DayCount.count)).all() == [1]


def test_the_same_call_noted_twice_gives_the_newest_code(browse_as: BrowseAs) -> None:
    found = a_sign_up(a_slot(), phone="15400000001")
    county_id = db.session.get_one(Slot, found.slot_id).county_id
    caller = a_caller(browse_as, county_id)
    form = {"form_key": "k" * 22}

    first = caller.post(f"/sign-ups/{found.uid}/confirm", form)
    second = caller.post(f"/sign-ups/{found.uid}/confirm", form)

    assert first.texts(".code-big") != second.texts(".code-big")
    assert len(db.session.scalars(select(Volunteer)).all()) == 1


def test_no_code_opens_an_account_that_was_there_before(browse_as: BrowseAs) -> None:
    slot = a_slot()
    person_id = a_member_of_staff(Role.ADMIN, phone="15400000001", name="原来的名字")
    found = a_sign_up(slot, phone="15400000001", name="别的名字")
    caller = a_caller(browse_as, slot.county_id)

    page = caller.post(f"/sign-ups/{found.uid}/confirm")
    caller.post(f"/sign-ups/{found.uid}/code", status=404)

    assert page.texts(".code-big") == []
    assert found.person_id == person_id
    assert db.session.get_one(Person, person_id).name == "原来的名字"
    roles = select(RoleGrant.role).where(RoleGrant.person_id == person_id)
    assert set(db.session.scalars(roles)) == {Role.ADMIN, Role.VOLUNTEER}


def test_a_fresh_code_for_who_has_no_other_way_in(browse_as: BrowseAs) -> None:
    slot = a_slot()
    found = a_sign_up(slot, phone="15400000001")
    caller = a_caller(browse_as, slot.county_id)
    caller.post(f"/sign-ups/{found.uid}/confirm")

    page = caller.get("/sign-ups")

    assert page.form(f"/sign-ups/{found.uid}/code")
    assert caller.post(f"/sign-ups/{found.uid}/code").texts(".code-big")
    db.session.scalars(select(Person).where(Person.phone == "15400000001")).one()


def test_who_does_not_want_to_come_gives_the_seat_back(browse_as: BrowseAs) -> None:
    slot = a_slot()
    found = a_sign_up(slot, phone="15400000001")
    caller = a_caller(browse_as, slot.county_id)

    page = caller.post(f"/sign-ups/{found.uid}/drop")

    assert "没有等您打电话的报名" in page.text
    assert (slot.taken, found.state) == (0, SeatState.CANCELLED)
    caller.post(f"/sign-ups/{found.uid}/drop", status=404)


def test_a_neighbour_finds_nobody_to_call(browse_as: BrowseAs) -> None:
    found = a_sign_up(phone="15400000001")
    neighbour = a_caller(browse_as, a_county().id)

    assert neighbour.get("/sign-ups").texts(".card h2") == []
    for verb in ("confirm", "code", "drop"):
        neighbour.post(f"/sign-ups/{found.uid}/{verb}", status=404)
    assert found.state is SeatState.HELD


def test_a_link_is_not_confirmed_by_a_call(browse_as: BrowseAs) -> None:
    slot = a_slot()
    found = a_sign_up(slot, email="li@example.org")

    page = a_caller(browse_as, slot.county_id).post(f"/sign-ups/{found.uid}/confirm", status=409)

    assert "已经确认过" in page.text
    assert found.state is SeatState.HELD


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.ADMIN, Role.EDITOR])
def test_only_coordinators_call(role: Role, browse_as: BrowseAs) -> None:
    browse_as(a_member_of_staff(role)).get("/sign-ups", status=403)


def test_a_visitor_is_sent_to_sign_in(visitor: Browser) -> None:
    visitor.get("/sign-ups", status=302)


def test_calls_wait_on_the_coordinators_home(browse_as: BrowseAs) -> None:
    slot = a_slot()
    a_sign_up(slot, phone="15400000001")
    a_sign_up(slot, email="li@example.org")
    a_sign_up(phone="15400000002")

    page = a_caller(browse_as, slot.county_id).get("/home")

    (action,) = [text for text in page.texts(".action") if "请打电话核实报名" in text]
    assert action.endswith("1")
