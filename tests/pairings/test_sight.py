"""Who sees what of a pairing, in pages and in lists, and what waits for whom."""

from datetime import date

import pytest
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Role
from children.models import Child
from children.rules import NeedState, Risk
from core.db import db
from core.errors import NotYours
from pairings import queries
from pairings.keys import services as keys
from pairings.keys.services import Refusal
from pairings.rules import DeclineReason, Stage, school_year_end
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_child, a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_county, a_village
from tests.builders.proposals import a_proposal, aliases, change, members, proposed, somebody, staff
from tests.builders.volunteers import a_team
from tests.conftest import AtMost, BrowseAs
from tests.factories import CANARY
from volunteers.rules import Status
from volunteers.teams.models import Team


def test_volunteers_see_the_little_they_need(browse_as: BrowseAs, child: Child, team: Team) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE, note=CANARY)
    browser = browse_as(members(team)[1].person_id)

    page = browser.get(f"/pairings/{pairing.uid}")

    for shown in (child.alias, "8–10 岁", "画画", "不吃花生", "辅导作业"):
        assert shown in page.text
    names = db.session.scalars(select(Area.name)).all()
    for hidden in (*names, "留守", "风险", "女孩", "督导员"):
        assert hidden not in page.text
    assert not page.links("/children") + page.links("/board")
    assert browser.get("/pairings").texts("tbody th a") == [child.alias]
    assert not any(name in browser.get("/pairings").html for name in names)


@pytest.mark.parametrize(
    "stage", [Stage.PROPOSED, Stage.ENDED, Stage.DECLINED, Stage.TERMINATED_SAFEGUARDING]
)
def test_volunteers_hear_of_no_child_before_or_after(
    browse_as: BrowseAs, child: Child, team: Team, stage: Stage
) -> None:
    pairing = a_pairing(child, team, stage=stage)
    browser = browse_as(members(team)[0].person_id)

    browser.get(f"/pairings/{pairing.uid}", status=404)

    for tab in ("live", "decide", "proposed", "over", "x"):
        assert browser.get(f"/pairings?tab={tab}").texts("tbody th") == []


