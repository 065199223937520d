"""The head of the board: what is open in every county of whoever looks, in whichever run."""

from datetime import timedelta

from flask import Flask

from accounts.rules import Role
from core import clock
from core.fences import everything
from pairings.board.heads.queries import head
from pairings.runs import services
from pairings.runs.steps import services as steps
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.builders.proposals import TODAY, change, somebody
from tests.builders.runs import a_run
from tests.builders.volunteers import a_team
from tests.conftest import NOON, BrowseAs, SetClock


def a_county_with(children: int, teams: int) -> Area:
    county = a_county()
    village = a_village(a_township(county))
    for turn in range(children):
        a_consented_child(village, open_since=TODAY - timedelta(days=20 + turn))
    for _turn in range(teams):
        a_team(county)
    return county


def of_both(one: Area, two: Area, browse_as: BrowseAs) -> Browser:
    person_id = a_member_of_staff(Role.COORDINATOR, area_id=one.id)
    a_grant(person_id, Role.COORDINATOR, area_id=two.id)
    browser = browse_as(person_id)
    browser.may_see_children = True
    return browser


def test_who_coordinates_two_counties_sees_what_is_open_in_both(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    one, two = a_county_with(3, 2), a_county_with(2, 1)
    a_run(one.id)
    set_clock(NOON + timedelta(hours=1))
    a_run(two.id)
    browser = of_both(one, two, browse_as)

    board, proposals = browser.get("/board"), browser.get("/board/proposals")

    assert board.texts(".figure b") == ["3", "2"]
    assert "来自 2 次计算：最早的 今天 12:00 算出" in board.text
    assert "预览全部 3 条" in proposals.text


def test_a_countys_newer_run_takes_the_place_of_the_citys_there_and_nowhere_else(
    browse_as: BrowseAs,
) -> None:
    one, two = a_county_with(2, 1), a_county_with(3, 1)
    browser = of_both(one, two, browse_as)
    services.start(a_city().id, by=somebody(Role.CITY_COORDINATOR, a_city().id))
    with everything():
        steps.go_on()
    a_run(one.id)

    assert browser.get("/board").texts(".figure b") == ["2", "3"]


def test_without_a_run_that_holds_there_is_no_head(app: Flask) -> None:
    county = a_county_with(1, 1)
    me = somebody(Role.COORDINATOR, county.id)
    run = a_run(county.id)
    with everything():
        assert head(somebody(Role.COORDINATOR, a_county().id)) is None
        assert head(me) is not None
        change(run, expires_at=clock.now())
        assert head(me) is None
