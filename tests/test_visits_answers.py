"""One tap says whether somebody comes to a visit; whoever plans it sees the answer."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Role
from core.audit import AuditRow
from core.db import db, transaction
from messages.models import Message
from messages.rules import Channel
from messages.texts import render, render_here
from pairings.models import Pairing
from pairings.rules import Stage
from tests.browser import Browser
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.visits import SATURDAY, a_plan, a_visit, members_of
from tests.canaries import leaked, plant
from tests.conftest import AtMost, BrowseAs, SetClock
from visits import services as visits
from visits.answers.models import VisitAnswer
from visits.answers.rules import Asked, Said, asked_in, minute_of
from visits.answers.services import token_of
from visits.models import Visit
from visits.queries import attendees
from visits.rules import CancelReason, State

REMINDERS = ("visit_t7d", "visit_t2d", "visit_t2h")
LATER = SATURDAY + timedelta(days=7)


@pytest.fixture
def pairing(app: Flask) -> Pairing:
    return a_pairing(stage=Stage.SCHEDULED_INTRO)


@pytest.fixture
def visit(pairing: Pairing) -> Visit:
    """A visit that its leader has planned, with its reminders."""
    by = actor_for(members_of(pairing)[0][0])
    uid = visits.plan_visit(pairing.uid, a_plan(pairing, LATER), by=by)
    return db.session.scalars(select(Visit).where(Visit.uid == uid)).one()


def member(pairing: Pairing) -> int:
    return members_of(pairing)[1][0]


def path_for(visit: Visit, person_id: int) -> str:
    asked = Asked(visit.uid, person_id, minute_of(visit.starts_at))
    return f"/visits/answer/{token_of(asked)}"


def said() -> list[Said]:
    db.session.rollback()
    return list(db.session.scalars(select(VisitAnswer.said).order_by(VisitAnswer.id)))


def coordinator_of(pairing: Pairing, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id))


def test_the_link_in_a_reminder_leads_to_two_buttons(
    visit: Visit, pairing: Pairing, visitor: Browser
) -> None:
    rows = db.session.scalars(
        select(Message).where(
            Message.kind.in_(REMINDERS),
            Message.person_id == member(pairing),
            Message.channel == Channel.INAPP,
        )
    ).all()
    assert {row.kind for row in rows} == set(REMINDERS)
    for row in rows:
        text = render(row.kind, "zh_Hans", row.params).body
        (path,) = re.findall(r"http://localhost(/visits/answer/\S+)", text)
        assert path == path_for(visit, member(pairing))
    page = visitor.get(path)
    assert page.texts("main form button") == ["我来", "来不了"]
    assert said() == []


def test_the_ledger_holds_no_key_to_the_link(visit: Visit, pairing: Pairing) -> None:
    token = path_for(visit, member(pairing)).rpartition("/")[2]
    mark = token.rpartition(".")[2]
    for row in db.session.scalars(select(Message)):
        assert mark not in str(row.params)


def test_the_page_shows_time_and_number_only(visit: Visit, pairing: Pairing, app: Flask) -> None:
    planted = plant("本")
    page = Browser(app).get(path_for(visit, member(pairing)))
    assert f"{visit.id:06d}" in page.text
    assert leaked(page.html, planted) == set()
    names = [one.name for one in attendees(visit)]
    assert [name for name in names if name in page.text] == []
    assert visit.place_text not in page.text


def test_whoever_plans_sees_who_cannot_come(
    visit: Visit, pairing: Pairing, visitor: Browser, browse_as: BrowseAs
) -> None:
    path = path_for(visit, member(pairing))
    answered = visitor.post(f"{path}/stays")
    assert "您说了来不了" in answered.text
    for planner in (browse_as(members_of(pairing)[0][0]), coordinator_of(pairing, browse_as)):
        assert "走访有人来不了" in planner.get("/home").text
        assert f"{visit.id:06d}" in planner.get("/visits/answers").text
        assert "来不了" in planner.get(f"/visits/{visit.uid}").texts(".tag")
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "visit_answered")).one()
    assert (row.ref, row.actor_id, row.reason) == (visit.uid, member(pairing), "stays")


def test_the_last_word_counts(
    visit: Visit, pairing: Pairing, visitor: Browser, browse_as: BrowseAs
) -> None:
    path = path_for(visit, member(pairing))
    for verb in ("stays", "comes", "comes"):
        visitor.post(f"{path}/{verb}")
    assert said() == [Said.COMES]
    planner = coordinator_of(pairing, browse_as)
    assert "大家都能来" in planner.get("/visits/answers").text
    assert "说了会来" in planner.get(f"/visits/{visit.uid}").texts(".tag")


def test_another_county_sees_no_answer(
    visit: Visit, pairing: Pairing, visitor: Browser, browse_as: BrowseAs
) -> None:
    visitor.post(f"{path_for(visit, member(pairing))}/stays")
    neighbour = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    assert "大家都能来" in neighbour.get("/visits/answers").text
    mate = browse_as(member(pairing))
    assert "来不了" not in mate.get(f"/visits/{visit.uid}").texts(".tag")


def test_after_a_move_the_old_link_answers_nothing(
    visit: Visit, pairing: Pairing, visitor: Browser, browse_as: BrowseAs
) -> None:
    old = path_for(visit, member(pairing))
    visitor.post(f"{old}/stays")
    by = actor_for(members_of(pairing)[0][0])
    plan = a_plan(pairing, LATER + timedelta(days=1))
    visits.move(visit.uid, plan, version=visit.version, by=by)

    assert "改了时间" in visitor.get(old, status=410).text
    assert "改期" in visitor.post(f"{old}/comes", status=409).text
    assert "大家都能来" in coordinator_of(pairing, browse_as).get("/visits/answers").text
    db.session.rollback()
    moved = db.session.scalars(select(Visit).where(Visit.uid == visit.uid)).one()
    visitor.post(f"{path_for(moved, member(pairing))}/comes")
    assert said() == [Said.COMES]


def test_a_confirmation_leaves_the_link_good(visit: Visit, pairing: Pairing, app: Flask) -> None:
    with transaction():
        visit.state, visit.version = State.CONFIRMED, visit.version + 1
    Browser(app).post(f"{path_for(visit, member(pairing))}/comes")
    assert said() == [Said.COMES]


def test_a_link_is_good_until_the_visit_begins(
    visit: Visit, pairing: Pairing, visitor: Browser, set_clock: SetClock
) -> None:
    path = path_for(visit, member(pairing))
    set_clock(LATER - timedelta(seconds=1))
    visitor.get(path)
    set_clock(LATER)
    visitor.get(path, status=410)
    visitor.post(f"{path}/comes", status=409)
    assert said() == []


def test_nobody_answers_for_a_visit_that_is_off(
    visit: Visit, pairing: Pairing, visitor: Browser
) -> None:
    visits.cancel(visit.uid, CancelReason.WEATHER, by=actor_for(members_of(pairing)[0][0]))
    path = path_for(visit, member(pairing))
    visitor.get(path, status=410)
    visitor.post(f"{path}/stays", status=409)


def test_somebody_who_takes_no_part_has_nothing_to_answer(visit: Visit, visitor: Browser) -> None:
    path = path_for(visit, a_member_of_staff(Role.COORDINATOR, area_id=visit.county_id))
    visitor.get(path, status=404)
    visitor.post(f"{path}/comes", status=409)
    assert said() == []


def test_a_forged_link_is_not_there(visit: Visit, pairing: Pairing, visitor: Browser) -> None:
    token = path_for(visit, member(pairing)).rpartition("/")[2]
    told, _dot, mark = token.rpartition(".")
    other = Asked(visit.uid, members_of(pairing)[0][0], minute_of(visit.starts_at)).told
    forged = [
        f"{other}.{mark}",
        told,
        f"{told}.",
        f"{told}.{mark[:-1]}",
        f"{told}.é",
        "x",
        f".{mark}",
    ]
    for one in forged:
        visitor.get(f"/visits/answer/{one}", status=404)
        visitor.post(f"/visits/answer/{one}/comes", status=404)
    visitor.post(f"/visits/answer/{token}/perhaps", status=404)
    assert said() == []


def test_reminders_planned_before_there_were_links_still_have_a_text(app: Flask) -> None:
    params = {"uid": "u" * 22, "number": "000001", "when": "2026-11-28 10:00–11:30"}
    for kind in REMINDERS:
        with app.test_request_context():
            assert "/visits/answer/" not in render_here(kind, params).body


def test_the_pages_ask_little_of_the_database(
    visit: Visit, pairing: Pairing, visitor: Browser, browse_as: BrowseAs, at_most: AtMost
) -> None:
    path = path_for(visit, member(pairing))
    visitor.post(f"{path}/stays")
    with at_most(1):
        visitor.get(path)
    others = [a_visit(pairing, starts_at=LATER + timedelta(days=7 * n)) for n in range(1, 55)]
    for other in others:
        visitor.post(f"{path_for(other, member(pairing))}/stays")
    planner = coordinator_of(pairing, browse_as)
    with at_most(7):
        page = planner.get("/visits/answers")
    assert page.links("after=")


@given(
    st.text("ABCxyz_-0123456789", min_size=22, max_size=22),
    st.integers(0, 2**31 - 1),
    st.integers(0, 36**9 - 1),
)
def test_what_a_link_carries_is_read_as_it_was_written(
    visit: str, person_id: int, minute: int
) -> None:
    asked = Asked(visit, person_id, minute)
    assert asked_in(asked.told) == asked
    assert len(asked.told) <= 42


@pytest.mark.parametrize(
    "told", ["", "a.b.c", "a" * 22 + ".1", "a" * 22 + ".!.1", "a" * 22 + ".1." + "z" * 10]
)
def test_what_no_link_carries_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        asked_in(told)
