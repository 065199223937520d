"""Children's files: who reports, checks, opens, changes and looks, and who does not."""

from typing import Any

import pytest
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Role
from children import services
from children.models import Child, ChildFreeTime
from children.queries import free_times
from children.rules import (
    CELLS,
    AgeBand,
    Category,
    Facts,
    Need,
    NeedState,
    Risk,
)
from core.audit import AuditRow
from core.db import db
from core.errors import NotYours, RuleBroken
from places.models import Area
from tests.browser import Browser
from tests.builders.children import (
    a_child,
    a_childs_free_time,
)
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_county, a_village
from tests.conftest import BrowseAs

SATURDAY_MORNING = next(
    str(index) for index, cell in enumerate(CELLS) if (cell.weekday, cell.start) == (5, 9 * 60)
)


@pytest.fixture
def village(app: object) -> Area:
    return a_village()


@pytest.fixture
def director(village: Area, browse_as: BrowseAs) -> Browser:
    return seeing(browse_as(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=village.id)))


@pytest.fixture
def supervisor(village: Area, browse_as: BrowseAs) -> Browser:
    person = a_member_of_staff(Role.CHILD_SUPERVISOR, area_id=village.parent_id)
    return seeing(browse_as(person))


@pytest.fixture
def coordinator(village: Area, browse_as: BrowseAs) -> Browser:
    return seeing(browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county_of(village))))


def seeing(browser: Browser) -> Browser:
    browser.may_see_children = True
    return browser


def county_of(village: Area) -> int | None:
    return db.session.get_one(Area, village.parent_id).parent_id


def a_report(village: Area, **given: Any) -> dict[str, Any]:
    return {
        "village": str(village.id),
        "alias": "小禾07",
        "sex": "girl",
        "age_band": "8-10",
        "category": "left_behind",
        "risk": "mid_low",
        "needs": ["homework", "company"],
        "interests": "画画",
        "care_hint": "不吃花生",
        "free": [SATURDAY_MORNING],
    } | given


def files() -> int:
    return db.session.scalar(select(func.count(Child.id))) or 0


def reload(child: Child) -> Child:
    db.session.refresh(child)
    return child


def audited(child: Child) -> list[str]:
    return list(
        db.session.scalars(
            select(AuditRow.action).where(AuditRow.ref == child.uid).order_by(AuditRow.id)
        )
    )


def test_a_director_reports_a_child_by_an_alias(director: Browser, village: Area) -> None:
    page = director.post("/children/new", a_report(village))

    assert page.heading == "档案：小禾07"
    assert page.notices == ["已上报，等督导员核实。接着登记家长和孩子的意见"]
    child = db.session.scalars(select(Child)).one()
    assert (child.state, child.village_id) == (NeedState.REPORTED, village.id)
    assert child.county_id == county_of(village)
    time = db.session.scalars(select(ChildFreeTime)).one()
    assert (time.weekday, time.start_minute, time.end_minute) == (5, 540, 720)
    assert audited(child) == ["child_reported", "child_seen"]


def test_the_form_suggests_an_alias_nobody_has(director: Browser, village: Area) -> None:
    page = director.get("/children/new")
    suggested = page.soup.select_one("#alias")["value"]  # type: ignore[index]  # is there

    director.post("/children/new", a_report(village, alias=suggested))

    assert files() == 1


def test_an_alias_is_one_childs_in_the_county(director: Browser, village: Area) -> None:
    a_child(village, alias="小禾07")
    elsewhere = a_child(alias="小禾08")

    page = director.post("/children/new", a_report(village), status=422)

    assert page.errors[0] == "这个代号本县已有孩子在用，请换一个"
    assert "可以用的代号：小" in page.text
    director.post("/children/new", a_report(village, alias=elsewhere.alias))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"alias": ""}, "请填写这一项"),
        ({"alias": "王小明"}, "代号要像 小禾07 这样"),
        ({"alias": "小禾07\x00"}, "含有无法识别的字符"),
        ({"alias": "😀07"}, "代号要像 小禾07 这样"),
        ({"sex": ""}, "请选择"),
        ({"sex": "other"}, "不是有效的选择"),
        ({"age_band": ""}, "请选择"),
        ({"age_band": "9"}, "不是有效的选择"),
        ({"category": "pauper"}, "不是有效的选择"),
        ({"risk": ""}, "请选择"),
        ({"needs": []}, "至少选一项"),
        ({"needs": ["gold"]}, "请从列表里选"),
        ({"free": []}, "至少选一段时间"),
        ({"free": ["99", "x"]}, "请从列表里选"),
        ({"interests": "画" * 101}, "最多 100 个字"),
        ({"interests": "在长凝镇小学读书"}, "学校或班级"),
        ({"care_hint": "妈妈 138 0013 8000"}, "电话号码"),
        ({"care_hint": "１４０７０２２０１５０１０１１２３Ｘ"}, "身份证号"),
        ({"care_hint": "加微信abc12345"}, "微信等账号"),
        ({"village": ""}, "请选择"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    director: Browser, village: Area, given: dict[str, Any], told: str
) -> None:
    page = director.post("/children/new", a_report(village) | given, status=422)

    (field,) = given
    assert told in page.texts(f"#{field}-wrong")[0]
    assert files() == 0