def test_a_suspended_volunteer_sees_the_child_no_more(
    browse_as: BrowseAs, child: Child, team: Team
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    volunteer = members(team)[1]
    browser = browse_as(volunteer.person_id)
    browser.get(f"/pairings/{pairing.uid}")

    change(volunteer, status=Status.SUSPENDED)

    browser.get(f"/pairings/{pairing.uid}", status=404)


def test_a_volunteer_of_another_team_finds_nothing(
    browse_as: BrowseAs, child: Child, team: Team, county: Area
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    browser = browse_as(members(a_team(county))[0].person_id)

    browser.get(f"/pairings/{pairing.uid}", status=404)
    assert "这里还没有结对" in browser.get("/pairings").text


def test_village_and_township_follow_their_own(
    browse_as: BrowseAs, child: Child, team: Team, village: Area
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    elsewhere = a_village()

    for role, mine, other in (
        (Role.CHILD_DIRECTOR, village.id, elsewhere.id),
        (Role.CHILD_SUPERVISOR, village.parent_id, elsewhere.parent_id),
    ):
        near = browse_as(a_member_of_staff(role, area_id=mine))
        near.may_see_children = True
        assert not near.get(f"/pairings/{pairing.uid}").soup.select("form[action$=end]")
        near.post(f"/pairings/{pairing.uid}/end", {}, status=403)
        browse_as(a_member_of_staff(role, area_id=other)).get(
            f"/pairings/{pairing.uid}", status=404
        )


@pytest.mark.parametrize(
    ("role", "offered"),
    [(Role.COORDINATOR, 1), (Role.CHILD_SUPERVISOR, 0), (Role.CHILD_DIRECTOR, 0)],
)
def test_only_who_may_plan_a_visit_is_offered_one(
    browse_as: BrowseAs, child: Child, team: Team, role: Role, offered: int
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    area = child.county_id if role is Role.COORDINATOR else child.village_id
    browser = staff(browse_as, role, db.session.get_one(Area, area))

    page = browser.get(f"/pairings/{pairing.uid}")

    assert len(page.links("/visits/new")) == offered


def test_a_director_who_decides_elsewhere_decides_nothing_here(
    browse_as: BrowseAs, child: Child, team: Team, village: Area
) -> None:
    uid = proposed(child, team)
    person = a_member_of_staff(Role.CHILD_DIRECTOR, area_id=village.id)
    a_grant(person, Role.COORDINATOR, area_id=a_county().id)
    browser = browse_as(person)
    browser.may_see_children = True

    browser.get(f"/pairings/{uid}")
    browser.post(f"/pairings/{uid}/decide", {"decision": "approve"}, status=404)
    browser.post(f"/pairings/{uid}/end", {"reason": "other", "note": "x"}, status=404)
    with pytest.raises(NotYours):
        keys.approve(uid, "", by=actor_for(person))


def test_a_neighbouring_coordinator_finds_nothing(
    browse_as: BrowseAs, child: Child, team: Team
) -> None:
    uid = proposed(child, team)
    neighbour = staff(browse_as, Role.COORDINATOR, a_county())

    neighbour.get(f"/board/{child.uid}", status=404)
    neighbour.post(f"/board/{child.uid}/propose", a_proposal(team), status=404)
    neighbour.get(f"/pairings/{uid}", status=404)
    neighbour.post(f"/pairings/{uid}/decide", {"decision": "approve"}, status=404)
    assert neighbour.get("/pairings?tab=proposed").texts("tbody th") == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.EDITOR, Role.CITY_COORDINATOR, Role.ORG_LEAD])
def test_other_roles_have_no_business_here(
    browse_as: BrowseAs, child: Child, team: Team, role: Role
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    browser = browse_as(a_member_of_staff(role, area_id=child.county_id))

    for url in ("/board", f"/board/{child.uid}", "/pairings", f"/pairings/{pairing.uid}"):
        browser.get(url, status=403)


def test_a_visitor_is_asked_to_sign_in(visitor: Browser, child: Child) -> None:
    for url in ("/board", f"/board/{child.uid}", "/pairings"):
        visitor.get(url, status=302)


def test_the_list_turns_its_pages(
    coordinator: Browser, village: Area, county: Area, at_most: AtMost
) -> None:
    team = a_team(county)
    made = [
        a_pairing(a_child(village, state=NeedState.MATCHED), team, stage=Stage.ACTIVE).child_id
        for _turn in range(52)
    ]

    with at_most(7):  # two of them keep that the list was seen
        page = coordinator.get("/pairings")
    (further,) = page.links("after=")
    shown = page.texts("tbody th a") + coordinator.get(further).texts("tbody th a")

    by_id = {row.id: row.alias for row in db.session.execute(select(Child.id, Child.alias))}
    assert shown == [by_id[child_id] for child_id in reversed(made)]


def test_what_waits_on_the_board_and_for_a_decision(
    browse_as: BrowseAs, coordinator: Browser, colleague: Browser, village: Area
) -> None:
    county = db.session.get_one(Area, db.session.get_one(Area, village.parent_id).parent_id)
    waiting = a_consented_child(village)
    high = a_consented_child(village, risk=Risk.HIGH)
    mine = a_consented_child(village)
    lead = staff(browse_as, Role.SAFEGUARDING_LEAD, county)
    proposed(high, a_team(county))
    coordinator.post(f"/board/{mine.uid}/propose", a_proposal(a_team(county)))

    (board,) = coordinator.get("/home").links("/board")[-1:]
    assert aliases(coordinator.get(board)) == [waiting.alias]
    for browser, expected in (
        (coordinator, [high.alias]),
        (colleague, [mine.alias, high.alias]),
        (lead, [mine.alias, high.alias]),
    ):
        links = browser.get("/home").links("/pairings?tab=decide")
        assert len(links) == bool(expected)
        assert browser.get("/pairings?tab=decide").texts("tbody th a") == expected


def test_a_volunteer_is_led_to_the_child(browse_as: BrowseAs, village: Area, county: Area) -> None:
    team = a_team(county)
    first = a_pairing(a_child(village, state=NeedState.MATCHED), team, stage=Stage.ACTIVE)
    person = actor_for(members(team)[0].person_id)

    assert [row.uid for row in queries.accompanied(person)] == [first.uid]
    browser = browse_as(members(team)[0].person_id)
    assert browser.get("/home").links(f"/pairings/{first.uid}")
    a_pairing(a_child(village, state=NeedState.MATCHED), team, stage=Stage.ACTIVE)
    assert "我陪伴的孩子" in browser.get("/home").text


def test_the_next_step_of_a_pairing_says_its_last_day(child: Child, browse_as: BrowseAs) -> None:
    pairing = a_pairing(child, stage=Stage.ACTIVE)
    browser = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
    browser.may_see_children = True
    page = browser.get(f"/pairings/{pairing.uid}")
    assert f"按计划走访，约定到 {pairing.ends_on}" in page.text


def test_a_team_has_the_children_it_is_proposed_for_or_goes_to(child: Child, team: Team) -> None:
    assert queries.team_children([team.id]) == {}
    uid = proposed(child, team)
    assert queries.team_children([team.id]) == {team.id: 1}
    no = Refusal(DeclineReason.NEEDS, "不合适")
    keys.decline(uid, no, by=somebody(Role.COORDINATOR, child.county_id))
    assert queries.team_children([team.id]) == {}


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 11, 24), date(2027, 7, 10)),
        (date(2027, 6, 10), date(2027, 7, 10)),
        (date(2027, 6, 11), date(2028, 7, 10)),
        (date(2027, 7, 11), date(2028, 7, 10)),
    ],
)
def test_a_pairing_lasts_to_the_end_of_the_school_year(day: date, end: date) -> None:
    assert school_year_end(day, 7, 10) == end


def test_in_english_nothing_is_left_in_chinese_words(
    coordinator: Browser, child: Child, team: Team
) -> None:
    assert coordinator.get(f"/en/board/{child.uid}").soup.select("html[lang=en]")


def test_a_pairing_is_found_by_those_who_may_know_of_it(child: Child, team: Team) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    member = actor_for(members(team)[0].person_id)

    assert queries.pairing(pairing.uid, member).id == pairing.id
    with pytest.raises(NotYours):
        queries.pairing(pairing.uid, somebody(Role.COORDINATOR, a_county().id))
