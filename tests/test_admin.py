"""What administrators, data-protection officers and auditors may do."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import queries
from accounts.admin.labels import ACTIONS, KINDS
from accounts.factors import services as factors
from accounts.models import Person, RoleGrant, SignInLink
from accounts.rules import Role
from campaigns.manage.rules import Verb
from children.rules import ConsentState
from core import audit
from core.audit import AuditRow
from core.db import db, transaction
from core.once import SubmittedForm
from core.parameters import Parameter, ParameterValue, Stricter, declare
from messages.models import Message
from messages.rules import Channel
from places.rules import OrgKind, PostKind
from tests.browser import Browser
from tests.builders.people import a_code_app, a_grant, a_member_of_staff, a_person, code_on
from tests.builders.places import a_county, a_post, a_township, a_village, an_organisation
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.test_house import SOURCES
from volunteers.rules import Status


@pytest.fixture
def admin(browse_as: BrowseAs, app: Flask) -> Browser:
    return browse_as(a_member_of_staff(Role.ADMIN))


@pytest.fixture
def second(browse_as: BrowseAs, app: Flask) -> Browser:
    """Another administrator, who approves what the first has asked for."""
    return browse_as(a_member_of_staff(Role.ADMIN), stepped_up=True)


def approve_all(browser: Browser) -> None:
    for link in browser.get("/approvals").links("/approvals/"):
        browser.post(f"{link}/approve")


def test_two_administrators_add_a_village_director(admin: Browser, second: Browser) -> None:
    village = a_village(a_township(a_county(name="榆次区"), name="乌金山镇"), name="流村")

    admin.post(
        "/people/new",
        {
            "name": "样例新",
            "phone": "154 0000 0009",
            "role": "child_director",
            "area": "榆次 乌金山 流村",
            "reason": "新任",
        },
    )

    added = db.session.scalars(select(Person).where(Person.phone == "15400000009")).one()
    assert queries.grants_of(added.id) == frozenset()
    approve_all(second)
    (grant,) = queries.grants_of(added.id)
    assert (grant.role, grant.area_id) == (Role.CHILD_DIRECTOR, village.id)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"area": "榆次"}, "没有找到"),
        ({"area": "没有这里"}, "没有找到"),
        ({"phone": ""}, "至少填一个"),
        ({"phone": "123"}, "11 位手机号"),
        ({"name": ""}, "请填写"),
        ({"name": "长" * 21}, "最多 20 个字"),
        ({"role": "king"}, ""),
        ({"role": "org_lead"}, "要选所属组织"),
        ({"reason": ""}, "请填写"),
        ({"email": "no-address"}, "完整的邮箱"),
    ],
)
def test_a_wrong_entry_is_told_and_nothing_written(
    admin: Browser, change: dict[str, str], told: str
) -> None:
    a_village(a_township(a_county(name="榆次区"), name="乌金山镇"), name="流村")
    entry = {
        "name": "样例新",
        "phone": "15400000009",
        "role": "child_director",
        "area": "流村",
        "reason": "新任",
    }

    page = admin.post("/people/new", entry | change, status=422)

    assert told in " ".join(page.errors)
    assert db.session.scalar(select(Person.id).where(Person.name == "样例新")) is None


def test_villages_of_one_name_have_to_be_told_apart(admin: Browser) -> None:
    for county in ("榆次区", "太谷区"):
        a_village(a_township(a_county(name=county)), name="流村")
    entry = {
        "name": "样例新",
        "phone": "15400000009",
        "role": "child_director",
        "area": "流村",
        "reason": "新任",
    }

    assert "2 个同名" in " ".join(admin.post("/people/new", entry, status=422).errors)


def test_a_role_begins_by_two_and_is_ended_at_once_by_one(
    admin: Browser, second: Browser, browse_as: BrowseAs
) -> None:
    person = a_person()
    admin.post(f"/people/{person.uid}/roles/new", {"role": "auditor", "reason": "年度审计"})
    theirs = browse_as(person.id)
    theirs.get("/audit", status=403)
    assert admin.get(f"/people/{person.uid}").texts("h3") == ["等另一位管理员批准"]
    approve_all(second)
    theirs.get("/audit")

    grant_id = db.session.scalars(
        select(RoleGrant.id).where(RoleGrant.person_id == person.id)
    ).one()
    asked = admin.get(f"/people/{person.uid}/roles/{grant_id}/end")
    assert asked.texts("h1") == [f"结束角色“审计员”：{person.name}"]
    admin.post(f"/people/{person.uid}/roles/{grant_id}/end", {"reason": "结束"})

    theirs.get("/audit", status=403)


def test_an_organisation_lead_gets_the_organisation(admin: Browser, second: Browser) -> None:
    person, org = a_person(), an_organisation(OrgKind.SOCIAL_ORG)
    admin.post(
        f"/people/{person.uid}/roles/new",
        {"role": "org_lead", "org": str(org.id), "reason": "负责人"},
    )
    approve_all(second)
    (grant,) = queries.grants_of(person.id)
    assert grant.org_id == org.id


def test_nobody_gives_a_role_to_themselves(browse_as: BrowseAs) -> None:
    me = a_member_of_staff(Role.ADMIN)
    uid = db.session.get_one(Person, me).uid
    page = browse_as(me).post(
        f"/people/{uid}/roles/new", {"role": "dpo", "reason": "x"}, status=422
    )
    assert "不能给自己授予角色，请另一位管理员办理" in page.errors


def test_anothers_grant_cannot_be_ended_through_ones_own_page(admin: Browser) -> None:
    mine, other = a_person(), a_person()
    grant = a_grant(other.id, Role.DPO)
    admin.post(f"/people/{mine.uid}/roles/{grant.id}/end", {"reason": "x"}, status=404)
    assert queries.grants_of(other.id)


def test_disabling_shuts_out_everywhere(admin: Browser, browse_as: BrowseAs) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    theirs = browse_as(person_id)
    uid = db.session.get_one(Person, person_id).uid

    assert admin.get(f"/people/{uid}/disable").texts("main button") == ["停用账号"]
    admin.post(f"/people/{uid}/disable", {"reason": "离职"})

    theirs.get("/home", status=302)
    admin.post(f"/people/{uid}/disable", {"reason": "离职"}, status=422)


def test_a_code_is_shown_once(admin: Browser) -> None:
    person = a_person()
    again = {"form_key": "k" * 22}
    page = admin.post(f"/people/{person.uid}/code", again)
    assert len(page.texts(".code-big")[0]) == 8

    assert admin.post(f"/people/{person.uid}/code", again).texts(".code-big") == []
    assert db.session.scalars(select(SubmittedForm.result)).all() == [None]


def test_a_code_opens_nothing_past_the_second_factor_and_is_told(
    admin: Browser, visitor: Browser
) -> None:
    """Of somebody who need not have a factor, but has one, no less than of staff."""
    volunteer = a_person(phone="15400000002", email="told@example.org")
    a_grant(volunteer.id, Role.VOLUNTEER, area_id=a_county().id)
    secret = a_code_app(volunteer.id)

    code = admin.post(f"/people/{volunteer.uid}/code").texts(".code-big")[0]
    page = visitor.post("/sign-in/code", {"login": "15400000002", "code": code})

    assert page.heading == "二次验证"
    for path in ("/home", "/volunteers/me", "/account", "/account/factor", "/my-data"):
        visitor.get(path, status=302)
    visitor.post("/account/factor", {"code": code_on(new := factors.new_secret()), "sealed": new})
    visitor.get("/home", status=302)
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "make_sign_in_code")).one()
    assert (row.kind, row.ref) == ("person", str(volunteer.id))
    assert row.actor_id not in {None, volunteer.id}
    told = db.session.scalars(select(Message).where(Message.kind == "sign_in_code_made")).all()
    assert {(one.person_id, one.channel) for one in told} == {
        (volunteer.id, Channel.INAPP), (volunteer.id, Channel.EMAIL)
    }  # fmt: skip
    assert code not in str([one.params for one in told])
    visitor.post("/sign-in/factor", {"code": code_on(secret)})
    visitor.get("/account")


def test_no_code_is_made_of_which_nobody_is_told(admin: Browser) -> None:
    other = a_member_of_staff(Role.ADMIN)
    uid = db.session.get_one(Person, other).uid

    admin.post(f"/people/{uid}/code", status=409)

    assert db.session.scalar(select(func.count(Message.id))) == 0
    assert db.session.scalar(select(func.count(SignInLink.id))) == 0


def test_an_administrator_ends_a_device(admin: Browser, browse_as: BrowseAs) -> None:
    person = a_person()
    a_grant(person.id, Role.AUDITOR)
    theirs = browse_as(person.id)
    session_id = queries.sessions_of(person.id)[0].id

    admin.post(f"/people/{person.uid}/sessions/{session_id}/end")
    theirs.get("/home", status=302)
    admin.post(f"/people/{person.uid}/sessions/{session_id}/end", status=404)


def test_people_are_found_and_paged_within_the_budget(admin: Browser, at_most: AtMost) -> None:
    for _turn in range(60):
        a_person()
    a_member_of_staff(Role.DPO, name="样例找我", phone="15400000077")

    with at_most(6):
        page = admin.get("/people")
    assert page.texts("a[rel=next]")
    for q in ("找我", "154 0000 0077"):
        assert admin.get(f"/people?q={q}").texts("tbody a") == ["样例找我"]
    assert admin.get("/people?role=dpo").texts("tbody a") == ["样例找我"]
    assert admin.get("/people?q=没有这个人").texts(".empty h2") == ["没有找到"]


def test_vacant_posts_are_listed(admin: Browser) -> None:
    assert admin.get("/people/vacancies").texts(".empty h2") == ["岗位都有人"]


def test_places_of_one_name_are_told_apart_by_what_lies_above(
    admin: Browser, at_most: AtMost
) -> None:
    for county in ("样例东县", "样例西县"):
        township = a_township(a_county(name=county), name="南关镇")
        a_post(PostKind.CHILD_SUPERVISOR, township)
        a_post(PostKind.CHILD_DIRECTOR, a_village(township, name="流村"))
    held = a_grant(a_person().id, Role.CHILD_DIRECTOR, area_id=a_village(name="北村").id)

    with at_most(6):
        listed = admin.get("/people/vacancies").texts("tbody td:last-child")
    assert listed == [
        f"{county} {place}"
        for county in ("样例东县", "样例西县")
        for place in ("南关镇", "南关镇 流村")
    ]
    uid = db.session.get_one(Person, held.person_id).uid
    (said,) = admin.get(f"/people/{uid}").texts("ul.rows li:first-child span:first-of-type")[:1]
    assert re.fullmatch(r"样例县\d+ 样例镇\d+ 北村", said)


HOURS = Parameter("test.hours", 24, "提前多少小时", "小时", "§3", "D", Stricter.HIGHER)


def test_a_stricter_value_holds_from_its_day_with_its_source(browse_as: BrowseAs) -> None:
    declare(HOURS)
    city = browse_as(a_member_of_staff(Role.CITY_COORDINATOR))
    entry = {"text": "48", "effective_from": "2026-12-01", "source": "市未保办〔2026〕1号"}

    city.get("/parameters/test.hours/new")
    city.post("/parameters/test.hours/new", entry)

    kept = db.session.scalars(select(ParameterValue)).one()
    assert (kept.value, kept.effective_from) == ({"value": 48}, date(2026, 12, 1))
    assert "市未保办" in city.get("/parameters").text
    assert "已经设过值" in " ".join(
        city.post("/parameters/test.hours/new", entry, status=422).errors
    )


@pytest.mark.parametrize("text", ["很多", '"48"', "-1", "true", "[1]", "NaN", "Infinity", ""])
def test_a_value_of_another_kind_is_refused(browse_as: BrowseAs, text: str) -> None:
    declare(HOURS)
    city = browse_as(a_member_of_staff(Role.CITY_COORDINATOR))
    city.post(
        "/parameters/test.hours/new",
        {"text": text, "effective_from": "2026-12-01", "source": "x"},
        status=422,
    )
    assert db.session.scalar(select(ParameterValue.id)) is None


def test_an_unknown_parameter_is_not_found(browse_as: BrowseAs) -> None:
    browse_as(a_member_of_staff(Role.CITY_COORDINATOR)).get("/parameters/nothing/new", status=404)


def test_the_auditor_reads_who_did_what(
    browse_as: BrowseAs, admin: Browser, second: Browser
) -> None:
    person = a_person()
    admin.post(f"/people/{person.uid}/roles/new", {"role": "dpo", "reason": "任命"})
    approve_all(second)
    auditor = browse_as(a_member_of_staff(Role.AUDITOR))

    page = auditor.get("/audit")
    assert "授予角色 grant_role" in page.text
    assert "角色" in page.texts("select[name=kind] option")
    assert auditor.get("/audit?kind=nothing").texts(".empty h2") == ["没有记录"]
    assert db.session.scalars(select(AuditRow.action)).all().count("grant_role") == 1


def test_the_days_trail_is_what_the_home_page_counts(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    auditor, somebody = a_member_of_staff(Role.AUDITOR), a_person()
    for hours in (-13, -1, 1):
        set_clock(NOON + timedelta(hours=hours))
        with transaction():
            audit.record("sign_in", "person", somebody.id, by=somebody.id)
    set_clock(NOON + timedelta(hours=2))

    browser = browse_as(auditor)  # whose sign-in is in the trail, too
    (link,) = browser.get("/home").links("/audit?")

    assert link.endswith("/audit?day=2026-11-24")
    for asked, rows in ((link, 3), ("/audit?day=2026-11-23", 1), ("/audit?day=2026-02-30", 4)):
        assert len(browser.get(asked).texts("tbody tr")) == rows, asked


def test_every_deed_in_the_trail_has_a_name_for_its_readers() -> None:
    found = re.compile(r'audit\.record\(\s*"(\w+)",\s*"(\w+)"')
    written = [pair for path in SOURCES for pair in found.findall(path.read_text())]
    assert len(written) > 30
    assert {deed for deed, _kind in written} <= ACTIONS.keys()
    assert {kind for _deed, kind in written} <= KINDS.keys()
    assert {f"consent_{state}" for state in ConsentState} <= ACTIONS.keys()
    assert {str(status) for status in Status} <= ACTIONS.keys()
    assert {f"{verb.value}_campaign" for verb in Verb} <= ACTIONS.keys()
