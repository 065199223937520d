"""Who finds which files of children, and what the pages cost."""

import pytest

from accounts.rules import Role
from children.rules import (
    AgeBand,
    NeedState,
    Purpose,
    Step,
)
from core.db import db
from places.models import Area
from tests.browser import Browser
from tests.builders.children import (
    a_child,
    a_consent,
    a_consented_child,
    consented,
)
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_township, a_village
from tests.conftest import AtMost, BrowseAs
from tests.test_children import (
    a_report,
    coordinator,
    county_of,
    director,
    reload,
    supervisor,
    texts,
    village,
)

__all__ = ["coordinator", "director", "supervisor", "village"]  # the fixtures of its neighbour


ROUTES = ("", "/edit", "/send-back", "/close", "/consents/pairing")


@pytest.mark.parametrize("route", ROUTES)
def test_a_neighbour_finds_the_same_as_nothing(browse_as: BrowseAs, route: str) -> None:
    child = a_child()
    township = a_township()
    neighbour = a_member_of_staff(Role.COORDINATOR, area_id=township.parent_id)
    a_grant(neighbour, Role.CHILD_DIRECTOR, area_id=a_village(township).id)
    a_grant(neighbour, Role.CHILD_SUPERVISOR, area_id=township.id)
    browser = browse_as(neighbour)

    theirs = browser.get(f"/children/{child.uid}{route}", status=404)
    missing = browser.get(f"/children/{'x' * 22}{route}", status=404)

    assert theirs.heading == missing.heading
    assert browser.get("/children").texts("tbody th") == []


def test_a_neighbour_changes_nothing(browse_as: BrowseAs, village: Area) -> None:
    child = a_child(state=NeedState.REPORTED)
    neighbour = a_member_of_staff(Role.COORDINATOR, area_id=county_of(village))
    a_grant(neighbour, Role.CHILD_SUPERVISOR, area_id=village.parent_id)
    a_grant(neighbour, Role.CHILD_DIRECTOR, area_id=village.id)
    browser = browse_as(neighbour)

    for route in ("verify", "open", "consents/pairing/withdraw"):
        browser.post(f"/children/{child.uid}/{route}", {"version": "1"}, status=404)
    browser.post(f"/children/{child.uid}/edit", a_report(village, version="1"), status=404)

    assert (reload(child).state, child.version) == (NeedState.REPORTED, 1)


@pytest.mark.parametrize(
    "role",
    [Role.VOLUNTEER, Role.ORG_LEAD, Role.CITY_COORDINATOR, Role.ADMIN, Role.AUDITOR, Role.DPO],
)
def test_those_who_need_no_child_data_see_none(browse_as: BrowseAs, role: Role) -> None:
    child = a_child()
    browser = browse_as(a_member_of_staff(role, area_id=child.county_id))

    for url in ("/children", "/children/new", *(f"/children/{child.uid}{one}" for one in ROUTES)):
        browser.get(url, status=403)


def test_a_visitor_is_asked_to_sign_in(visitor: Browser, village: Area) -> None:
    child = a_child(village)

    for url in ("/children", "/children/new", f"/children/{child.uid}"):
        visitor.get(url, status=302)


def test_each_sees_the_files_of_their_own_place(
    director: Browser, supervisor: Browser, coordinator: Browser, village: Area
) -> None:
    here = a_child(village)
    beside = a_child(a_village(db.session.get_one(Area, village.parent_id)))
    in_county = a_child(a_village(a_township(db.session.get_one(Area, county_of(village)))))
    a_child()

    assert texts(director, "/children") == [here.alias]
    assert texts(supervisor, "/children") == [here.alias, beside.alias]
    assert texts(coordinator, "/children") == [here.alias, beside.alias, in_county.alias]


def test_files_are_narrowed_down(coordinator: Browser, village: Area) -> None:
    waiting = a_consented_child(village, needs=["sports"])
    lacking = consented(a_child(village, state=NeedState.MATCHED), but=Purpose.ASSENT)
    closed = a_child(village, state=NeedState.MET)

    assert texts(coordinator, "/children?need=sports") == [waiting.alias]
    assert texts(coordinator, "/children?consent=lacking") == [lacking.alias]
    assert texts(coordinator, "/children?state=closed") == [closed.alias]
    assert texts(coordinator, "/children?state=matched&need=sports") == []
    assert len(texts(coordinator, "/children?state=x&need=y&consent=z&after=!!")) == 3


def test_the_longest_wait_comes_first_page_by_page(
    coordinator: Browser, village: Area, at_most: AtMost
) -> None:
    waiting = [a_child(village) for _turn in range(55)]
    reported = a_child(village, state=NeedState.REPORTED)

    with at_most(9):  # one of them finds the end of the audit
        page = coordinator.get("/children")
    (further,) = page.links("after=")
    first, second = page.texts("tbody th a"), texts(coordinator, further)

    assert first + second == [child.alias for child in [*waiting, reported]]


def test_a_file_is_read_with_few_questions(
    coordinator: Browser, village: Area, at_most: AtMost
) -> None:
    child = a_consented_child(village)
    for number in range(2, 30):
        a_consent(child, Purpose.PHOTO, number=number)
    uid = child.uid

    with at_most(16):  # four of them keep the look, one tells who else looked, two are sealed's
        coordinator.get(f"/children/{uid}")


def test_what_waits_is_told_with_its_number_and_list(
    director: Browser, supervisor: Browser, coordinator: Browser, village: Area
) -> None:
    consented(a_child(village, state=NeedState.REPORTED, sent_back_note="请补充"))
    consented(a_child(village, state=NeedState.VERIFIED))
    a_child(village, state=NeedState.REPORTED)

    for browser, title, step in (
        (director, "退回的上报", Step.SENT_BACK),
        (supervisor, "等您核实的上报", Step.TO_VERIFY),
        (coordinator, "等您评估的孩子", Step.TO_OPEN),
    ):
        page = browser.get("/home")
        (url,) = page.links(f"/children?state={step}")
        assert title in page.text
        assert len(texts(browser, url)) == 1
    (url,) = director.get("/home").links("/children?consent=lacking")
    assert len(texts(director, url)) == 1


def test_nothing_waits_where_nothing_is(
    director: Browser, supervisor: Browser, coordinator: Browser
) -> None:
    for browser in (director, supervisor, coordinator):
        assert "/children?" not in "".join(browser.get("/home").links("/children"))


def test_an_empty_list_says_what_to_do(
    director: Browser, supervisor: Browser, village: Area
) -> None:
    assert "村里还没有上报的孩子" in director.get("/children").text
    assert "还没有档案" in supervisor.get("/children").text
    a_child(village)
    assert "没有符合条件的孩子" in supervisor.get("/children?need=career").text


def test_a_file_in_english_is_in_english(director: Browser, village: Area) -> None:
    child = a_consented_child(village, age_band=AgeBand.A14_15)

    page = director.get(f"/en/children/{child.uid}")

    assert page.soup.select("html[lang=en]")