def test_wide_digits_in_an_alias_are_digits(director: Browser, village: Area) -> None:
    director.post("/children/new", a_report(village, alias="小禾０７ "))

    assert db.session.scalars(select(Child.alias)).all() == ["小禾07"]


def test_a_report_sent_twice_is_one_file(director: Browser, village: Area) -> None:
    sent = a_report(village, form_key="k" * 22)

    first, again = director.post("/children/new", sent), director.post("/children/new", sent)

    assert first.heading == again.heading
    assert files() == 1


def test_nobody_reports_for_another_village(director: Browser, village: Area) -> None:
    page = director.post("/children/new", a_report(a_village()), status=422)

    assert page.texts("#village-wrong")
    assert files() == 0


def test_the_service_itself_keeps_directors_to_their_village(village: Area) -> None:
    stranger = actor_for(a_member_of_staff(Role.CHILD_DIRECTOR, area_id=a_village().id))
    facts = Facts(
        girl=True,
        age_band=AgeBand.A8_10,
        category=Category.LEFT_BEHIND,
        risk=Risk.LOW,
        boarding=False,
        needs=(Need.READING,),
        interests="",
        care_hint="",
        free=(),
    )

    with pytest.raises(NotYours):
        services.report(services.Report(village.id, "小禾07", facts), by=stranger)
    assert files() == 0


def test_a_supervisor_verifies_and_a_coordinator_opens(
    supervisor: Browser, coordinator: Browser, village: Area
) -> None:
    child = a_child(village, state=NeedState.REPORTED)

    page = supervisor.get(f"/children/{child.uid}")
    supervisor.post(f"/children/{child.uid}/verify", page.form("verify"))
    assert reload(child).state is NeedState.VERIFIED

    page = coordinator.get(f"/children/{child.uid}")
    page = coordinator.post(f"/children/{child.uid}/open", page.form("open"))
    assert reload(child).state is NeedState.OPEN
    assert child.open_since is not None
    assert page.notices == ["已开放，孩子进入等待结对的名单"]
    assert {"child_verified", "child_opened"} <= set(audited(child))


def test_nobody_verifies_their_own_report(village: Area) -> None:
    both = a_member_of_staff(Role.CHILD_DIRECTOR, area_id=village.id)
    a_grant(both, Role.CHILD_SUPERVISOR, area_id=village.parent_id)
    child = a_child(village, state=NeedState.REPORTED, reported_by_id=both)

    with pytest.raises(RuleBroken, match="另一个人核实"):
        services.verify(child.uid, version=1, by=actor_for(both))


def test_a_report_goes_back_and_comes_again(
    director: Browser, supervisor: Browser, village: Area
) -> None:
    child = a_child(village, state=NeedState.REPORTED)
    page = supervisor.get(f"/children/{child.uid}/send-back")
    supervisor.post(
        f"/children/{child.uid}/send-back", page.form("send-back") | {"note": "请写清空闲时间"}
    )
    assert texts(director, "/children?state=sent_back") == [child.alias]
    assert texts(supervisor, "/children?state=to_verify") == []

    page = director.get(f"/children/{child.uid}/edit")
    assert "督导员请您补充：请写清空闲时间" in page.text
    director.post(f"/children/{child.uid}/edit", page.form("edit") | a_report(village))

    assert texts(supervisor, "/children?state=to_verify") == [child.alias]


