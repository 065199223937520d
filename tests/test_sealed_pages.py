"""Entering what is sealed, seeing that it is there, and finding a child by its exact name."""

import pytest
from sqlalchemy import select

from accounts.rules import Role
from children.models import Child
from children.rules import NeedState
from children.sealed import services
from children.sealed.models import ChildSealed
from children.sealed.rules import SealedField
from core import crypto
from core.audit import AuditRow
from core.db import db
from core.keys import Ring
from core.vault import vault
from places.models import Area
from tests.browser import Browser, Page
from tests.builders.children import a_child
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, a_township, a_village
from tests.builders.sealed import a_sealed_part, everything_of, in_use
from tests.conftest import BrowseAs
from tests.factories import CANARY

NAME, PHONE = SealedField.REAL_NAME, SealedField.GUARDIAN_PHONE
A_NAME, A_PHONE = "王小样例", "15476540001"


@pytest.fixture
def county(app: object) -> Area:
    return a_county()


@pytest.fixture
def village(county: Area) -> Area:
    return a_village(a_township(county))


@pytest.fixture
def child(village: Area) -> Child:
    return a_child(village)


@pytest.fixture
def director(village: Area, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=village.id))


@pytest.fixture
def coordinator(county: Area, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county.id))


def audited(child_uid: str) -> list[tuple[str, list[str]]]:
    rows = db.session.execute(
        select(AuditRow.action, AuditRow.fields)
        .where(AuditRow.ref == child_uid)
        .order_by(AuditRow.id)
    )
    return [(row.action, row.fields) for row in rows]


def enter(browser: Browser, child: Child, status: int = 200, **texts: object) -> Page:
    """Open the page, fill in some fields and send it."""
    url = f"/children/{child.uid}/sealed"
    return browser.post(url, browser.get(url).form("/sealed") | texts, status)


def card(page: Page) -> str:
    return next((text for text in page.texts("section.card") if text.startswith("密封信息")), "")


def test_nothing_is_asked_for_until_the_centre_says_what_is_needed(
    director: Browser, child: Child
) -> None:
    assert card(director.get(f"/children/{child.uid}")) == ""
    assert not director.get("/children").links("/children/find")
    page = director.get(f"/children/{child.uid}/sealed")
    assert "现在不登记密封信息" in page.text
    assert not page.soup.select("#real_name, #guardian_phone")
    with pytest.raises(AssertionError, match="no form"):
        page.form("/sealed")

    sent = director.post(
        f"/children/{child.uid}/sealed", {"real_name": A_NAME, "version": "0"}, 422
    )
    assert sent.status == 422
    assert services.opened(child.id, [NAME]) == {}


def test_a_director_enters_a_name_and_sees_it_masked(director: Browser, child: Child) -> None:
    in_use(NAME, PHONE)
    page = enter(director, child, real_name=A_NAME, guardian_phone="154 7654 0001")

    assert page.notices == ["密封信息已更新"]
    assert "真实姓名王＊＊监护人电话154****0001" in card(page)
    assert A_NAME not in page.html
    assert services.opened(child.id, list(SealedField)) == {NAME: A_NAME, PHONE: A_PHONE}
    assert audited(child.uid) == [
        ("child_seen", []),
        ("child_seen", []),
        ("sealed_written", ["guardian_phone", "real_name"]),
        ("child_seen", ["real_name", "guardian_phone"]),
    ]


def test_the_form_never_shows_back_what_is_on_file(director: Browser, child: Child) -> None:
    in_use()
    a_sealed_part(child)
    page = director.get(f"/children/{child.uid}/sealed")

    assert not [tag for tag in page.soup.select("input.input") if tag.get("value")]
    assert not [tag for tag in page.soup.select("textarea") if tag.get_text().strip()]
    assert CANARY not in page.html
    assert {tag.get("autocomplete") for tag in page.soup.select("#real_name, #health")} == {"off"}


def test_empty_fields_stay_and_ticked_ones_go(director: Browser, child: Child) -> None:
    in_use()
    before = everything_of(child)
    a_sealed_part(child)
    enter(director, child, health="近视", removed=["guardian_phone", "family"])

    assert services.opened(child.id, list(SealedField)) == {
        NAME: before[NAME],
        SealedField.EXACT_PLACE: before[SealedField.EXACT_PLACE],
        SealedField.HEALTH: "近视",
    }
    row = db.session.scalars(select(ChildSealed)).one()
    assert (row.guardian_phone, row.guardian_phone_index) == (None, None)


