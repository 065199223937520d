"""Becoming a volunteer, and what volunteers see and do themselves."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import queries as accounts
from accounts.rules import Actor, Role
from core import clock
from core.db import db
from core.errors import NotYours, RuleBroken
from places.rules import OrgKind
from tests.browser import Browser, Page
from tests.builders.people import a_grant, a_member_of_staff, a_person
from tests.builders.places import a_county, an_organisation
from tests.builders.volunteers import (
    a_free_time,
    a_team,
    a_volunteer,
    an_active_volunteer,
    an_evidence,
    an_hour_entry,
    cleared,
)
from tests.conftest import AtMost, BrowseAs
from volunteers import queries, services
from volunteers.evidence.services import PLEDGE, sign_pledge
from volunteers.models import Evidence, FreeTime, Volunteer
from volunteers.profile.services import Profile, update_profile
from volunteers.rules import ALWAYS, EvidenceKind, Outcome, Period, Sex, Slot, Status


def actor(person_id: int) -> Actor:
    return accounts.actor_for(person_id)


def again(volunteer: Volunteer) -> Volunteer:
    """Return the volunteer as the database has them now."""
    db.session.expire_all()
    return db.session.get_one(Volunteer, volunteer.id)


# --- registering ---------------------------------------------------------------------------


def test_somebody_becomes_a_volunteer_once(app: Flask) -> None:
    person, county = a_person(name="曾样例"), a_county()
    first = services.register(person.id, name=person.name, county_id=county.id, org_text="大学")
    second = services.register(person.id, name="别名", county_id=a_county().id)

    volunteer = db.session.scalars(select(Volunteer)).one()
    assert first == second == volunteer.id
    assert (volunteer.county_id, volunteer.org_text) == (county.id, "大学")
    assert volunteer.number.startswith("TX")
    assert len(volunteer.number) == 8
    assert "zyl" in volunteer.initials.split()
    assert [grant.role for grant in accounts.grants_of(person.id)] == [Role.VOLUNTEER]


def test_numbers_are_drawn_until_one_is_free(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    a_volunteer(number="TX000001")
    drawn = iter([1, 1, 2])
    monkeypatch.setattr("volunteers.services.secrets.randbelow", lambda _most: next(drawn))
    person = a_person()
    services.register(person.id, name=person.name, county_id=a_county().id)
    assert db.session.scalar(select(Volunteer.number).where(Volunteer.person_id == person.id)) == (
        "TX000002"
    )


@pytest.mark.parametrize(("hit", "back"), [(False, Status.APPLIED), (True, Status.SUSPENDED)])
def test_who_had_left_may_come_back(app: Flask, hit: bool, back: Status) -> None:
    volunteer = a_volunteer(status=Status.EXITED)
    if hit:
        an_evidence(volunteer, EvidenceKind.SCREENING, outcome=Outcome.HIT)
    services.register(volunteer.person_id, name="样例", county_id=volunteer.county_id)
    assert again(volunteer).status is back


def test_who_was_barred_does_not_come_back(app: Flask) -> None:
    volunteer = a_volunteer(status=Status.BARRED)
    services.register(volunteer.person_id, name="样例", county_id=volunteer.county_id)
    assert again(volunteer).status is Status.BARRED


# --- my page -------------------------------------------------------------------------------


def next_buttons(page: Page) -> list[str]:
    return page.texts("section[aria-labelledby=now] .btn")


@pytest.mark.parametrize(
    ("given", "evidence", "button"),
    [
        ((Status.APPLIED, False), (), "完善资料"),
        ((Status.APPLIED, True), (), "读一读，签承诺书"),
        ((Status.APPLIED, True), ("pledge",), "先看看关爱活动"),
        ((Status.APPLIED, True), tuple(sorted(ALWAYS)), "先看看关爱活动"),
        ((Status.ACTIVE, True), tuple(sorted(ALWAYS)), "看走访安排"),
        ((Status.PAUSED, True), tuple(sorted(ALWAYS)), "恢复服务"),
        ((Status.PAUSED, True), ("pledge",), "先看看关爱活动"),
        ((Status.EXPIRED, True), ("pledge",), "先看看关爱活动"),
        ((Status.SUSPENDED, True), ("pledge",), "联系县中心"),
        ((Status.BARRED, True), (), "联系县中心"),
        ((Status.EXITED, True), (), "看看正在招募的活动"),
    ],
)
def test_my_page_offers_exactly_one_next_step(
    browse_as: BrowseAs, given: tuple[Status, bool], evidence: tuple[str, ...], button: str
) -> None:
    status, profile = given
    volunteer = a_volunteer(status=status, **{} if profile else {"sex": None, "birth_year": None})
    for kind in evidence:
        an_evidence(volunteer, EvidenceKind(kind))

    page = browse_as(volunteer.person_id).get("/volunteers/me")

    assert next_buttons(page) == [button]
    assert button not in page.texts(".actions .action-title")


def test_who_waits_reads_what_the_centre_does(browse_as: BrowseAs) -> None:
    volunteer = a_volunteer()
    for kind in (EvidenceKind.PLEDGE, EvidenceKind.IDENTITY):
        an_evidence(volunteer, kind)
    page = browse_as(volunteer.person_id).get("/volunteers/me")
    assert "县中心正在办理入职查询" in page.text
    assert [text.split(" ")[0] for text in page.texts(".steps .now-step b")] == ["入职查询现在"]


def test_a_hit_is_not_told_on_ones_own_page(browse_as: BrowseAs) -> None:
    volunteer = cleared(a_volunteer(status=Status.SUSPENDED, status_reason="入职查询有记录"))
    an_evidence(volunteer, EvidenceKind.SCREENING, outcome=Outcome.HIT, dated=clock.today())
    page = browse_as(volunteer.person_id).get("/volunteers/me")
    assert "记录，" not in page.text
    assert "已暂停" in page.text


def test_my_page_shows_my_hours_and_my_team(browse_as: BrowseAs, at_most: AtMost) -> None:
    county = a_county()
    mine = an_active_volunteer(county, name="样例我")
    a_team(county, members=[mine, an_active_volunteer(county, name="样例同伴")], name="一组")
    for _turn in range(12):
        an_hour_entry(mine, minutes=90)
    browser = browse_as(mine.person_id)

    with at_most(23):
        page = browser.get("/volunteers/me")

    assert page.texts(".figure b") == ["18"]
    assert page.texts("section h2")[-1] == "我的小组：一组"
    assert "样例同伴" in page.text
    following = browser.get(page.links("after=")[0])
    assert len(following.texts("section[aria-labelledby=hours] tbody tr")) == 2


def test_a_volunteer_without_an_application_is_sent_to_the_campaigns(browse_as: BrowseAs) -> None:
    person = a_person()
    a_grant(person.id, Role.VOLUNTEER)
    browser = browse_as(person.id)
    assert browser.get("/volunteers/me").texts(".empty h2") == ["您还没有报名"]
    for page in ("profile", "pledge"):
        browser.get(f"/volunteers/me/{page}", status=404)


@pytest.mark.parametrize("page", ["me", "me/pledge", "me/profile"])
def test_own_pages_are_for_volunteers(browse_as: BrowseAs, visitor: Browser, page: str) -> None:
    visitor.get(f"/volunteers/{page}", status=302)
    browse_as(a_member_of_staff(Role.COORDINATOR)).get(f"/volunteers/{page}", status=403)


# --- pledge --------------------------------------------------------------------------------


def test_a_volunteer_signs_the_pledge_once(browse_as: BrowseAs) -> None:
    volunteer = a_volunteer()
    browser = browse_as(volunteer.person_id)

    browser.get("/volunteers/me/pledge")
    browser.post("/volunteers/me/pledge", {"agreed": "y"})
    browser.post("/volunteers/me/pledge", {"agreed": "y"})

    signed = db.session.scalars(select(Evidence)).one()
    assert (signed.kind, signed.reference, signed.dated) == (
        EvidenceKind.PLEDGE,
        PLEDGE,
        clock.today(),
    )
    page = browser.get("/volunteers/me/pledge")
    assert "签名" in page.text
    assert not page.soup.select("form[action$=pledge]")


def test_a_pledge_needs_the_tick(browse_as: BrowseAs) -> None:
    volunteer = a_volunteer()
    page = browse_as(volunteer.person_id).post("/volunteers/me/pledge", {}, status=422)
    assert "请先读完再勾选" in " ".join(page.errors)
    assert db.session.scalar(select(Evidence.id)) is None


@pytest.mark.parametrize("status", [Status.BARRED, Status.EXITED])
def test_who_has_left_signs_nothing(app: Flask, status: Status) -> None:
    volunteer = a_volunteer(status=status)
    with pytest.raises(RuleBroken):
        sign_pledge(by=actor(volunteer.person_id))


def test_nobody_signs_for_who_is_no_volunteer(app: Flask) -> None:
    with pytest.raises(NotYours):
        sign_pledge(by=actor(a_person().id))


# --- profile -------------------------------------------------------------------------------


def a_profile(**given: Any) -> dict[str, Any]:
    return {
        "sex": "female",
        "birth_year": "2004",
        "org": "",
        "org_text": "示例大学",
        "skills": ["reading", "art"],
        "term": ["5-540-720", "6-540-720"],
        "holidays": ["5-540-720", "0-840-990"],
        "capacity": "2",
    } | given


def test_a_volunteer_tells_what_matching_needs(browse_as: BrowseAs) -> None:
    volunteer = a_volunteer(sex=None, birth_year=None)
    org = an_organisation(OrgKind.UNIVERSITY)
    browser = browse_as(volunteer.person_id)

    browser.get("/volunteers/me/profile")
    browser.post("/volunteers/me/profile", a_profile(birth_year="２００４", org=str(org.id)))

    kept = again(volunteer)
    assert (kept.sex, kept.birth_year, kept.capacity) == (Sex.FEMALE, 2004, 2)
    assert (kept.skills, kept.org_id, kept.org_text) == (["art", "reading"], org.id, "")
    rows = db.session.execute(
        select(FreeTime.period, FreeTime.weekday).order_by(FreeTime.weekday)
    ).all()
    assert [tuple(row) for row in rows] == [
        (Period.BREAK, 0),
        (Period.ALWAYS, 5),
        (Period.TERM, 6),
    ]
    page = browser.get("/volunteers/me/profile")
    ticked = {str(box["value"]) for box in page.soup.select("input[checked]")}
    assert {"5-540-720", "6-540-720", "0-840-990", "2", "female", "art"} <= ticked


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"sex": ""}, "sex", "请填写"),
        ({"sex": "other"}, "sex", "不是有效"),
        ({"birth_year": ""}, "birth_year", "请填写"),
        ({"birth_year": "2010"}, "birth_year", "年满 18"),
        ({"birth_year": "2099"}, "birth_year", "年满 18"),
        ({"birth_year": "😀"}, "birth_year", "四位年份"),
        ({"birth_year": "04"}, "birth_year", "四位年份"),
        ({"org": "999999"}, "org", "不是有效"),
        ({"org": "x"}, "org", "不是有效"),
        ({"org_text": "长" * 81}, "org_text", "最多 80"),
        ({"org_text": "a\x00b"}, "org_text", "无法识别"),
        ({"org_text": "110101199003070000"}, "org_text", "身份证"),
        ({"skills": ["magic"]}, "skills", "请从列表里选"),
        ({"term": [], "holidays": []}, "term", "至少选一个"),
        ({"term": ["9-540-720"]}, "term", "请从列表里选"),
        ({"capacity": "3"}, "capacity", "不是有效"),
        ({"capacity": ""}, "capacity", "请填写"),
    ],
)
def test_a_wrong_profile_is_told_beside_the_field_and_nothing_written(
    browse_as: BrowseAs, change: dict[str, Any], field: str, told: str
) -> None:
    volunteer = a_volunteer(sex=None, birth_year=None, org_text="以前")
    page = browse_as(volunteer.person_id).post(
        "/volunteers/me/profile", a_profile(**change), status=422
    )
    assert told in " ".join(page.texts(f"#{field}-wrong"))
    assert again(volunteer).org_text == "以前"
    assert db.session.scalar(select(func.count()).select_from(FreeTime)) == 0


def test_whose_identity_was_checked_cannot_change_who_they_are(browse_as: BrowseAs) -> None:
    volunteer = an_active_volunteer(sex=Sex.MALE, birth_year=2000)
    browser = browse_as(volunteer.person_id)

    assert not browser.get("/volunteers/me/profile").soup.select("[name=sex]")
    browser.post("/volunteers/me/profile", a_profile())

    kept = again(volunteer)
    assert (kept.sex, kept.birth_year, kept.capacity) == (Sex.MALE, 2000, 2)


@pytest.mark.parametrize(
    "change", [{"capacity": 3}, {"capacity": 0}, {"birth_year": 2010}, {"sex": None}, {"org_id": 1}]
)
def test_the_service_refuses_what_the_form_would(app: Flask, change: dict[str, Any]) -> None:
    volunteer = a_volunteer(sex=None, birth_year=None)
    an_organisation(OrgKind.MEMBER_UNIT)
    fields: dict[str, Any] = {
        "sex": Sex.FEMALE,
        "birth_year": 2000,
        "skills": (),
        "capacity": 1,
        "free": (),
    }
    with pytest.raises(RuleBroken):
        update_profile(Profile(**fields | change), by=actor(volunteer.person_id))


def test_the_same_profile_sent_twice_is_saved_once(browse_as: BrowseAs) -> None:
    volunteer = a_volunteer()
    browser = browse_as(volunteer.person_id)
    sent = a_profile(form_key="k" * 22)
    for _turn in range(2):
        browser.post("/volunteers/me/profile", sent)
    assert again(volunteer).version == 2


# --- resting and leaving -------------------------------------------------------------------


def test_a_volunteer_rests_and_comes_back(browse_as: BrowseAs) -> None:
    volunteer = an_active_volunteer()
    browser = browse_as(volunteer.person_id)

    browser.post(f"/volunteers/{volunteer.uid}/pause")
    assert again(volunteer).status is Status.PAUSED
    browser.post(f"/volunteers/{volunteer.uid}/resume")
    assert again(volunteer).status is Status.ACTIVE
    browser.post(f"/volunteers/{volunteer.uid}/resume", status=409)


def test_a_rest_does_not_outlive_the_clearance(browse_as: BrowseAs) -> None:
    volunteer = cleared(a_volunteer(status=Status.PAUSED), but=EvidenceKind.TRAINING)
    page = browse_as(volunteer.person_id).post(f"/volunteers/{volunteer.uid}/resume", status=409)
    assert "还没有：上岗培训" in page.text
    assert again(volunteer).status is Status.PAUSED


def test_who_leaves_is_out_of_every_team(browse_as: BrowseAs) -> None:
    county = a_county()
    leader, other = an_active_volunteer(county), an_active_volunteer(county)
    a_team(county, members=[leader, other])
    browser = browse_as(leader.person_id)

    browser.get(f"/volunteers/{leader.uid}/exit")
    browser.post(f"/volunteers/{leader.uid}/exit", {"reason": ""}, status=422)
    browser.post(f"/volunteers/{leader.uid}/exit", {"reason": "毕业"})

    assert again(leader).status is Status.EXITED
    roles = {grant.role for grant in accounts.grants_of(leader.person_id)}
    assert roles == {Role.VOLUNTEER}


def test_nobody_lets_another_volunteer_rest_or_leave(browse_as: BrowseAs) -> None:
    mine, other = an_active_volunteer(), an_active_volunteer()
    browser = browse_as(mine.person_id)
    for verb in ("pause", "resume", "exit"):
        browser.post(f"/volunteers/{other.uid}/{verb}", {"reason": "x"}, status=404)
    assert again(other).status is Status.ACTIVE


# --- what other rooms ask ------------------------------------------------------------------


def test_free_time_is_joined_and_told_by_period(app: Flask) -> None:
    volunteer, other = a_volunteer(), a_volunteer()
    for start, end, period in (
        (540, 720, Period.ALWAYS),
        (600, 780, Period.TERM),
        (780, 800, Period.BREAK),
    ):
        a_free_time(volunteer, weekday=1, start_minute=start, end_minute=end, period=period)
    ids = [volunteer.id, other.id]

    assert queries.free_slots(ids) == {volunteer.id: [Slot(1, 540, 800)], other.id: []}
    assert queries.free_slots(ids, during=Period.TERM)[volunteer.id] == [Slot(1, 540, 780)]
    assert queries.free_slots(ids, during=Period.BREAK)[volunteer.id] == [
        Slot(1, 540, 720),
        Slot(1, 780, 800),
    ]


def test_voided_evidence_proves_nothing(app: Flask) -> None:
    volunteer = a_volunteer()
    an_evidence(volunteer, EvidenceKind.PLEDGE)
    an_evidence(volunteer, EvidenceKind.TRAINING, voided_at=clock.now())
    kinds = [proof.kind for proof in queries.proofs_of([volunteer.id])[volunteer.id]]
    assert kinds == [EvidenceKind.PLEDGE]


def test_a_person_who_is_no_volunteer_has_no_file(app: Flask) -> None:
    assert queries.volunteer_of(a_person().id) is None
    assert queries.volunteer_of(None) is None
