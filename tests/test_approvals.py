"""What takes two people: roles and relaxed rules. The same person twice is refused everywhere."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from accounts import queries as people
from accounts import services as accounts
from accounts.admin.services import NewValue, Seat, disable, give_role, set_parameter
from accounts.approvals import services
from accounts.approvals.models import Approval
from accounts.approvals.queries import count_waiting
from accounts.approvals.rules import Step
from accounts.models import Person, RoleGrant
from accounts.queries import actor_for
from accounts.rules import Actor, Role
from core import clock
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.parameters import Parameter, ParameterValue, Stricter, declare, relaxes, value_on
from tests.builders.approvals import an_approval
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.places import a_city
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.races import ENGINES, at_once, site_on

TODAY = date(2026, 11, 24)
DAYS = Parameter("test.days", 7, "至少隔多少天", "天", "§3", "D", Stricter.HIGHER)


@pytest.fixture
def first(app: Flask) -> Actor:
    return an_administrator()


@pytest.fixture
def second(app: Flask) -> Actor:
    return an_administrator()


def an_administrator() -> Actor:
    return actor_for(a_member_of_staff(Role.ADMIN))


def a_request(by: Actor, person: Person | None = None) -> str:
    """Return the uid of a request that somebody may become an auditor."""
    seat = Seat(Role.AUDITOR, "", None)
    return give_role((person or a_person()).uid, seat, by=by, reason="年度审计")


def roles_of(person: Person) -> set[Role]:
    return {grant.role for grant in people.grants_of(person.id)}


def step(uid: str) -> Step:
    return db.session.scalars(select(Approval.state).where(Approval.uid == uid)).one()


def end_every_role(person_id: int | None) -> None:
    grants = select(RoleGrant.id).where(RoleGrant.person_id == person_id)
    for grant_id in db.session.scalars(grants).all():
        accounts.end_grant(grant_id, by=actor_for(person_id or 0), reason="离任")


def test_a_role_begins_when_another_administrator_approves(first: Actor, second: Actor) -> None:
    person = a_person()
    uid = a_request(first, person)
    assert roles_of(person) == set()

    services.approve(uid, "同意", by=second)

    assert roles_of(person) == {Role.AUDITOR}
    deeds = db.session.execute(select(AuditRow.action, AuditRow.actor_id).order_by(AuditRow.id))
    assert [tuple(row) for row in deeds] == [
        ("approval_asked", first.id),
        ("approval_given", second.id),
        ("grant_role", second.id),
    ]


def test_the_same_person_twice_is_refused(first: Actor) -> None:
    person = a_person()
    uid = a_request(first, person)
    for decide in (services.approve, services.decline):
        with pytest.raises(RuleBroken, match="要由另一个人决定"):
            decide(uid, "我自己", by=first)
    assert (step(uid), roles_of(person)) == (Step.ASKED, set())


def test_the_database_itself_asks_for_two_people(first: Actor) -> None:
    a_request(first)
    values: list[dict[str, Any]] = [
        {"state": Step.APPROVED, "decided_by_id": first.id},
        {"state": Step.APPROVED, "decided_by_id": None},
        {"state": Step.DECLINED, "decided_by_id": first.id, "carried_out_at": None},
    ]
    for given in values:
        with pytest.raises(IntegrityError), transaction() as session:
            session.execute(
                update(Approval).values({"decided_at": NOON, "carried_out_at": NOON} | given)
            )


def test_nobody_approves_a_role_for_themselves(first: Actor, second: Actor) -> None:
    receiver = db.session.get_one(Person, second.id)
    uid = a_request(first, receiver)
    with pytest.raises(RuleBroken, match="不能批准给自己的角色"):
        services.approve(uid, "", by=second)
    assert (step(uid), roles_of(receiver)) == (Step.ASKED, {Role.ADMIN})


def test_whoever_is_demoted_after_asking_gets_nothing_approved(first: Actor, second: Actor) -> None:
    person = a_person()
    uid = a_request(first, person)
    end_every_role(first.id)
    with pytest.raises(RuleBroken, match="已经没有这个权限"):
        services.approve(uid, "", by=second)
    assert (step(uid), roles_of(person)) == (Step.ASKED, set())
    services.decline(uid, "人已离任", by=second)
    assert step(uid) is Step.DECLINED


def test_whoever_is_disabled_after_asking_gets_nothing_approved(
    first: Actor, second: Actor
) -> None:
    uid = a_request(first)
    disable(db.session.get_one(Person, first.id).uid, by=second, reason="离职")
    with pytest.raises(RuleBroken, match="已经没有这个权限"):
        services.approve(uid, "", by=second)


def test_whoever_is_demoted_before_approving_approves_nothing(first: Actor, second: Actor) -> None:
    """The actor of the page they had open still holds the role; the database no longer does."""
    person = a_person()
    uid = a_request(first, person)
    end_every_role(second.id)
    for decide in (services.approve, services.decline):
        with pytest.raises(RuleBroken, match="现在没有批准这件事的权限"):
            decide(uid, "好", by=second)
    assert (step(uid), roles_of(person)) == (Step.ASKED, set())


def test_somebody_without_a_say_finds_no_request(first: Actor) -> None:
    uid = a_request(first)
    coordinator = actor_for(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    for decide in (services.approve, services.decline):
        with pytest.raises(NotYours):
            decide(uid, "好", by=coordinator)
        with pytest.raises(NotYours):
            decide("A" * 22, "好", by=coordinator)
    with pytest.raises(NotYours):
        services.withdraw(uid, by=coordinator)


def test_whoever_may_not_ask_asks_in_vain(app: Flask) -> None:
    with pytest.raises(NotYours):
        a_request(actor_for(a_member_of_staff(Role.COORDINATOR)))


def test_the_same_thing_is_asked_for_once_at_a_time(first: Actor, second: Actor) -> None:
    person = a_person()
    uid = a_request(first, person)
    with pytest.raises(RuleBroken, match="已经有人提出同样的事"):
        a_request(second, person)
    services.withdraw(uid, by=first)
    assert step(uid) is Step.WITHDRAWN
    assert a_request(second, person) != uid


def test_nobody_takes_back_what_another_has_asked_for(first: Actor, second: Actor) -> None:
    uid = a_request(first)
    with pytest.raises(RuleBroken, match="只有提出的人"):
        services.withdraw(uid, by=second)
    assert step(uid) is Step.ASKED


def test_what_is_settled_stays_settled(first: Actor, second: Actor) -> None:
    person = a_person()
    uid = a_request(first, person)
    services.decline(uid, "不需要", by=second)
    with pytest.raises(RuleBroken, match="已经办了"):
        services.approve(uid, "", by=second)
    with pytest.raises(RuleBroken, match="已经办了"):
        services.withdraw(uid, by=first)
    assert roles_of(person) == set()


def test_a_request_lapses_after_seven_days(
    first: Actor, second: Actor, set_clock: SetClock
) -> None:
    person = a_person()
    uid = a_request(first, person)
    set_clock(NOON + timedelta(days=7))
    assert count_waiting(second) == 0
    with pytest.raises(RuleBroken, match="过期"):
        services.approve(uid, "", by=second)
    assert a_request(first, person) != uid  # asking again sweeps the late one away
    assert step(uid) is Step.EXPIRED
    assert services.expire() == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_ten_approvals_at_once_carry_it_out_once(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as site:
        person = a_person()
        uid = a_request(an_administrator(), person)
        others = [an_administrator() for _turn in range(10)]

        def approving(by: Actor) -> Callable[[], None]:
            return lambda: services.approve(uid, "", by=by)

        refused = at_once(site, *(approving(other) for other in others))

        assert sum(refusal is None for refusal in refused) == 1
        grants = select(func.count(RoleGrant.id)).where(RoleGrant.person_id == person.id)
        assert db.session.scalar(grants) == 1
        given = select(func.count(AuditRow.id)).where(AuditRow.action == "approval_given")
        assert db.session.scalar(given) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_an_approval_and_its_withdrawal_at_once_do_one_of_both(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as site:
        first, second = an_administrator(), an_administrator()
        person = a_person()
        uid = a_request(first, person)

        refused = at_once(
            site,
            lambda: services.approve(uid, "", by=second),
            lambda: services.withdraw(uid, by=first),
        )

        assert sum(refusal is None for refusal in refused) == 1
        assert (step(uid) is Step.APPROVED) == (roles_of(person) == {Role.AUDITOR})


# --- rules that protect --------------------------------------------------------------------


def a_city_coordinator() -> Actor:
    return actor_for(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))


def a_value(text: str, day: date = TODAY, name: str = "test.days") -> NewValue:
    return NewValue(name, text, day, "市未保办〔2026〕1号")


def test_tightening_acts_at_once(app: Flask) -> None:
    declare(DAYS)
    assert set_parameter(a_value("9"), by=a_city_coordinator()) is None
    assert value_on("test.days", TODAY) == 9


def test_relaxing_waits_for_another_city_coordinator_or_a_safeguarding_lead(app: Flask) -> None:
    declare(DAYS)
    asker = a_city_coordinator()
    lead = actor_for(a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=a_city().id))
    for number, decider in enumerate((a_city_coordinator(), lead)):
        day = TODAY + timedelta(days=number)
        uid = set_parameter(a_value("5", day) if not number else a_value("4", day), by=asker)
        assert uid is not None
        with pytest.raises(RuleBroken, match="要由另一个人决定"):
            services.approve(uid, "", by=asker)
        assert value_on("test.days", day) == 7 - 2 * number
        services.approve(uid, "", by=decider)
        assert value_on("test.days", day) == 5 - number


def test_a_relaxation_never_reaches_back(app: Flask, set_clock: SetClock) -> None:
    declare(DAYS)
    uid = set_parameter(a_value("5"), by=a_city_coordinator())
    set_clock(NOON + timedelta(days=2))
    services.approve(uid or "", "", by=a_city_coordinator())
    kept = db.session.scalars(select(ParameterValue.effective_from)).all()
    assert kept == [clock.today()]


@pytest.mark.parametrize(
    ("stricter", "old", "new", "looser"),
    [
        (Stricter.HIGHER, 7, 5, True),
        (Stricter.HIGHER, 7, 9, False),
        (Stricter.LOWER, 7, 9, True),
        (Stricter.LOWER, 7, 5, False),
        (Stricter.HIGHER, "08:30", "6:00", True),
        (Stricter.HIGHER, "08:30", "9:00", False),
        (Stricter.LOWER, "9:00", "18:00", True),
        (Stricter.LOWER, "18:00", "17:30", False),
        (Stricter.LOWER, "18:00", "whenever", True),
        (Stricter.HIGHER, [12, 1, 2], [12, 1], True),
        (Stricter.HIGHER, [12, 1, 2], [11, 12, 1, 2], False),
        (Stricter.LOWER, [], ["140702-140703"], True),
        (Stricter.LOWER, ["140702-140703"], [["x"]], True),
        (Stricter.LOWER, ["140702-140703"], [], False),
        (Stricter.NEITHER, "2026-1", "2026-2", True),
        (Stricter.NEITHER, "2026-1", "2026-1", False),
        (Stricter.NO_MATTER, 7, 0, False),
    ],
)
def test_a_relaxation_is_what_protects_less(
    stricter: Stricter, old: Any, new: Any, looser: bool
) -> None:
    assert relaxes(stricter, old, new) is looser


def test_a_parameter_that_does_not_say_what_is_stricter_takes_two_people(app: Flask) -> None:
    declare(Parameter("test.silent", 7, "没有说明", "", "§3", "D"))
    by = a_city_coordinator()
    assert set_parameter(a_value("8", name="test.silent"), by=by) is not None


# --- pages ---------------------------------------------------------------------------------


def test_two_administrators_see_it_through_on_pages(browse_as: BrowseAs, app: Flask) -> None:
    asker, decider = (
        browse_as(a_member_of_staff(Role.ADMIN), stepped_up=True) for _turn in range(2)
    )
    person = a_person()
    asker.post(f"/people/{person.uid}/roles/new", {"role": "auditor", "reason": "年度审计"})
    (link,) = asker.get("/approvals?list=mine").links("/approvals/")

    assert asker.get("/approvals").texts(".empty h2") == ["没有等您决定的事"]
    assert "这是您自己提出的" in asker.get(link).text
    assert asker.post(f"{link}/approve", status=422).errors == [
        "这是您自己提出的，要由另一个人决定"
    ]
    assert decider.get("/home").texts("a.action-title[href='/approvals']") == ["等您批准"]
    assert {"年度审计", "审计员", person.name} <= set(decider.get(link).texts("dd"))
    assert "请填写" in " ".join(decider.post(f"{link}/decline", status=422).errors)

    twice = {"form_key": "k" * 22, "note": "核对过任命文件"}
    for _turn in range(2):
        assert "已批准" in decider.post(f"{link}/approve", twice).text
    assert (
        db.session.scalar(
            select(func.count(AuditRow.id)).where(AuditRow.action == "approval_given")
        )
        == 1
    )
    assert "已经办了" in " ".join(decider.post(f"{link}/approve", status=422).errors)
    assert decider.get("/approvals?list=settled").links(link) == [link]


def test_whoever_decides_has_just_proved_who_they_are(browse_as: BrowseAs, app: Flask) -> None:
    asker, decider = (browse_as(a_member_of_staff(Role.ADMIN)) for _turn in range(2))
    asker.post(f"/people/{a_person().uid}/roles/new", {"role": "auditor", "reason": "年度审计"})
    (link,) = asker.get("/approvals?list=mine").links("/approvals/")

    assert decider.post(f"{link}/approve").url.startswith("/account/step-up")
    assert db.session.scalars(select(Approval.state)).one() is Step.ASKED


def test_a_request_is_taken_back_on_its_page(browse_as: BrowseAs, app: Flask) -> None:
    browser = browse_as(a_member_of_staff(Role.ADMIN))
    person = a_person()
    here = f"/people/{person.uid}/roles/new"
    assert "没有另一位管理员" in browser.get(here).text
    a_member_of_staff(Role.ADMIN)
    assert "没有另一位管理员" not in browser.get(here).text
    browser.post(here, {"role": "auditor", "reason": "年度审计"})
    (link,) = browser.get("/approvals?list=mine").links("/approvals/")
    assert "已撤回" in browser.post(f"{link}/withdraw").text
    browser.post(f"{link}/withdraw", status=409)


def test_a_relaxation_that_waits_is_shown_beside_the_values(
    browse_as: BrowseAs, app: Flask
) -> None:
    declare(DAYS)
    city = browse_as(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    assert "改小" in city.get("/parameters/test.days/new").text
    entry = {"text": "3", "effective_from": "2026-12-01", "source": "会议纪要"}
    page = city.post("/parameters/test.days/new", entry)
    assert page.notices == ["放宽要另一个人批准：已提出，批准后生效"]
    assert len(page.links("/approvals/")) == 1
    auditor = browse_as(a_member_of_staff(Role.AUDITOR)).get("/parameters")
    assert "会议纪要" in auditor.text
    assert auditor.links("/approvals/") == []


def test_the_machines_owner_is_the_second_key(app: Flask) -> None:
    person = a_person()
    grant = ["accounts", "grant", str(person.email), "admin", "--reason", "只有一位管理员"]
    told = app.test_cli_runner().invoke(args=grant)
    assert (told.exit_code, roles_of(person)) == (0, {Role.ADMIN})
    for wrong in (["nobody@example.org", "admin"], [str(person.email), "coordinator"]):
        told = app.test_cli_runner().invoke(args=["accounts", "grant", *wrong, "--reason", "x"])
        assert told.exit_code == 1


def test_the_list_of_requests_keeps_within_its_budget(
    browse_as: BrowseAs, first: Actor, at_most: AtMost
) -> None:
    for _turn in range(55):
        an_approval(first.id or 0, kind="role", payload={})
    browser = browse_as(a_member_of_staff(Role.ADMIN))
    with at_most(6):
        page = browser.get("/approvals")
    assert page.texts("a[rel=next]")
