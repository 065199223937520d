"""The page of waiting: who waits how long, whom it tells what, and what stays untold."""

from datetime import date, timedelta

import pytest

from accounts.rules import Role
from children.models import Child
from children.rules import NeedState, Risk
from pairings.fairness.queries import SIMULATED, simulated
from pairings.fairness.rules import Band, line, months, seen_from_outside
from pairings.matching.document import digest
from pairings.matching.simulating.orders import Order
from pairings.matching.simulating.report import VERSION
from places.models import Area
from tests.browser import Browser, Page
from tests.builders.children import a_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.builders.proposals import TODAY
from tests.conftest import AtMost, BrowseAs
from volunteers.teams.models import Team

URL = "/pairings/fairness"


def waiting(village: Area, days: int, **given: object) -> Child:
    fields = {"state": NeedState.OPEN, "risk": Risk.LOW} | given
    return a_child(village, open_since=TODAY - timedelta(days=days), **fields)


def table(page: Page, number: int = 0) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("th, td")]
        for row in page.soup.select("table")[number].select("tbody tr")
    ]


@pytest.fixture
def city(county: Area, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))


def test_a_coordinator_sees_her_county_by_band(
    coordinator: Browser, county: Area, village: Area, team: Team
) -> None:
    for days in (70, 100, 80):
        waiting(village, days)
    waiting(village, 55, risk=Risk.HIGH)
    waiting(village, 3)
    a_pairing(waiting(village, 20, state=NeedState.MATCHED), team)
    waiting(village, 500, state=NeedState.VERIFIED)
    waiting(a_village(a_township(a_county())), 400)

    assert table(coordinator.get(URL)) == [
        [
            county.name,
            "5 · 中位 70 天，最长 100 天",
            "3 · 中位 80 天，最长 100 天",
            "1 · 中位 55 天，最长 55 天",
            "1 · 中位 3 天，最长 3 天",
            "1",
            "16%",
        ]
    ]


def test_she_finds_those_who_wait_too_long_the_longest_first(
    coordinator: Browser, village: Area, team: Team
) -> None:
    late, latest = waiting(village, 56), waiting(village, 90)
    waiting(village, 55)
    a_pairing(waiting(village, 200), team)
    page = coordinator.get(URL)
    assert [row[0] for row in table(page, 1)] == [latest.alias, late.alias]
    assert page.links("/board/") == [f"/board/{latest.uid}", f"/board/{late.uid}"]


def test_a_long_list_of_them_is_walked_page_by_page_with_few_queries(
    coordinator: Browser, village: Area, at_most: AtMost
) -> None:
    waiting(village, 60)
    with at_most(10):
        coordinator.get(URL)
    for number in range(60):
        waiting(village, 60 + number)
    with at_most(10):
        first = coordinator.get(URL)
    second = coordinator.get(first.links(f"{URL}?after=")[0])
    names = [row[0] for page in (first, second) for row in table(page, 1)]
    assert len(set(names)) == len(names) == 61


def test_a_neighbour_sees_nobody_of_this_county(village: Area, browse_as: BrowseAs) -> None:
    child = waiting(village, 90)
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    page = neighbour.get(URL)
    assert child.alias not in page.html
    assert "没有。每个孩子等的时间都还在承诺之内。" in page.text
    assert table(page)[0][1:] == ["0", "0", "0", "0", "0", "—"]


def test_the_city_sees_rounded_numbers_and_no_child(
    city: Browser, village: Area, team: Team, at_most: AtMost
) -> None:
    children = [waiting(village, 60 + number) for number in range(13)]
    for number in range(22):
        waiting(village, number)
    waiting(village, 3, risk=Risk.HIGH)
    with at_most(8):
        page = city.get(URL)
    told = table(page)[0]
    # the small cell is suppressed, and the smaller of the others with it
    assert told[1:] == [
        "20",
        "—",
        "—",
        "20 · 中位 10 天，最长 21 天",
        "—",
        "—",
    ]
    assert not any(child.alias in page.html for child in children)
    assert page.links("/board/") == []


def test_a_city_without_counties_is_told_what_to_do(browse_as: BrowseAs) -> None:
    alone = browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    assert "还没有县" in alone.get(URL).texts(".empty h2")


def test_months_tell_how_long_it_took_until_a_team_was_proposed(
    coordinator: Browser, village: Area, team: Team
) -> None:
    for days in (30, 40, 50):
        a_pairing(waiting(village, days), team)
    rows = table(coordinator.get(URL), 1)
    assert rows[-1] == [TODAY.strftime("%Y-%m"), "3", "40", "50"]
    assert rows[0][1:] == ["0", "—", "—"]


def test_a_wait_that_began_again_later_is_not_known() -> None:
    today = date(2026, 3, 5)
    found = months([(date(2026, 1, 9), date(2026, 2, 1), 1)], today)
    assert [month.waited.number for month in found] == [0] * 6
    assert next(month.first for month in found) == date(2025, 10, 1)


def test_nothing_is_told_from_which_a_small_number_follows() -> None:
    few = line("one", {Band.OVERDUE: {90: 3}, Band.RISKY: {10: 4}}, live=4)
    outside = seen_from_outside(few)
    assert {band.number for band in outside.bands.values()} == {None}
    assert (outside.waiting.number, outside.live, outside.share) == (None, None, None)
    assert outside.waiting.longest is None


def test_a_total_with_small_parts_does_not_tell_how_long_they_wait() -> None:
    one = line("one", {Band.OVERDUE: {143: 1}, Band.RISKY: {3: 2}, Band.OTHER: {7: 20}}, live=30)
    waiting = seen_from_outside(one).waiting
    assert waiting.number is not None
    assert (waiting.median, waiting.longest) == (None, None)


def test_the_simulation_that_is_shown_is_what_its_sum_says(coordinator: Browser) -> None:
    report = simulated()
    assert digest({k: v for k, v in report.items() if k != "sha256"}) == report["sha256"]
    assert report["version"] == VERSION
    assert [one["order"] for one in report["orders"]] == list(Order)
    page = coordinator.get(URL)
    assert len(table(page, -1)) == len(Order)
    assert "虚构的城市" in page.text
    assert SIMULATED.stat().st_size < 50_000


def test_the_page_is_complete_in_english(coordinator: Browser, village: Area) -> None:
    waiting(village, 90)
    page = coordinator.get(f"/en{URL}")
    assert "Waiting and fairness" in page.text
