"""A breach: entered at once, contained, reported, told to families, closed; no step left out."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Role
from core import clock
from core.audit import AuditRow
from core.db import db
from core.errors import RuleBroken
from rights.breaches import services
from rights.breaches.models import Breach, BreachStep
from rights.breaches.rules import ORDER, State, next_state
from tests.browser import Browser
from tests.builders.people import a_member_of_staff
from tests.builders.rights import a_breach
from tests.conftest import BrowseAs

FILLED = {
    "title": "名单发错了群",
    "kind": "leaked",
    "detected_on": "2026-11-24",
    "detected_at": "09:30",
    "involved": "姓名和手机号",
    "people": "12",
    "children": "0",
    "cause": "选错了收件人",
    "harm": "可能被打扰",
    "measures": "撤回并请对方删除",
    "advice": "留意陌生来电",
}


@pytest.fixture
def officer_id(app: Flask) -> int:
    return a_member_of_staff(Role.DPO)


@pytest.fixture
def officer(officer_id: int, browse_as: BrowseAs) -> Browser:
    return browse_as(officer_id)


def test_from_notice_to_close(officer: Browser) -> None:
    officer.post("/breaches/new", officer.get("/breaches/new").form("new") | FILLED)
    uid = db.session.scalars(select(Breach.uid)).one()
    assert "没有结案的个人信息事件" in officer.get("/home").text

    for state in ORDER[1:]:
        officer.post(f"/breaches/{uid}/step/{state}", {"note": f"做了{state}"})

    db.session.expire_all()
    assert db.session.scalars(select(Breach.state)).one() is State.CLOSED
    assert [step.state for step in db.session.scalars(select(BreachStep))] == list(ORDER[1:])
    assert "没有结案的个人信息事件" not in officer.get("/home").text
    officer.post(f"/breaches/{uid}/edit", FILLED | {"version": "5"}, status=422)


@pytest.mark.parametrize("to", ["reported", "notified", "closed"])
def test_no_step_is_left_out(officer: Browser, officer_id: int, to: str) -> None:
    found = a_breach(officer_id)

    officer.post(f"/breaches/{found.uid}/step/{to}", {"note": "做了"}, status=422)

    assert db.session.scalar(select(func.count()).select_from(BreachStep)) == 0


def test_a_step_needs_its_words_and_is_taken_once(officer: Browser, officer_id: int) -> None:
    url = f"/breaches/{a_breach(officer_id).uid}/step/contained"
    officer.post(url, {"note": ""}, status=422)
    form = officer.get(url).form("step") | {"note": "改了密码"}

    for _press in range(2):
        officer.post(url, form)
    officer.post(url, {"note": "又一次"}, status=422)

    assert db.session.scalars(select(BreachStep.note)).all() == ["改了密码"]
    asked = select(func.count()).where(AuditRow.action == "breach_contained")
    assert db.session.scalar(asked) == 1


def test_a_step_that_is_none_is_not_there(officer: Browser, officer_id: int) -> None:
    uid = a_breach(officer_id).uid

    officer.get(f"/breaches/{uid}/step/detected", status=404)
    officer.get(f"/breaches/{uid}/step/anything", status=404)
    officer.get(f"/breaches/{uid}/notice/press", status=404)


@pytest.mark.parametrize(
    "wrong",
    [
        {"children": "13"},
        {"people": "-1"},
        {"people": "很多"},
        {"detected_at": "25:00"},
        {"detected_on": "2026-11-25"},
        {"cause": ""},
    ],
)
def test_what_cannot_be_is_said_beside_the_field(officer: Browser, wrong: dict[str, str]) -> None:
    page = officer.post("/breaches/new", FILLED | wrong, status=422)

    assert page.errors
    assert db.session.scalar(select(func.count()).select_from(Breach)) == 0


def test_both_notices_are_filled_in(officer: Browser, officer_id: int) -> None:
    found = a_breach(officer_id, advice="留意陌生来电", people=37)
    officer.post(f"/breaches/{found.uid}/step/contained", {"note": "已撤回"})

    families = officer.get(f"/breaches/{found.uid}/notice/families")
    authority = officer.get(f"/breaches/{found.uid}/notice/authority")

    assert "留意陌生来电" in families.text
    assert "37" not in families.text
    assert "37" in authority.texts("dd")
    assert authority.texts("main .rows li")[0].endswith("已撤回")
    english = officer.get(f"/en/breaches/{found.uid}/notice/families")
    assert english.heading.startswith("To parents")


def test_two_who_mend_it_at_once_do_not_undo_each_other(officer_id: int) -> None:
    found = a_breach(officer_id)
    content = services.Content(
        title="改过",
        kind=found.kind,
        involved="x",
        cause="x",
        harm="x",
        measures="x",
        advice="x",
        people=2,
        children=1,
        detected_at=clock.now() - timedelta(hours=1),
    )
    by, seen = actor_for(officer_id), found.version
    services.amend(found.uid, content, version=seen, by=by)

    with pytest.raises(RuleBroken, match="刚刚有人改过"):
        services.amend(found.uid, content, version=seen, by=by)


def test_an_auditor_reads_only(officer_id: int, browse_as: BrowseAs) -> None:
    auditor, found = browse_as(a_member_of_staff(Role.AUDITOR)), a_breach(officer_id)

    auditor.get(f"/breaches/{found.uid}")
    auditor.get("/breaches/new", status=403)


def test_after_the_last_step_there_is_none() -> None:
    assert next_state(State.CLOSED) is None
