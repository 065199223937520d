"""The city's page."""

from accounts.rules import Role
from children.rules import NeedState
from tests.builders.children import a_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.builders.visits import SATURDAY, a_visit
from tests.builders.volunteers import a_volunteer, an_active_volunteer
from tests.conftest import AtMost, BrowseAs, SetClock
from visits.rules import State

ALIAS = "小禾看不见"


def test_the_city_sees_numbers_by_county_and_no_child(
    browse_as: BrowseAs, at_most: AtMost, set_clock: SetClock
) -> None:
    county = a_county(name="榆次区")
    village = a_village(a_township(county))
    a_volunteer(county)
    an_active_volunteer(county)
    a_child(village, alias=ALIAS, state=NeedState.OPEN)
    pairing = a_pairing(a_child(village, state=NeedState.MATCHED), stage="active")
    a_visit(pairing, state=State.COMPLETED)
    set_clock(SATURDAY.replace(day=30, month=11))
    browser = browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))

    with at_most(8):
        page = browser.get("/overview")

    line = page.soup.select("tbody tr")[0]
    assert [cell.get_text(strip=True) for cell in line.select("th, td")] == [
        "榆次区", "1", "3", "1", "1", "1", "0",
    ]  # fmt: skip
    assert ALIAS not in page.html
    set_clock(SATURDAY.replace(day=15, month=12))
    later = browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    assert later.get("/overview").texts("tbody tr td")[-1] == "1"


def test_a_city_without_counties_is_told_what_to_do(browse_as: BrowseAs) -> None:
    city = browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    assert city.get("/overview").texts(".empty h2") == ["还没有县"]