def texts(browser: Browser, url: str) -> list[str]:
    """Return the aliases a list shows."""
    return browser.get(url).texts("tbody th a")


def test_two_people_who_change_a_file_at_once_do_not_undo_each_other(
    director: Browser, supervisor: Browser, village: Area
) -> None:
    child = a_child(village, state=NeedState.REPORTED)
    page = director.get(f"/children/{child.uid}/edit")
    supervisor.post(f"/children/{child.uid}/verify", {"version": "1"})

    late = director.post(
        f"/children/{child.uid}/edit",
        page.form("edit") | a_report(village, interests="踢球"),
        status=422,
    )

    assert "刚刚有人改过这份档案，请看最新的内容再办" in late.errors
    assert reload(child).interests == "画画"


def test_a_button_of_an_old_page_changes_nothing(supervisor: Browser, village: Area) -> None:
    child = a_child(village, state=NeedState.REPORTED, version=4)

    for version in ("3", "", "x", "９"):
        page = supervisor.post(f"/children/{child.uid}/verify", {"version": version}, status=409)
        assert "刚刚有人改过这份档案" in page.text
    assert reload(child).state is NeedState.REPORTED


def test_what_is_verified_the_village_does_not_change_alone(
    director: Browser, coordinator: Browser, village: Area
) -> None:
    child = a_child(village, state=NeedState.OPEN)
    changed = a_report(village, risk="high", interests="踢球")

    page = director.get(f"/children/{child.uid}/edit")
    refused = director.post(f"/children/{child.uid}/edit", page.form("edit") | changed, status=422)
    assert "核实过的内容（风险等级）由督导员或协调员修改" in refused.errors

    page = coordinator.get(f"/children/{child.uid}/edit")
    coordinator.post(f"/children/{child.uid}/edit", page.form("edit") | changed)
    assert (reload(child).risk, child.interests) == (Risk.HIGH, "踢球")
    edited = db.session.scalars(
        select(AuditRow.fields).where(AuditRow.action == "child_edited")
    ).one()
    assert edited == ["risk", "interests", "free"]


def test_a_director_keeps_the_rest_of_an_open_file_up_to_date(
    director: Browser, village: Area
) -> None:
    child = a_child(village)
    page = director.get(f"/children/{child.uid}/edit")

    director.post(
        f"/children/{child.uid}/edit",
        page.form("edit") | a_report(village, needs=["sports"]),
    )

    assert (reload(child).needs, child.state, child.version) == (["sports"], NeedState.OPEN, 2)


def test_times_that_no_box_can_say_survive_a_change_of_something_else(
    director: Browser, village: Area
) -> None:
    child = a_child(village)
    a_childs_free_time(child, weekday=6, start_minute=10 * 60, end_minute=11 * 60)
    page = director.get(f"/children/{child.uid}/edit")
    boxes = [str(box["value"]) for box in page.soup.select("[name=free][checked]")]

    director.post(
        f"/children/{child.uid}/edit",
        page.form("edit") | a_report(village, interests="踢球", free=boxes),
    )

    times = [(one.weekday, one.start, one.end) for one in free_times(child.id)]
    assert times == [(5, 540, 1080), (6, 600, 660)]


def test_a_need_that_is_none_is_taken_back_but_not_while_paired(
    director: Browser, village: Area
) -> None:
    child, paired = a_child(village), a_child(village, state=NeedState.MATCHED)
    page = director.get(f"/children/{child.uid}/close")

    director.post(f"/children/{child.uid}/close", page.form("close") | {"reason": "父母已返乡"})
    refused = director.post(
        f"/children/{paired.uid}/close", {"version": "1", "reason": "父母已返乡"}, status=422
    )

    assert reload(child).state is NeedState.WITHDRAWN
    assert "孩子正在结对中，请先结束结对" in refused.errors


def test_every_look_at_a_file_is_kept(supervisor: Browser, village: Area) -> None:
    child = a_child(village)

    supervisor.get(f"/children/{child.uid}")
    supervisor.get(f"/children/{child.uid}")

    assert audited(child) == ["child_seen", "child_seen"]


def test_a_look_that_is_refused_is_no_look_but_is_kept(browse_as: BrowseAs) -> None:
    child = a_child()
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))

    neighbour.get(f"/children/{child.uid}", status=404)

    assert audited(child) == ["denied"]
