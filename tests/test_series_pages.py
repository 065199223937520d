"""The pages of series: a look before, what became of each day, and changing what follows."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Role
from children.models import Child
from core.db import db
from pairings.models import Pairing
from pairings.rules import Stage
from places.days.rules import DayKind
from tests.browser import Browser
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.series import a_series, a_wish, an_occurrence
from tests.builders.visits import SATURDAY, a_calendar_day, a_visit, an_escort, members_of
from tests.conftest import AtMost, BrowseAs
from visits.models import Visit
from visits.rules import State
from visits.series import services

pytestmark = pytest.mark.usefixtures("app")


class Room:
    def __init__(self, browse_as: BrowseAs) -> None:
        self.pairing: Pairing = a_pairing(stage=Stage.ACTIVE)
        self.escort_id = an_escort(self.pairing, name="陪同样例")
        self.people = [person_id for person_id, _volunteer_id in members_of(self.pairing)]
        self.alias = db.session.get_one(Child, self.pairing.child_id).alias
        self.leader: Browser = browse_as(self.people[0])
        self.member: Browser = browse_as(self.people[1])
        staff = a_member_of_staff(Role.COORDINATOR, area_id=self.pairing.county_id)
        self.coordinator: Browser = browse_as(staff)
        self.url = f"/pairings/{self.pairing.uid}/series/new"

    def begun(self, **given: Any) -> str:
        wish = a_wish(self.escort_id, **given)
        return services.begin(self.pairing.uid, wish, by=actor_for(self.people[0]))

    def filled(self, **changed: Any) -> dict[str, Any]:
        return {
            "day": "2026-11-28",
            "rhythm": "fortnightly",
            "start": "10:00",
            "minutes": "90",
            "policy": "keep",
            "place_kind": "station",
            "place_text": "工作站二楼活动室",
            "escort": str(self.escort_id),
        } | changed


@pytest.fixture
def room(browse_as: BrowseAs) -> Room:
    return Room(browse_as)


def visits(*states: State) -> int:
    db.session.expire_all()
    return db.session.scalar(
        select(func.count(Visit.id)).where(Visit.state.in_(states or list(State)))
    ) or 0  # fmt: skip


def visit_uid(number: int) -> str:
    return db.session.scalars(select(Visit.uid).order_by(Visit.starts_at)).all()[number]


def test_before_anything_is_planned_the_days_are_shown_with_what_stands_against_each(
    room: Room,
) -> None:
    a_calendar_day(date(2026, 12, 12), DayKind.MAKEUP_WORKDAY)

    page = room.leader.post(room.url, room.filled(look="1"))

    assert visits() == 0
    assert "2026年12月12日 周六 10:00" in page.text
    for word in ("补班日", "可以", "排不上"):
        assert word in page.text
    assert room.leader.post(room.url, room.filled(look="1", day=""), status=422).errors


def test_the_leader_begins_a_series_and_sees_its_days(room: Room) -> None:
    a_calendar_day(date(2026, 12, 12), DayKind.MAKEUP_WORKDAY)

    page = room.leader.post(room.url, room.filled())

    assert visits(State.PLANNED) == 5
    assert room.alias in page.heading
    assert "排不上" in page.text
    assert "每 2 周的" in page.text


def test_the_coordinator_is_led_to_refused_days_and_leaves_one_out(room: Room) -> None:
    a_calendar_day(date(2026, 12, 12), DayKind.MAKEUP_WORKDAY)
    room.leader.post(room.url, room.filled())
    assert "固定走访里排不上的日子" in room.coordinator.get("/home").text

    page = room.coordinator.get("/series/refused")
    assert "补班日" in page.text
    assert room.alias not in page.text
    series = next(one for one in page.links("/series/") if "refused" not in one)
    form = room.coordinator.get(series).form("/drop")
    assert "已决定不排" in room.coordinator.post(f"{series}/drop", form).text
    assert "固定走访里排不上的日子" not in room.coordinator.get("/home").text


def test_a_member_reads_and_changes_nothing(room: Room) -> None:
    page = room.member.get(f"/series/{room.begun()}")
    assert "待确认" in page.text
    room.member.get(room.url, status=403)


def test_this_and_following_are_moved_from_the_visits_page(room: Room) -> None:
    room.begun()
    here = f"/visits/{visit_uid(1)}/following"
    assert here in room.leader.get(f"/visits/{visit_uid(1)}").links()
    assert room.leader.get(here).form(here)["day"] == "2026-12-05"

    page = room.leader.post(here, room.filled(day="2026-12-06", rhythm="weekly"))

    assert visits(State.CANCELLED) == 10
    days = db.session.scalars(select(Visit.starts_at).where(Visit.state == State.PLANNED))
    assert {one.weekday() for one in list(days)[1:]} == {6}
    assert "每周日" in page.text


def test_before_this_and_following_are_moved_the_new_days_are_shown(room: Room) -> None:
    room.begun()
    here = f"/visits/{visit_uid(1)}/following"
    a_calendar_day(date(2026, 12, 20), DayKind.MAKEUP_WORKDAY)
    assert "先看会有哪些日子" in room.leader.get(here).text

    page = room.leader.post(here, room.filled(day="2026-12-06", rhythm="weekly", look="1"))

    assert visits(State.CANCELLED) == 0
    days = page.texts("#days li")
    assert "2026年12月6日 周日 10:00" in days[0]
    assert ["排不上" in one for one in days[:4]] == [False, False, True, False]
    assert room.leader.post(here, room.filled(look="1", day=""), status=422).errors


def test_a_change_that_comes_to_nothing_changes_nothing_and_says_why(room: Room) -> None:
    room.begun()
    here = f"/visits/{visit_uid(1)}/following"

    page = room.leader.post(here, room.filled(day="2026-12-06", start="17:30"), status=422)

    told = " ".join(page.texts(".errors"))
    assert "一天也排不上" in told
    assert "16:30" in told
    assert visits(State.CANCELLED) == 0


def test_this_and_following_are_called_off_from_the_visits_page(room: Room) -> None:
    room.begun()
    here = f"/visits/{visit_uid(1)}/following/cancel"
    assert here in room.leader.get(f"/visits/{visit_uid(1)}").links()
    room.leader.get(here)

    page = room.leader.post(here, {"reason": "volunteer"})

    assert visits(State.CANCELLED) == 10
    assert "已经结束" in page.text
    assert not room.leader.get(f"/visits/{visit_uid(1)}").links("/series/")


def test_a_single_visit_is_of_no_series(room: Room) -> None:
    visit = a_visit(room.pairing)
    room.leader.get(f"/visits/{visit.uid}/following", status=404)
    assert not room.leader.get(f"/visits/{visit.uid}").links("following")


def test_the_pages_ask_the_database_a_fixed_number_of_times(room: Room, at_most: AtMost) -> None:
    series = a_series(room.pairing, escort_id=room.escort_id)
    for week in range(5):
        an_occurrence(series, key=f"2026-12-{week:02}T10:00", starts_at=SATURDAY)
    room.coordinator.get("/series/refused")
    with at_most(12):
        room.coordinator.get("/series/refused")
    with at_most(18):
        room.coordinator.get(f"/series/{series.uid}")