def test_a_field_no_longer_in_use_can_only_be_removed(director: Browser, child: Child) -> None:
    in_use(PHONE)
    a_sealed_part(child)
    page = director.get(f"/children/{child.uid}/sealed")
    assert [tag["id"] for tag in page.soup.select("input.input, textarea")] == ["guardian_phone"]
    enter(director, child, removed=["health"], health="写不进去")

    assert SealedField.HEALTH not in services.opened(child.id, list(SealedField))


def test_an_empty_form_and_an_outdated_page_change_nothing(director: Browser, child: Child) -> None:
    in_use()
    assert enter(director, child, 422).errors == ["什么都没有填，也没有要删去的"]
    url = f"/children/{child.uid}/sealed"
    old = director.get(url).form("/sealed")
    enter(director, child, real_name=A_NAME)
    page = director.post(url, old | {"real_name": "李样例"}, 422)
    assert page.errors == ["刚刚有人改过这份档案，请看最新的内容再办"]
    enter(director, child, real_name="张样例")
    assert services.opened(child.id, [NAME]) == {NAME: "张样例"}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("real_name", "王" * 31),
        ("real_name", "王小样例 13800138000"),
        ("guardian_phone", "12345"),
        ("health", "微信号：abcdefg"),
        ("family", "在实验小学三年级2班"),
        ("exact_place", "长" * 101),
    ],
)
def test_what_does_not_belong_there_is_told_beside_its_field(
    director: Browser, child: Child, field: str, text: str
) -> None:
    in_use()
    assert enter(director, child, 422, **{field: text}).errors
    assert services.opened(child.id, list(SealedField)) == {}


def test_the_county_sees_that_it_is_on_file_and_no_more(coordinator: Browser, child: Child) -> None:
    in_use()
    a_sealed_part(child)
    page = coordinator.get(f"/children/{child.uid}")

    assert "真实姓名已登记监护人电话已登记" in card(page)
    assert "＊" not in card(page)
    assert "****" not in card(page)
    assert not page.links("/sealed")
    assert audited(child.uid) == [("child_seen", [])]
    coordinator.get(f"/children/{child.uid}/sealed", 403)


def test_a_part_that_cannot_be_read_does_not_hide_the_file(director: Browser, child: Child) -> None:
    """A backup has brought back a child that was erased since, or somebody moved a cell."""
    in_use()
    part = a_sealed_part(child)
    vault().destroy([part.slot])

    page = director.get(f"/children/{child.uid}")
    assert "密封信息现在读不出来" in card(page)
    assert "真实姓名已登记" in card(page)
    failed = enter(director, child, 503, real_name=A_NAME)
    assert failed.heading == "正在维护，请稍后再来"


# --- the same child twice ------------------------------------------------------------------


def test_a_child_with_the_same_name_and_phone_in_the_county_is_told(
    director: Browser, child: Child, county: Area
) -> None:
    in_use()
    there = a_child(a_village(a_township(county)))
    a_sealed_part(there, {NAME: A_NAME, PHONE: A_PHONE})

    page = enter(director, child, 422, real_name="王 小样例", guardian_phone=A_PHONE)
    assert page.errors[0].startswith("本县已有一份档案登记了同样的姓名和电话")
    assert there.alias not in page.text
    assert services.opened(child.id, [NAME]) == {}
    sent = page.form("/sealed") | {
        "real_name": A_NAME, "guardian_phone": A_PHONE, "apart": "y",
    }  # fmt: skip
    assert director.post(f"/children/{child.uid}/sealed", sent).notices == ["密封信息已更新"]


