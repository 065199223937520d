"""The calendar of visits: month, week and agenda, for whoever looks."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Role
from core.db import transaction
from core.zone import CHINA
from places.days.rules import DayKind, TimeKind
from tests.browser import Browser, Page
from tests.builders.calendars import a_school_time
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city
from tests.builders.visits import SATURDAY, a_calendar_day, a_visit, an_escort
from tests.conftest import AtMost, BrowseAs
from tests.test_visits_pages import Room, room
from visits.calendar.queries import MOST
from visits.calendar.rules import AGENDA_DAYS, View, hour_of, span_of
from visits.calendar.views import WORDS
from visits.models import Visit
from visits.rules import PlaceKind, State

__all__ = ["room"]  # the fixture of its neighbour
NOVEMBER = "/visits/calendar?view=month&day=2026-11-28"
WEEK = "/visits/calendar?view=week&day=2026-11-28"
AGENDA = "/visits/calendar?view=agenda&day=2026-11-27"
VIEWS = (NOVEMBER, WEEK, AGENDA)


def visits_on(page: Page) -> list[str]:
    return [str(link["href"]) for link in page.soup.select("a.cal-visit, a.cal-line")]


def set_state(visit: Visit, state: State) -> None:
    with transaction() as session:
        session.get_one(Visit, visit.id).state = state


# --- which days ----------------------------------------------------------------------------


@given(st.sampled_from(View), st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_every_view_holds_its_day_and_is_followed_without_a_gap(view: View, day: date) -> None:
    span = span_of(view, day)
    assert span.first <= day <= span.last
    assert span.days == sorted(set(span.days))
    before, after = span_of(view, span.before), span_of(view, span.after)
    assert before.last >= span.first - timedelta(days=1)
    assert after.first <= span.last + timedelta(days=1)
    assert (before.first, after.last) != (span.first, span.last)
    if view is View.AGENDA:
        assert len(span.days) == AGENDA_DAYS
    else:
        assert span.first.weekday() == 0
        assert span.last.weekday() == 6


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001 - made aware below
def test_every_moment_stands_in_an_hour_of_the_grid(moment: datetime) -> None:
    hour = moment.replace(tzinfo=CHINA)
    assert hour_of(hour) == min(max(hour.hour, 8), 18)


# --- what each view shows ------------------------------------------------------------------


@pytest.mark.parametrize("url", VIEWS)
def test_each_view_shows_the_visit_with_its_time_and_alias(room: Room, url: str) -> None:
    page = room.leader.get(url)
    assert visits_on(page) == [room.url]
    assert "10:00" in page.text
    assert room.alias in page.text


@pytest.mark.parametrize("url", VIEWS)
def test_what_a_page_costs_does_not_grow_with_its_visits(
    room: Room, at_most: AtMost, url: str
) -> None:
    for n in range(6):
        start = SATURDAY + timedelta(hours=n % 3, days=n // 3)
        a_visit(room.pairing, starts_at=start, escort_id=room.escort_id)
    leader, coordinator = room.leader, room.coordinator
    with at_most(10):
        leader.get(url)
    with at_most(11):
        coordinator.get(url)


def test_a_full_day_shows_the_first_and_leads_to_the_rest(room: Room) -> None:
    for n in range(5):
        start = SATURDAY + timedelta(minutes=n)
        a_visit(room.pairing, starts_at=start, escort_id=room.escort_id)
    month, week = room.leader.get(NOVEMBER), room.leader.get(WEEK)
    assert (len(visits_on(month)), len(visits_on(week))) == (3, 4)
    assert "还有 3 次" in month.text
    assert "还有 2 次" in week.text
    (rest,) = [str(one["href"]) for one in month.soup.select("a.cal-more")]
    assert len(visits_on(room.leader.get(rest))) == 6


def test_holidays_makeup_days_terms_and_exams_stand_on_their_days(room: Room) -> None:
    county = room.pairing.county_id
    a_calendar_day(date(2026, 11, 29), confirmed=False, name="样例节")
    a_calendar_day(date(2026, 11, 28), DayKind.MAKEUP_WORKDAY, name="样例补")
    a_school_time(
        county, kind=TimeKind.EXAMS, name="期末", confirmed=False,
        first_day=date(2026, 11, 30), last_day=date(2026, 12, 1),
    )  # fmt: skip
    for url in VIEWS:
        text = room.coordinator.get(url).text
        assert "样例节（暂定）" in text
        assert "样例补 补班上课" in text
        assert "推算" in text
    agenda = room.coordinator.get(AGENDA).text
    assert "期末 开始（暂定）" in agenda
    assert "期末 结束（暂定）" in agenda
    assert "全市默认的学期" not in agenda


def test_a_county_without_terms_shows_the_default_ones(room: Room) -> None:
    assert "全市默认的学期" in room.leader.get(NOVEMBER).text


def test_a_phone_begins_with_the_agenda_and_a_desk_with_the_month(room: Room) -> None:
    client = room.leader.client
    phone = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile Safari"}
    for headers, kind in ((phone, "cal-agenda"), ({"User-Agent": "Mozilla/5.0 (X11)"}, "cal-head")):
        text = client.get("/visits/calendar", headers=headers).get_data(as_text=True)
        assert kind in text
        assert ('class="cal-agenda"' in text) is (headers is phone)


@pytest.mark.parametrize(
    "query",
    [
        "view=year&day=2026-02-30", "day=9999-12-31", "day=0001-01-01", "county=x&township=-1",
        "county=99999999999999999999", "state=gone&place=moon", "view=month&day=2100-12-31",
    ],
)  # fmt: skip
def test_a_strange_address_still_shows_a_calendar(room: Room, query: str) -> None:
    assert room.leader.get(f"/visits/calendar?{query}").soup.select_one(".tabs")


def test_ways_on_keep_view_and_filters(room: Room) -> None:
    page = room.coordinator.get(f"{WEEK}&state=planned&mine=1")
    ways = [*page.soup.select("nav a[rel]"), *page.soup.select(".tabs a")]
    assert len(ways) == 5
    assert all("state=planned" in str(one["href"]) for one in ways)
    assert all("mine=1" in str(one["href"]) for one in ways)
    (before,) = [str(one["href"]) for one in page.soup.select("a[rel=prev]")]
    assert "view=week" in before
    assert "day=2026-11-16" in before


def test_it_is_all_there_in_english(room: Room) -> None:
    for url in VIEWS:
        page = room.leader.get(f"/en{url}")
        assert page.soup.select_one("html[lang=en]")
        assert visits_on(page) == [f"/en{room.url}"]


# --- filters -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=planned", True), ("state=cancelled", False), ("place=station", True),
        ("place=home", False), ("mine=1", False), ("", True),
    ],
)  # fmt: skip
def test_filters_narrow_it_down(room: Room, query: str, found: bool) -> None:
    assert bool(visits_on(room.coordinator.get(f"{AGENDA}&{query}"))) is found


def test_cancelled_visits_show_when_asked_for(room: Room) -> None:
    set_state(room.visit, State.CANCELLED)
    coordinator = room.coordinator
    assert visits_on(coordinator.get(AGENDA)) == []
    assert visits_on(coordinator.get(f"{AGENDA}&state=cancelled")) == [room.url]


def test_a_coordinator_narrows_down_to_a_township(room: Room) -> None:
    page = room.coordinator.get(AGENDA)
    options = [str(one["value"]) for one in page.soup.select("#township option")]
    assert str(room.pairing.township_id) in options
    assert page.soup.select_one("#county") is None, "there is but one"
    township = room.pairing.township_id or 0
    assert visits_on(room.coordinator.get(f"{AGENDA}&township={township}")) == [room.url]
    assert visits_on(room.coordinator.get(f"{AGENDA}&township={township + 999}")) == []
    assert visits_on(room.escort.get(f"{AGENDA}&mine=1")) == [room.url]


def test_the_place_of_a_visit_is_asked_for_but_never_told(room: Room) -> None:
    a_visit(
        room.pairing, escort_id=room.escort_id, starts_at=SATURDAY + timedelta(days=1),
        place_kind=PlaceKind.LIBRARY, place_text="青苗书屋",
    )  # fmt: skip
    page = room.other.get(f"{AGENDA}&place=library")
    assert len(visits_on(page)) == 1
    assert "青苗书屋" not in page.text
    assert room.name_of(room.pairing.township_id) not in page.text


# --- who ------------------------------------------------------------------------------------


def test_everybody_sees_what_they_answer_for(room: Room, browse_as: BrowseAs) -> None:
    township, village = room.pairing.township_id, room.pairing.village_id
    theirs = {
        Role.COORDINATOR: room.pairing.county_id,
        Role.CHILD_SUPERVISOR: township,
        Role.CHILD_DIRECTOR: village,
    }
    for role, area_id in theirs.items():
        assert visits_on(room.staff(role, area_id).get(AGENDA)) == [room.url]
    neighbour = a_pairing()
    for role, place in (
        (Role.COORDINATOR, neighbour.county_id),
        (Role.CHILD_SUPERVISOR, neighbour.township_id),
    ):
        page = browse_as(a_member_of_staff(role, area_id=place)).get(AGENDA)
        assert visits_on(page) == []
        assert room.alias not in page.text


@pytest.mark.parametrize("url", VIEWS)
def test_the_city_reads_numbers_by_county_and_no_visit(
    room: Room, browse_as: BrowseAs, at_most: AtMost, url: str
) -> None:
    for hours in (0, 1):
        start = SATURDAY + timedelta(hours=hours)
        a_visit(room.pairing, starts_at=start, escort_id=an_escort(room.pairing))
    city = browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    with at_most(10):
        page = city.get(url)
    assert "3 次" in page.text or ("2 次" in page.text and "1 次" in page.text)
    assert visits_on(page) == []
    assert all("calendar" in one for one in page.links("/visits/"))
    assert room.alias not in page.text
    if url is AGENDA:
        assert room.name_of(room.pairing.county_id) in page.text


def test_the_city_narrows_down_to_a_county_and_no_further(room: Room, browse_as: BrowseAs) -> None:
    city = browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    county, township = room.pairing.county_id, room.pairing.township_id or 0
    page = city.get(f"{AGENDA}&county={county}&township={township + 999}")
    assert "1 次" in page.text
    assert page.soup.select_one("#township") is None
    assert "1 次" not in city.get(f"{AGENDA}&county={county + 999}").text


def test_a_visit_of_an_ended_pairing_names_no_child_to_volunteers(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visits.calendar.views.WORDS", _with_nothing_live())
    assert room.alias not in room.leader.get(AGENDA).text
    assert room.alias in room.coordinator.get(AGENDA).text


def _with_nothing_live() -> dict[str, object]:
    return WORDS | {"live": frozenset()}


def test_too_many_visits_are_cut_and_said_to_be(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visits.calendar.queries.MOST", 1)
    a_visit(room.pairing, starts_at=SATURDAY + timedelta(days=1), escort_id=room.escort_id)
    page = room.leader.get(AGENDA)
    assert visits_on(page) == [room.url]
    assert "只显示了最早的 1 次" in page.text
    assert MOST == 1000


def test_an_empty_fortnight_says_so(browse_as: BrowseAs, room: Room) -> None:
    browser: Browser = room.leader
    assert browser.get("/visits/calendar?view=agenda&day=2027-05-01").soup.select_one(".empty")
    assert "没有走访" in browser.get("/visits/calendar?view=week&day=2027-05-01").text


def test_the_new_year_crashes_nothing(room: Room, browse_as: BrowseAs) -> None:
    for day in ("2026-12-31", "2027-01-01", "2027-02-28", "2028-02-29", "2099-12-31"):
        for view in View:
            room.coordinator.get(f"/visits/calendar?view={view}&day={day}")
