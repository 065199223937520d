"""The lists of visits, the month, and what waits for whom."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.queries import actor_for
from accounts.rules import Role
from core.db import transaction
from tests.browser import Page
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.visits import (
    SATURDAY,
    a_record,
    a_visit,
    an_escort,
)
from tests.conftest import AtMost, BrowseAs, SetClock
from tests.test_visits_pages import Room, room
from visits.actions import next_actions
from visits.models import Visit
from visits.rules import State

__all__ = ["room"]  # the fixtures of its neighbour


def listed(page: Page) -> list[str]:
    return [link for link in page.links("/visits/") if "calendar" not in link]


def test_each_tab_lists_what_it_says(room: Room) -> None:
    states = {
        "record": State.COMPLETED,
        "approve": State.RECORDED,
        "past": State.APPROVED,
    }
    made = {
        tab: a_visit(room.pairing, state=state, starts_at=SATURDAY - timedelta(days=10))
        for tab, state in states.items()
    } | {"upcoming": room.visit}
    for tab, visit in made.items():
        assert listed(room.leader.get(f"/visits?tab={tab}")) == [f"/visits/{visit.uid}"]


@pytest.mark.parametrize("query", ["tab=nonsense", "after=x", "day=2026-02-30", "day=9999-12-31"])
def test_a_strange_address_still_lists_visits(room: Room, query: str) -> None:
    assert room.alias in room.leader.get(f"/visits?{query}").text


def test_a_day_narrows_the_list(room: Room) -> None:
    assert room.alias in room.leader.get("/visits?day=2026-11-28").text
    assert room.alias not in room.leader.get("/visits?day=2026-11-29").text


def test_a_long_list_is_walked_page_by_page(room: Room, at_most: AtMost) -> None:
    for n in range(60):
        a_visit(room.pairing, escort_id=room.escort_id, starts_at=SATURDAY + timedelta(days=n + 1))
    coordinator = room.coordinator
    with at_most(8):
        page = coordinator.get("/visits")
    first = [link for link in page.links("/visits/") if "calendar" not in link]
    (following,) = page.links("after=")
    second = [
        link for link in coordinator.get(following).links("/visits/") if "calendar" not in link
    ]
    assert (len(first), len(second)) == (50, 11)
    assert not set(first) & set(second)


def test_an_empty_list_says_what_to_do(browse_as: BrowseAs) -> None:
    browser = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    for tab in ("upcoming", "record", "past"):
        assert browser.get(f"/visits?tab={tab}").soup.select_one(".empty")


def test_pages_keep_their_budget(browse_as: BrowseAs, at_most: AtMost, set_clock: SetClock) -> None:
    room = Room(browse_as, state=State.CONFIRMED)
    set_clock(SATURDAY)
    browser = room.leader
    with at_most(15):  # three keep the look, one asks who has said whether they come
        browser.get(room.url)
    with at_most(75):  # the times that are free for all take 47, however many days are looked at
        browser.get(f"/pairings/{room.pairing.uid}/visits/new")


def test_every_page_is_there_in_english(room: Room) -> None:
    leader = room.leader
    for url in ("/visits", "/visits/calendar", room.url, f"{room.url}/move", f"{room.url}/cancel"):
        assert leader.get(f"/en{url}").soup.select_one("html[lang=en]")


# --- what waits ----------------------------------------------------------------------------


def waiting(person_id: int) -> dict[str, int | None]:
    return {action.title: action.count for action in next_actions(actor_for(person_id))}


@pytest.fixture
def in_request(app: Any) -> Any:
    with app.test_request_context("/"):
        yield


@pytest.mark.usefixtures("in_request")
def test_members_are_shown_their_next_visit_and_records(room: Room, set_clock: SetClock) -> None:
    assert waiting(room.people[0]) == {"下一次走访": None}
    set_clock(SATURDAY - timedelta(hours=1))
    assert waiting(room.people[1]) == {"今天有走访，到了请签到": None}
    with transaction() as session:
        session.get_one(Visit, room.visit.id).state = State.COMPLETED
    assert waiting(room.people[0]) == {"待写的走访记录": 1}


@pytest.mark.usefixtures("in_request")
def test_escorts_are_shown_what_to_confirm_and_whom_to_meet(
    room: Room, set_clock: SetClock
) -> None:
    assert waiting(room.escort_id) == {"等您确认的走访": 1}
    set_clock(SATURDAY - timedelta(hours=1))
    assert waiting(room.escort_id) == {"等您确认的走访": 1, "今天的走访": 1}
    another = an_escort(room.pairing)
    assert waiting(another) == {"今天的走访": 1}


@pytest.mark.usefixtures("in_request")
def test_coordinators_are_shown_what_is_late_or_unconfirmed(
    room: Room, set_clock: SetClock
) -> None:
    coordinator = a_member_of_staff(Role.COORDINATOR, area_id=room.pairing.county_id)
    assert waiting(coordinator) == {}
    set_clock(SATURDAY - timedelta(hours=72))
    assert waiting(coordinator) == {"三天内的走访还没确认": 1}
    set_clock(SATURDAY + timedelta(minutes=30))
    assert waiting(coordinator) == {"没有按时签到或签退": 1}
    (action,) = next_actions(actor_for(coordinator))
    page = room.browse_as(coordinator).get(action.url)
    assert len(page.links(room.url)) == 1


@pytest.mark.usefixtures("in_request")
def test_supervisors_are_shown_what_to_approve(room: Room) -> None:
    supervisor = a_member_of_staff(Role.CHILD_SUPERVISOR, area_id=room.pairing.township_id)
    a_record(room.visit, room.people[0])
    with transaction() as session:
        session.get_one(Visit, room.visit.id).state = State.RECORDED
    assert waiting(supervisor) == {"待审核的走访记录": 1}