def test_whoever_is_told_of_another_file_leaves_a_row_the_coordinator_sees(
    director: Browser, coordinator: Browser, child: Child, county: Area
) -> None:
    in_use()
    there = a_child(a_village(a_township(county)))
    a_sealed_part(there, {NAME: A_NAME, PHONE: A_PHONE})

    for _turn in range(2):
        enter(director, child, 422, real_name=A_NAME, guardian_phone=A_PHONE)

    told = ("sealed_twin_told", ["guardian_phone", "real_name"])
    assert [row for row in audited(child.uid) if row[0] != "child_seen"] == [told, told]
    assert audited(there.uid) == []
    rows = db.session.scalars(select(AuditRow).where(AuditRow.action == told[0]))
    kept = "".join(f"{row.ref}{row.fields}{row.reason}" for row in rows)
    assert not any(value in kept for value in (A_NAME, A_PHONE, there.uid, there.alias))
    log = coordinator.get(f"/children/{child.uid}/access")
    assert "登记时得知已有同名同电话的档案" in log.text


def test_it_is_noticed_when_only_the_phone_is_added_later(
    director: Browser, child: Child, county: Area
) -> None:
    in_use()
    a_sealed_part(a_child(a_village(a_township(county))), {NAME: A_NAME, PHONE: A_PHONE})
    enter(director, child, real_name=A_NAME)
    assert enter(director, child, 422, guardian_phone=A_PHONE).errors


@pytest.mark.parametrize("given", ["brother", "elsewhere", "closed"])
def test_brothers_other_counties_and_closed_files_are_no_doubles(
    director: Browser, child: Child, county: Area, given: str
) -> None:
    in_use()
    village = a_village() if given == "elsewhere" else a_village(a_township(county))
    other = a_child(village, state=NeedState.WITHDRAWN if given == "closed" else NeedState.OPEN)
    name = "王大样例" if given == "brother" else A_NAME
    a_sealed_part(other, {NAME: name, PHONE: A_PHONE})

    page = enter(director, child, real_name=A_NAME, guardian_phone=A_PHONE)
    assert page.notices == ["密封信息已更新"]


# --- searching -----------------------------------------------------------------------------


def found(browser: Browser, **asked: str) -> list[str]:
    page = browser.post("/children/find", browser.get("/children/find").form("/find") | asked)
    return page.texts(".rows a")


def test_a_coordinator_finds_a_child_by_its_exact_name(
    coordinator: Browser, child: Child, village: Area
) -> None:
    in_use()
    a_sealed_part(child, {NAME: A_NAME, PHONE: A_PHONE})
    a_sealed_part(a_child(village), {NAME: A_NAME + "二", PHONE: A_PHONE})
    assert coordinator.get("/children").links("/children/find")

    assert found(coordinator, real_name="王　小样例") == [child.alias]
    assert found(coordinator, real_name=A_NAME, guardian_phone="１５４７６５４０００１") == [
        child.alias
    ]
    assert len(found(coordinator, guardian_phone=A_PHONE)) == 2
    for part in ("王", "王小", "小样例", "%", "_"):
        assert found(coordinator, real_name=part) == []


def test_a_neighbours_child_is_not_found(browse_as: BrowseAs, child: Child) -> None:
    a_sealed_part(child, {NAME: A_NAME, PHONE: A_PHONE})
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))

    assert found(neighbour, real_name=A_NAME) == []
    assert found(neighbour, guardian_phone=A_PHONE) == []
    assert audited(child.uid) == []


def test_every_search_leaves_a_row_that_names_fields_and_no_values(
    coordinator: Browser, child: Child
) -> None:
    a_sealed_part(child, {NAME: A_NAME, PHONE: A_PHONE})
    found(coordinator, real_name=A_NAME)
    found(coordinator, guardian_phone="15476549999")

    assert audited(child.uid) == [("children_searched", ["real_name"])]
    assert audited("") == [("children_searched", ["guardian_phone"])]
    coordinator.post("/children/find", {}, 422)
    rows = db.session.scalars(select(AuditRow)).all()
    kept = "".join(f"{row.ref}{row.fields}{row.reason}" for row in rows)
    assert A_NAME not in kept
    assert "15476549999" not in kept


def test_while_keys_change_rows_of_both_are_found(
    coordinator: Browser, child: Child, village: Area
) -> None:
    other = a_child(village)
    a_sealed_part(child, {NAME: A_NAME})
    crypto.use_key(Ring({1: b"k" * 32, 2: b"n" * 32}))
    try:
        a_sealed_part(other, {NAME: A_NAME})
        assert set(found(coordinator, real_name=A_NAME)) == {child.alias, other.alias}
    finally:
        crypto.use_key(b"k" * 32)
