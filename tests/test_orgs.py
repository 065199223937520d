"""Organisations apply, are checked by one person and taken in by another."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.rules import Role
from core.audit import AuditRow
from core.db import db
from places.models import Area, Organisation
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.volunteers import a_standing
from tests.conftest import NOON, BrowseAs, SetClock
from volunteers.orgs.models import Standing
from volunteers.orgs.rules import SIGNS, Check, State, is_credit_code
from volunteers.orgs.services import suspend_lapsed

TODAY = NOON.date()
BODY = "52140700MJ0000000"
CHECKED = [check.value for check in Check]


def a_code(body: str = BODY) -> str:
    """Return the one code that begins with these 17 signs and is right."""
    (found,) = [body + sign for sign in SIGNS if is_credit_code(body + sign)]
    return found


def filled(county: Area, **given: Any) -> dict[str, Any]:
    return {
        "kind": "social_org",
        "county": str(county.id),
        "name": "示例·暖阳社工服务中心",
        "credit_code": a_code(),
        "contact_name": "样例甲",
        "contact_phone": "15400000001",
        "lead_name": "样例乙",
        "lead_phone": "15400000002",
    } | given


def coordinators(county: Area, browse_as: BrowseAs) -> tuple[Browser, Browser]:
    one, other = (
        browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county.id)) for _turn in range(2)
    )
    return one, other


def one() -> Standing:
    db.session.expire_all()
    return db.session.scalars(select(Standing)).one()


def step(browser: Browser, name: str, status: int = 200, **sent: object) -> Any:
    form = {"version": str(one().version)} | sent
    return browser.post(f"/organisations/{one().uid}/{name}", form, status=status)


@given(st.text(SIGNS, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(SIGNS))
def test_each_beginning_has_one_right_end_and_no_sign_may_differ(
    body: str, place: int, sign: str
) -> None:
    code = a_code(body)
    wrong = code[:place] + sign + code[place + 1 :]
    assert is_credit_code(wrong) == (wrong == code)


@pytest.mark.parametrize(
    "code", ["", "5214070", a_code()[:-1], a_code() + "0", "I" + a_code()[1:], "二" * 18]
)
def test_what_is_no_credit_code_is_none(code: str) -> None:
    assert not is_credit_code(code)


def test_from_application_to_cooperation(visitor: Browser, browse_as: BrowseAs) -> None:
    county = a_county()
    first, second = coordinators(county, browse_as)
    page = visitor.post("/organisations/join", filled(county))
    assert page.heading == "收到了"
    assert "申请合作的单位" in first.get("/home").text

    step(first, "verify", checks=CHECKED)
    step(first, "sign", reference="协 2026-7", until=str(TODAY + timedelta(days=365)))
    assert "请另一位同事来启用" in first.get(f"/organisations/{one().uid}").text
    step(first, "activate", status=409)
    assert one().state is State.AGREEMENT_SIGNED
    step(second, "activate")

    found = one()
    assert found.state is State.ACTIVE
    assert found.verified_by_id != found.activated_by_id
    org = db.session.scalars(select(Organisation).where(Organisation.id == found.org_id)).one()
    assert (org.kind, org.name, org.credit_code) == (OrgKind.SOCIAL_ORG, found.name, a_code())
    done = db.session.scalars(select(AuditRow.action).where(AuditRow.kind == "org_standing"))
    assert done.all() == ["org_applied", "org_verified", "org_agreement_signed", "org_active"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"credit_code": ""}, "社会组织要填统一社会信用代码"),
        ({"credit_code": a_code("52140700MJ0000001")[:-1] + a_code()[-1]}, "代码不对"),
        ({"kind": "center"}, ""),
        ({"county": "999999"}, ""),
        ({"contact_phone": "123"}, "11 位手机号"),
        ({"lead_name": ""}, "请填写这一项"),
        ({"name": "示" * 81}, "最多 80 个字"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    given: dict[str, str], told: str, visitor: Browser
) -> None:
    page = visitor.post("/organisations/join", filled(a_county()) | given, status=422)

    assert told in " ".join(page.errors)
    assert db.session.scalars(select(Standing)).all() == []


def test_a_university_team_needs_no_code_and_small_letters_do(visitor: Browser) -> None:
    county = a_county()
    visitor.post("/organisations/join", filled(county, kind="university", credit_code=""))
    assert one().credit_code is None

    visitor.post(
        "/organisations/join", filled(county, name="示例·二", credit_code=a_code().lower())
    )
    codes = db.session.scalars(select(Standing.credit_code).order_by(Standing.id)).all()
    assert codes == [None, a_code()]


def test_the_same_organisation_twice_is_one_and_told_alike(visitor: Browser) -> None:
    county = a_county()

    pages = [visitor.post("/organisations/join", filled(county)).text for _turn in range(2)]

    assert pages[0] == pages[1]
    assert one().state is State.APPLIED


def test_an_address_sends_ten_an_hour(visitor: Browser) -> None:
    county = a_county()
    for number in range(10):
        visitor.post("/organisations/join", filled(county, name=f"示例{number}"))

    visitor.post("/organisations/join", filled(county, name="示例十一"), status=429)


def test_nobody_verifies_what_they_have_not_looked_at(browse_as: BrowseAs) -> None:
    county = a_county()
    first, second = coordinators(county, browse_as)
    a_standing(county)

    page = step(first, "verify", 422, checks=["registered"])
    assert "每一项都核对过才能通过" in " ".join(page.errors)
    before = one().version
    step(first, "verify", checks=CHECKED)
    late = {"version": str(before), "to": "declined", "note": "晚了"}
    second.post(f"/organisations/{one().uid}/end", late, status=422)
    assert one().state is State.VERIFIED
    step(second, "end", to="declined", note="联系不上")
    assert (one().state, one().note) == (State.DECLINED, "联系不上")


def test_an_agreement_that_runs_out_suspends_until_there_is_a_new_one(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    county = a_county()
    first, second = coordinators(county, browse_as)
    a_standing(
        county,
        state=State.AGREEMENT_SIGNED,
        agreement_until=TODAY,
        verified_by_id=a_member_of_staff(Role.COORDINATOR, area_id=county.id),
    )
    step(second, "activate")
    assert suspend_lapsed() == 0

    set_clock(NOON + timedelta(days=1))
    assert [suspend_lapsed(), suspend_lapsed()] == [1, 0]

    first, second = coordinators(county, browse_as)
    step(first, "activate", 409)
    step(first, "sign", reference="协 2", until=str(TODAY + timedelta(days=300)))
    step(second, "activate")
    assert one().state is State.ACTIVE
    assert len(db.session.scalars(select(Organisation)).all()) == 1


def test_a_neighbour_sees_no_application(browse_as: BrowseAs) -> None:
    found = a_standing(a_county())
    neighbour, _other = coordinators(a_county(), browse_as)

    neighbour.get(f"/organisations/{found.uid}", status=404)
    neighbour.post(f"/organisations/{found.uid}/verify", {"version": "1"}, status=404)
    assert found.name not in neighbour.get("/organisations").text
