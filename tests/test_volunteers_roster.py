"""The list of volunteers, its tabs and its search, and what waits for whom."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, select, true

from accounts import queries as accounts
from accounts.rules import Role
from core import clock
from core.actions import Action
from core.db import db, transaction
from places.models import Area, Organisation
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, an_organisation
from tests.builders.volunteers import (
    a_volunteer,
    an_active_volunteer,
    an_evidence,
    an_hour_entry,
    cleared,
)
from tests.conftest import AtMost, BrowseAs
from tests.test_volunteers_rules import cases
from volunteers.actions import next_actions
from volunteers.evidence import queries as evidence
from volunteers.models import Evidence, Volunteer
from volunteers.roster.queries import counts, desk_of
from volunteers.roster.rules import Tab
from volunteers.rules import ALWAYS, EvidenceKind, Outcome, Proof, Status, clearance


@pytest.fixture
def county(app: Flask) -> Area:
    return a_county(name="榆次区")


@pytest.fixture
def org(app: Flask) -> Organisation:
    return an_organisation(OrgKind.UNIVERSITY, name="示例学院")


@pytest.fixture
def desk(browse_as: BrowseAs, county: Area) -> Browser:
    return browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county.id))


def people_on(browser: Browser, query: str = "") -> list[str]:
    return browser.get(f"/volunteers?{query}").texts("tbody th")


def one_of_each(county: Area, org: Organisation) -> None:
    """Make one volunteer for each tab, named after it."""
    a_volunteer(county, name="样例刚报名", org_id=org.id)
    cleared(a_volunteer(county, name="样例齐了", org_id=org.id))
    an_active_volunteer(county, name="样例服务", org_id=org.id)
    ending = an_active_volunteer(county, name="样例快到期", org_id=org.id)
    with transaction() as session:
        session.execute(delete(Evidence).where(Evidence.volunteer_id == ending.id))
    for kind in sorted(ALWAYS):
        an_evidence(ending, kind, valid_until=clock.today() + timedelta(days=30))
    a_volunteer(county, name="样例过期", org_id=org.id, status=Status.EXPIRED)
    a_volunteer(county, name="样例暂停", org_id=org.id, status=Status.SUSPENDED)
    hit = cleared(a_volunteer(county, name="样例有记录", org_id=org.id, status=Status.SUSPENDED))
    an_evidence(hit, EvidenceKind.SCREENING, outcome=Outcome.HIT, dated=clock.today())
    a_volunteer(county, name="样例休息", org_id=org.id, status=Status.PAUSED)
    a_volunteer(county, name="样例退出", org_id=org.id, status=Status.EXITED)
    a_volunteer(county, name="样例不适合", org_id=org.id, status=Status.BARRED)


@pytest.mark.parametrize(
    ("role", "tab", "found"),
    [
        (Role.COORDINATOR, Tab.APPLIED, ["样例刚报名", "样例齐了"]),
        (Role.COORDINATOR, Tab.READY, ["样例齐了"]),
        (Role.COORDINATOR, Tab.ACTIVE, ["样例快到期", "样例服务"]),
        (Role.COORDINATOR, Tab.EXPIRING, ["样例快到期"]),
        (Role.COORDINATOR, Tab.EXPIRED, ["样例过期"]),
        (Role.COORDINATOR, Tab.SUSPENDED, ["样例暂停", "样例有记录"]),
        (Role.COORDINATOR, Tab.PAUSED, ["样例休息"]),
        (Role.COORDINATOR, Tab.EXITED, ["样例退出"]),
        (Role.COORDINATOR, Tab.BARRED, ["样例不适合"]),
        (Role.SAFEGUARDING_LEAD, Tab.HITS, ["样例有记录"]),
        (Role.ORG_LEAD, Tab.LACKING, ["样例刚报名", "样例过期"]),
    ],
)
def test_every_tab_lists_its_own_and_counts_them(
    browse_as: BrowseAs, county: Area, org: Organisation, role: Role, tab: Tab, found: list[str]
) -> None:
    one_of_each(county, org)
    a_volunteer(name="样例邻县")
    person_id = a_member_of_staff(role, area_id=county.id, org_id=org.id)

    page = browse_as(person_id).get(f"/volunteers?status={tab}")

    assert sorted(page.texts("tbody th")) == sorted(found)
    assert page.texts(".tabs [aria-current] .num") == [str(len(found))]


def test_counts_are_those_of_the_lists(county: Area, org: Organisation) -> None:
    one_of_each(county, org)
    actor = accounts.actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county.id))
    number = counts(desk_of(actor))
    assert number[Tab.ALL] == 10
    assert sum(number[Tab(status)] for status in Status) == 10


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("样例曾", ["样例曾乐"]),
        ("曾乐", ["样例曾乐"]),
        ("ylcy", ["样例曾乐"]),
        ("YLZL", ["样例曾乐"]),
        ("yl", ["样例曾乐"]),
        ("5678", ["样例曾乐"]),
        ("１５４ ０００１ ５６７８", ["样例曾乐"]),
        ("678", []),
        ("TX123456", ["样例曾乐"]),
        ("tx1234", ["样例曾乐"]),
        ("123456", ["样例曾乐"]),
        ("没有", []),
        ("%", []),
        ("_", []),
        ("😀", []),
        ("长" * 500, []),
    ],
)
def test_somebody_is_found_by_name_initials_phone_or_number(
    desk: Browser, county: Area, q: str, found: list[str]
) -> None:
    a_volunteer(
        county, name="样例曾乐", initials="ylzl ylcy", phone="15400015678", number="TX123456"
    )
    a_volunteer(county, name="王五", initials="ww", number="TX999999")
    a_volunteer(name="样例曾乐", initials="ylzl", number="TX888888")
    assert people_on(desk, urlencode({"q": q})) == found


def test_the_list_goes_on_with_its_filters_and_within_the_budget(
    desk: Browser, county: Area, at_most: AtMost
) -> None:
    for turn in range(60):
        a_volunteer(county, name=f"样例{turn:02}")
    with at_most(13):
        first = desk.get("/volunteers?status=applied&q=样例")
    onward = first.links("after=")[0]
    assert "status=applied" in onward
    second = desk.get(onward)
    listed = first.texts("tbody th") + second.texts("tbody th")
    assert listed == [f"样例{turn:02}" for turn in reversed(range(60))]


def test_an_organisation_sees_its_own_and_no_contact(
    browse_as: BrowseAs, county: Area, org: Organisation
) -> None:
    member = a_volunteer(county, name="样例成员", org_id=org.id, phone="15400015678")
    an_hour_entry(member, minutes=90)
    hit = cleared(a_volunteer(county, name="样例有事", org_id=org.id, status=Status.SUSPENDED))
    an_evidence(hit, EvidenceKind.SCREENING, outcome=Outcome.HIT, dated=clock.today())
    a_volunteer(county, name="样例别家", org_id=an_organisation(OrgKind.UNIVERSITY).id)
    a_volunteer(county, name="样例没有")
    theirs = browse_as(a_member_of_staff(Role.ORG_LEAD, org_id=org.id))

    page = theirs.get("/volunteers")

    assert sorted(page.texts("tbody th")) == ["样例成员", "样例有事"]
    assert "15400015678" not in page.html
    assert "有记录" not in page.html
    assert "身份核验、入职查询" in page.text
    assert "1.5" in page.text
    assert not page.soup.select("tbody a")
    assert people_on(theirs, "q=5678") == []
    assert people_on(theirs, "q=15400015678") == []
    theirs.get(f"/volunteers/{member.uid}", status=403)


def test_an_organisation_lead_without_an_organisation_sees_nobody(
    browse_as: BrowseAs, county: Area
) -> None:
    a_volunteer(county)
    theirs = browse_as(a_member_of_staff(Role.ORG_LEAD, area_id=county.id))
    assert people_on(theirs) == []


def test_a_desk_one_does_not_hold_is_not_opened(desk: Browser, county: Area) -> None:
    a_volunteer(county, name="样例甲")
    assert people_on(desk, "desk=org_lead") == ["样例甲"]
    assert people_on(desk, "desk=admin&status=hits&after=forged") == ["样例甲"]


def test_who_may_not_list(browse_as: BrowseAs, visitor: Browser, county: Area) -> None:
    visitor.get("/volunteers", status=302)
    for role in (Role.VOLUNTEER, Role.CHILD_DIRECTOR, Role.AUDITOR, Role.ADMIN):
        browse_as(a_member_of_staff(role, area_id=county.id)).get("/volunteers", status=403)


def test_empty_lists_say_what_to_do(desk: Browser, county: Area) -> None:
    assert desk.get("/volunteers").texts(".empty h2") == ["还没有志愿者"]
    a_volunteer(county)
    assert desk.get("/volunteers?status=expiring").texts(".empty h2") == ["这一类没有人"]
    assert desk.get("/volunteers?q=没有").texts(".empty h2") == ["没有找到"]


# --- what waits ----------------------------------------------------------------------------


def waiting(app: Flask, person_id: int) -> list[Action]:
    with app.test_request_context():
        return next_actions(accounts.actor_for(person_id))


@pytest.mark.parametrize(
    ("role", "found"),
    [
        (Role.COORDINATOR, {"ready": 1, "applied": 2, "suspended": 2, "expiring": 1}),
        (Role.SAFEGUARDING_LEAD, {"hits": 1}),
        (Role.ORG_LEAD, {"lacking": 2}),
    ],
)
def test_what_waits_is_counted_and_leads_to_exactly_those(
    app: Flask,
    browse_as: BrowseAs,
    county: Area,
    org: Organisation,
    role: Role,
    found: dict[str, int],
) -> None:
    one_of_each(county, org)
    person_id = a_member_of_staff(role, area_id=county.id, org_id=org.id)

    actions = waiting(app, person_id)

    assert {one.url.rsplit("status=", 1)[1]: one.count for one in actions} == found
    browser = browse_as(person_id)
    for one in actions:
        assert len(browser.get(one.url).texts("tbody th")) == one.count


def test_a_lead_of_the_whole_city_sees_every_countys_hits(app: Flask) -> None:
    for _turn in range(2):
        hit = a_volunteer(status=Status.SUSPENDED)
        an_evidence(hit, EvidenceKind.SCREENING, outcome=Outcome.HIT)
    (one,) = waiting(app, a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=a_city().id))
    assert one.count == 2


def test_somebody_with_two_roles_gets_each_desks_own_rows(
    app: Flask, browse_as: BrowseAs, county: Area, org: Organisation
) -> None:
    a_volunteer(county, name="样例县里")
    a_volunteer(name="样例外县成员", org_id=org.id)
    person_id = a_member_of_staff(Role.COORDINATOR, area_id=county.id)
    a_grant(person_id, Role.ORG_LEAD, org_id=org.id)
    browser = browse_as(person_id)
    assert people_on(browser) == ["样例县里"]
    assert people_on(browser, "desk=org_lead") == ["样例外县成员"]
    assert [one.count for one in waiting(app, person_id)] == [1, 1]


@pytest.mark.parametrize(
    ("given_", "titles"),
    [
        ({"sex": None}, ["完善资料"]),
        ({}, ["签承诺书"]),
        ({"status": Status.BARRED}, []),
        ({"status": Status.EXITED}, []),
    ],
)
def test_a_volunteer_has_one_step_of_their_own(
    app: Flask, given_: dict[str, Any], titles: list[str]
) -> None:
    volunteer = a_volunteer(**given_)
    assert [one.title for one in waiting(app, volunteer.person_id)] == titles


def test_nothing_waits_for_who_is_active(app: Flask, at_most: AtMost) -> None:
    person_id = an_active_volunteer().person_id
    a_grant(person_id, Role.AUDITOR)
    assert waiting(app, person_id) == []


# --- the database's answer is the rule's ---------------------------------------------------


@given(cases)
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_database_says_the_same_as_the_rule(app: Flask, proofs: list[Proof]) -> None:
    today = clock.today()
    with transaction() as session:
        session.execute(delete(Evidence))
        session.execute(delete(Volunteer))
    volunteer = a_volunteer()
    for proof in proofs:
        an_evidence(
            volunteer,
            proof.kind,
            outcome=proof.outcome,
            dated=proof.since,
            valid_until=proof.until,
        )
    held = clearance(proofs, today, ALWAYS)

    rows = db.session.execute(
        select(evidence.cleared(select(Volunteer.id).where(true()), today))
    ).all()

    assert [row.until for row in rows] == ([held.until] if held.complete else [])
    assert evidence.lapsed(true()) == ([] if held.complete else [volunteer.id])


def test_a_role_without_an_application_waits_for_nothing(app: Flask) -> None:
    assert waiting(app, a_member_of_staff(Role.VOLUNTEER)) == []


def test_an_area_above_or_below_the_county_reaches_as_far_as_it_should(app: Flask) -> None:
    volunteer = a_volunteer()
    county = db.session.get_one(Area, volunteer.county_id)
    for area_id, number in ((county.id, 1), (a_city().id, 1), (a_township(county).id, 0)):
        person_id = a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=area_id)
        assert counts(desk_of(accounts.actor_for(person_id)))[Tab.ALL] == number
