"""Leave to look at what is sealed of a child: one asks, another approves, and it ends."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from accounts.models import RoleGrant
from accounts.queries import actor_for
from accounts.rules import Role
from children.access import services
from children.access.models import AccessGrant, Reveal
from children.access.rules import GrantState, Ground
from children.sealed.rules import SealedField
from core import clock
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from tests.builders.access import a_grant_to_look
from tests.builders.children import a_child
from tests.builders.people import a_grant
from tests.builders.places import a_county
from tests.conftest import NOON, SetClock
from tests.factories import CANARY
from tests.test_access import NAME, PHONE, WHY, Case, asked, case

__all__ = ["case"]  # the fixtures of its neighbour


def test_one_asks_another_approves_and_it_ends_by_itself(case: Case, set_clock: SetClock) -> None:
    coordinator = case.somebody(Role.COORDINATOR)
    lead = case.somebody(Role.SAFEGUARDING_LEAD)
    page = case.browser(coordinator).post(
        f"{case.url}/access/ask", {"fields": [NAME, PHONE], "hours": "4", **WHY}
    )
    assert page.notices == ["已提交，等另一个人审批"]
    (way,) = case.browser(lead).get("/home").links("/access-requests?")
    (answer,) = case.browser(lead).get(way).links("/access-requests/")
    case.reveal(coordinator, status=403)

    case.browser(lead).post(answer, {"decision": "approve", "note": "可以"})

    assert CANARY in case.reveal(coordinator, NAME, PHONE).html
    assert db.session.scalars(select(Reveal.ground)).one() is Ground.GRANT
    case.reveal(coordinator, "exact_place", status=403)
    set_clock(NOON + timedelta(hours=4))
    assert CANARY not in case.reveal(coordinator, status=403).html
    assert case.trail("access_asked", "access_approved", "child_revealed") == [
        "access_asked",
        "access_approved",
        "child_revealed",
    ]


def test_nobody_approves_what_they_asked_for(case: Case) -> None:
    coordinator = case.somebody(Role.COORDINATOR)
    uid = services.ask(case.child.uid, asked(), by=actor_for(coordinator))

    assert "这是您自己的申请" in case.browser(coordinator).get(f"/access-requests/{uid}").text
    page = case.browser(coordinator).post(
        f"/access-requests/{uid}", {"decision": "approve"}, status=422
    )

    assert "自己的申请要由另一个人审批" in page.text
    assert state_of(uid) is GrantState.REQUESTED
    assert case.trail() == ["access_asked", "denied"]
    with pytest.raises(Exception, match="two_people"), transaction():
        db.session.execute(
            update(AccessGrant).where(AccessGrant.uid == uid).values(decided_by_id=coordinator)
        )


def test_an_approver_who_lost_the_role_meanwhile_finds_nothing(case: Case) -> None:
    uid = services.ask(case.child.uid, asked(), by=actor_for(case.somebody(Role.COORDINATOR)))
    lead = case.somebody(Role.SAFEGUARDING_LEAD)
    browser, opened_before = case.browser(lead), actor_for(lead)
    browser.get(f"/access-requests/{uid}")
    demote(lead)

    browser.post(f"/access-requests/{uid}", {"decision": "approve"}, status=403)
    with pytest.raises(NotYours):
        services.approve(uid, "", by=opened_before)

    assert state_of(uid) is GrantState.REQUESTED


def test_a_holder_who_lost_the_role_meanwhile_sees_nothing(case: Case) -> None:
    coordinator = case.somebody(Role.COORDINATOR)
    a_grant_to_look(case.child, coordinator)
    demote(coordinator)
    assert case.reveal(coordinator, status=403)
    a_grant(coordinator, Role.COORDINATOR, area_id=a_county().id)

    page = case.reveal(coordinator, status=404)

    assert CANARY not in page.html


def test_what_is_taken_back_is_over_at_once(case: Case) -> None:
    coordinator = case.somebody(Role.COORDINATOR)
    grant = a_grant_to_look(case.child, coordinator)
    browser = case.browser(coordinator)
    form = browser.get(f"{case.url}/reveal").form("/reveal") | {"fields": [NAME], **WHY}

    supervisor = case.browser(case.somebody(Role.CHILD_SUPERVISOR))
    assert "有效" in supervisor.get("/access-requests").text
    supervisor.post(f"/access-requests/{grant.uid}/revoke")

    assert CANARY not in browser.post(f"{case.url}/reveal", form, status=403).html
    assert case.trail() == ["access_revoked", "reveal_denied"]
    supervisor.post(f"/access-requests/{grant.uid}/revoke", status=409)


def test_a_clock_set_back_gives_no_grant_its_time_again(case: Case, set_clock: SetClock) -> None:
    coordinator = case.somebody(Role.COORDINATOR)
    with transaction():
        db.session.execute(update(RoleGrant).values(from_on=NOON.date() - timedelta(days=9)))
    used, swept = a_grant_to_look(case.child, coordinator), a_grant_to_look(a_child(), coordinator)
    set_clock(NOON + timedelta(hours=23))
    case.reveal(coordinator)
    set_clock(NOON + timedelta(hours=2))
    assert CANARY not in case.reveal(coordinator, status=403).html
    set_clock(NOON + timedelta(hours=25))
    assert services.sweep() == 2
    set_clock(NOON + timedelta(hours=24) - timedelta(seconds=1))

    assert CANARY not in case.reveal(coordinator, status=403).html
    assert {state_of(used.uid), state_of(swept.uid)} == {GrantState.EXPIRED}
    assert services.sweep() == 0


def test_a_clock_put_right_by_seconds_takes_no_grant_away(case: Case, set_clock: SetClock) -> None:
    coordinator = case.somebody(Role.COORDINATOR)
    a_grant_to_look(case.child, coordinator)
    set_clock(NOON - timedelta(seconds=30))

    assert CANARY in case.reveal(coordinator).html


def test_a_request_that_nobody_answers_lapses(case: Case, set_clock: SetClock) -> None:
    uid = services.ask(case.child.uid, asked(), by=actor_for(case.somebody(Role.COORDINATOR)))
    set_clock(NOON + timedelta(days=6))
    assert services.sweep() == 0

    set_clock(NOON + timedelta(days=7))

    assert services.sweep() == 1
    assert state_of(uid) is GrantState.EXPIRED
    assert case.trail() == ["access_asked", "access_expired"]
    with pytest.raises(RuleBroken, match="刚刚有变动"):
        services.approve(uid, "", by=actor_for(lead_since_long(case)))


def test_nobody_is_granted_what_their_duty_never_needs(case: Case) -> None:
    city = actor_for(case.somebody(Role.CITY_COORDINATOR))

    with pytest.raises(RuleBroken, match="不需要知道"):
        services.ask(case.child.uid, asked(SealedField.HEALTH), by=city)
    with pytest.raises(RuleBroken, match="最长 72 小时"):
        services.ask(case.child.uid, asked(hours=73), by=city)
    services.ask(case.child.uid, asked(), by=city)
    with pytest.raises(RuleBroken, match="还在等待审批"):
        services.ask(case.child.uid, asked(), by=city)


def test_the_city_sees_a_name_only_when_the_county_agrees(case: Case) -> None:
    city = case.somebody(Role.CITY_COORDINATOR)
    browser = case.browser(city)
    browser.get(case.url, status=403)
    asking = browser.get(f"{case.url}/access/ask")
    assert case.child.alias not in asking.text
    browser.post(f"{case.url}/access/ask", {"fields": [NAME], "hours": "24", **WHY})
    uid = db.session.scalars(select(AccessGrant.uid)).one()

    coordinator = case.browser(case.somebody(Role.COORDINATOR))
    coordinator.post(f"/access-requests/{uid}", {"decision": "approve"})

    page = case.reveal(city)
    assert CANARY in page.html
    assert case.child.alias not in page.text


def test_a_request_can_be_declined_with_a_reason(case: Case) -> None:
    coordinator = case.somebody(Role.COORDINATOR)
    uid = services.ask(case.child.uid, asked(), by=actor_for(coordinator))
    lead = case.browser(case.somebody(Role.SAFEGUARDING_LEAD))

    lead.post(f"/access-requests/{uid}", {"decision": "decline", "note": "走访已取消"})

    assert "走访已取消" in case.browser(coordinator).get("/access-requests").text
    assert "已经处理过了" in lead.get(f"/access-requests/{uid}").text
    page = lead.post(f"/access-requests/{uid}", {"decision": "approve"}, status=422)
    assert "刚刚有变动" in page.text
    assert state_of(uid) is GrantState.DECLINED


def state_of(uid: str) -> GrantState:
    db.session.rollback()
    return db.session.scalars(select(AccessGrant.state).where(AccessGrant.uid == uid)).one()


def demote(person_id: int) -> None:
    with transaction():
        db.session.execute(
            update(RoleGrant).where(RoleGrant.person_id == person_id).values(ended_at=clock.now())
        )


def lead_since_long(case: Case) -> int:
    return case.somebody(Role.SAFEGUARDING_LEAD)
