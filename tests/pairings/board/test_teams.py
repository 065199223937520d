"""The board from the teams' side, and filters that somebody keeps."""

from datetime import timedelta

from sqlalchemy import select

from accounts.rules import Role
from accounts.saved.models import SavedFilter
from accounts.saved.services import MOST
from children.models import Child
from core.db import db
from pairings.runs.models import MatchRefusal
from pairings.runs.rules import Refusal
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.proposals import TODAY, change, members
from tests.builders.runs import a_run
from tests.builders.volunteers import a_team
from tests.conftest import AtMost
from tests.factories import saved
from volunteers.rules import Status


def test_teams_with_places_left_are_listed_with_whom_the_run_proposes(
    coordinator: Browser, county: Area, child: Child, at_most: AtMost
) -> None:
    team, full = a_team(county), a_team(county)
    change(members(full)[0], capacity=0)
    elsewhere = a_team(a_county())
    a_run(county.id)

    with at_most(8):
        page = coordinator.get("/board/teams")

    (shown,) = page.texts(".kid")
    assert team.name in shown
    assert "还能陪 1 个" in shown or "还能陪 2 个" in shown
    assert child.alias in shown
    assert elsewhere.name not in page.text


def test_a_team_sees_the_children_that_are_best_for_it(
    coordinator: Browser, county: Area, village: Area, at_most: AtMost
) -> None:
    urgent = a_consented_child(village, open_since=TODAY - timedelta(days=70))
    other = a_consented_child(village, open_since=TODAY - timedelta(days=5))
    team = a_team(county)
    a_run(county.id)
    a_consented_child()
    uid = team.uid
    coordinator.get(f"/board/teams/{uid}")

    with at_most(12):  # two of them keep that the list was seen
        page = coordinator.get(f"/board/teams/{uid}")

    assert page.texts(".kid b") == [urgent.alias, other.alias]
    assert "系统提议" in page.texts(".kid")[0]
    (choose,) = page.links(urgent.uid)
    assert coordinator.get(choose).form("propose")["team"] == team.uid


def test_a_team_is_not_offered_a_child_for_whom_it_was_refused_since(
    coordinator: Browser, county: Area, village: Area
) -> None:
    refused, other = a_consented_child(village), a_consented_child(village)
    team = a_team(county)
    a_run(county.id)
    why = {"reason": Refusal.NEEDS, "by_id": a_member_of_staff(Role.COORDINATOR)}
    saved(MatchRefusal(child_id=refused.id, team_id=team.id, **why))

    page = coordinator.get(f"/board/teams/{team.uid}")

    assert page.texts(".kid b") == [other.alias]


def test_a_team_whose_places_have_gone_since_the_run_is_offered_nobody(
    coordinator: Browser, county: Area, village: Area
) -> None:
    for _turn in range(3):
        a_consented_child(village)
    full, gone = a_team(county), a_team(county)
    a_run(county.id)
    assert coordinator.get(f"/board/teams/{full.uid}").texts(".kid b")
    change(members(full)[0], capacity=0)
    change(members(gone)[1], status=Status.SUSPENDED)

    for team, why in ((full, "没有名额了"), (gone, "手续齐全、近期不到期的成员至少要 2 人")):
        page = coordinator.get(f"/board/teams/{team.uid}")
        assert page.texts(".kid b") == []
        assert page.texts(".empty h2") == ["这个小组现在不能再陪孩子"]
        assert why in page.texts(".empty p")


def test_without_a_run_a_teams_page_offers_to_make_one(
    coordinator: Browser, county: Area, child: Child
) -> None:
    page = coordinator.get(f"/board/teams/{a_team(county).uid}")

    assert "现在没有有效的提议" in page.text


def test_a_team_that_came_after_the_run_has_nobody_yet(
    coordinator: Browser, county: Area, child: Child
) -> None:
    a_team(county)
    a_run(county.id)

    page = coordinator.get(f"/board/teams/{a_team(county).uid}")

    assert "现在没有这个小组能陪的孩子" in page.text


def test_a_neighbours_team_is_not_there(coordinator: Browser) -> None:
    coordinator.get(f"/board/teams/{a_team(a_county()).uid}", status=404)


def test_filters_are_kept_by_name_and_let_go(
    coordinator: Browser, colleague: Browser, child: Child
) -> None:
    page = coordinator.get("/board?need=sports&days=30")
    sent = page.form("filters") | {"name": "体育"}
    page = coordinator.post("/board/filters?need=sports&days=30", sent)
    assert page.notices == ["存好了，下次点一下就到"]
    (link,) = coordinator.get("/board").links("need=sports")
    assert link.endswith("?need=sports&days=30")
    assert "体育" not in colleague.get("/board").texts("nav.chips")[0]

    uid = db.session.scalars(select(SavedFilter.uid)).one()
    colleague.post(f"/board/filters/{uid}/drop", {}, status=404)
    coordinator.post(f"/board/filters/{uid}/drop", {})

    assert db.session.scalars(select(SavedFilter.id)).all() == []


def test_a_name_that_is_taken_is_used_anew_and_there_is_an_end_to_it(coordinator: Browser) -> None:
    for days in (30, 56):
        coordinator.post(f"/board/filters?days={days}", {"name": "老名字"})
    assert db.session.scalars(select(SavedFilter.args)).all() == ["days=56"]

    for turn in range(MOST - 1):
        coordinator.post("/board/filters?days=30", {"name": f"第{turn}个"})
    page = coordinator.post("/board/filters?days=30", {"name": "又一个"}, status=409)
    assert f"最多存 {MOST} 个" in page.text
    coordinator.post("/board/filters?days=30", {"name": ""}, status=409)
