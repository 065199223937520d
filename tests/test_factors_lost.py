"""The day the phone is lost: recovery codes, and resets by others."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update

from accounts.admin.services import reset_factor
from accounts.approvals import services as approvals
from accounts.approvals.models import Approval
from accounts.factors import services as factors
from accounts.factors.rules import CODES, in_fours
from accounts.models import Person, RecoveryCode
from accounts.queries import actor_for
from accounts.rules import Role
from accounts.sessions.services import open_session
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import RuleBroken
from tests.browser import Browser
from tests.builders.people import a_code_app, a_member_of_staff, a_person
from tests.conftest import BrowseAs
from tests.test_factors import _actor, _audited, _half_way


def test_a_recovery_code_works_once_and_is_kept_only_as_a_digest(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    a_code_app(person_id)
    codes = factors.renew_codes(_actor(person_id))
    assert len(set(codes)) == CODES
    kept = set(db.session.scalars(select(RecoveryCode.code_hash)).all())
    assert len(kept) == CODES
    assert not kept & set(codes)

    typed = in_fours(codes[3]).lower()
    browser = _half_way(app, person_id)
    assert browser.post("/sign-in/factor", {"code": typed}).url == "/home"
    assert "还剩 9 个" in browser.get("/account").text
    assert _audited("recovery_code_used") == 1
    _half_way(app, person_id).post("/sign-in/factor", {"code": typed}, status=422)


def test_new_recovery_codes_make_the_old_ones_useless(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    a_code_app(person_id)
    old = factors.renew_codes(_actor(person_id))
    browser = Browser(app, open_session(person_id, agent="tests"))
    browser.post("/account/factor/codes", status=200)  # leads to the proof first
    assert len(db.session.scalars(select(RecoveryCode.id)).all()) == CODES

    stepped = Browser(app, open_session(person_id, agent="tests", stepped_up=True))
    shown = stepped.post("/account/factor/codes").texts(".factor-codes code")

    with pytest.raises(RuleBroken):
        factors.enter(_actor(person_id), old[0])
    factors.enter(_actor(person_id), shown[0])


def test_a_first_password_too_needs_the_proof_that_there_is(app: Flask) -> None:
    """Who finds a browser open does not make it theirs."""
    person_id = a_member_of_staff(Role.AUDITOR)
    a_code_app(person_id)
    with transaction() as session:
        session.execute(update(Person).values(password_hash=None))
    wish = {"password": "seven brown horses", "again": "seven brown horses"}

    page = Browser(app, open_session(person_id, agent="tests")).post("/account", wish)

    assert page.url.startswith("/account/step-up")
    assert db.session.scalars(select(Person.password_hash)).one() is None


def test_anothers_recovery_code_is_worth_nothing(app: Flask) -> None:
    mine, theirs = a_member_of_staff(Role.AUDITOR), a_member_of_staff(Role.AUDITOR)
    a_code_app(mine)
    with pytest.raises(RuleBroken):
        factors.enter(_actor(mine), factors.renew_codes(_actor(theirs))[0])


def test_two_administrators_reset_it_and_the_person_sets_up_a_new_one(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    a_code_app(person_id)
    factors.renew_codes(_actor(person_id))
    theirs = Browser(app, open_session(person_id, agent="lost"))
    uid = db.session.get_one(Person, person_id).uid
    admin_id = a_member_of_staff(Role.ADMIN)
    admin = Browser(app, open_session(admin_id, agent="tests", stepped_up=True))
    assert admin.get(f"/people/{uid}").links("factor/reset")

    admin.post(f"/people/{uid}/factor/reset", {"reason": "手机丢了"})
    theirs.get("/home")
    second_id = a_member_of_staff(Role.ADMIN)
    (asked,) = db.session.scalars(select(Approval.uid))
    approvals.approve(asked, "", by=actor_for(second_id))

    theirs.get("/home", status=302)
    assert _half_way(app, person_id).post("/sign-in/factor").heading == "设置二次验证"
    assert not db.session.scalars(select(RecoveryCode.id)).all()
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "second_factor_reset")).one()
    assert (row.actor_id, row.ref, row.reason) == (second_id, str(person_id), "手机丢了")


def test_one_administrator_never_becomes_a_second_one(app: Flask) -> None:
    """A reset and a code together would let one person be both who asks and who approves."""
    first, second = a_member_of_staff(Role.ADMIN), a_member_of_staff(Role.ADMIN)
    a_code_app(second)
    uid = db.session.get_one(Person, second).uid
    admin = Browser(app, open_session(first, agent="tests", stepped_up=True))
    admin.post(f"/people/{uid}/factor/reset", {"reason": "手机丢了"})
    (asked,) = db.session.scalars(select(Approval.uid))
    with pytest.raises(RuleBroken):
        approvals.approve(asked, "", by=actor_for(first))
    assert db.session.get_one(Person, second).totp
    assert "管理员不用登录码" in admin.post(f"/people/{uid}/code", status=409).text


def test_a_volunteers_is_reset_at_once(app: Flask) -> None:
    person = a_person()
    a_code_app(person.id)
    admin_id = a_member_of_staff(Role.ADMIN)
    admin = Browser(app, open_session(admin_id, agent="tests", stepped_up=True))
    admin.post(f"/people/{person.uid}/factor/reset", {"reason": "手机丢了"})
    assert not db.session.scalars(select(Person.totp).where(Person.id == person.id)).one()


def test_whoever_is_to_be_reset_does_not_approve_it(app: Flask) -> None:
    lost, asker = (a_member_of_staff(Role.ADMIN) for _turn in range(2))
    a_code_app(lost)
    uid = db.session.get_one(Person, lost).uid
    made = reset_factor(uid, by=actor_for(asker), reason="手机丢了")
    with pytest.raises(RuleBroken):
        approvals.approve(str(made), "同意", by=actor_for(lost))


def test_the_machine_itself_can_reset_the_only_administrator(app: Flask) -> None:
    person_id = a_member_of_staff(Role.ADMIN, email="root@example.org")
    a_code_app(person_id)
    run = app.test_cli_runner()
    answers = ["accounts", "reset-factor", "--reason", "手机丢了"]
    assert run.invoke(args=[*answers, "nobody@example.org"]).exit_code == 1
    assert run.invoke(args=[*answers, "root@example.org"]).exit_code == 0
    assert db.session.scalar(select(Person.totp).where(Person.id == person_id)) is None


def test_nobody_resets_their_own(app: Flask) -> None:
    admin_id = a_member_of_staff(Role.ADMIN)
    a_code_app(admin_id)
    uid = db.session.get_one(Person, admin_id).uid
    admin = Browser(app, open_session(admin_id, agent="tests", stepped_up=True))
    admin.post(f"/people/{uid}/factor/reset", {"reason": "忘了"}, status=422)
    assert db.session.get_one(Person, admin_id).totp


def test_a_reset_takes_a_fresh_proof(browse_as: BrowseAs) -> None:
    uid = a_person().uid
    admin = browse_as(a_member_of_staff(Role.ADMIN))
    page = admin.get(f"/people/{uid}/factor/reset", status=302)
    target = parse_qs(urlsplit(page.soup.select_one("a")["href"]).query)  # type: ignore[index,arg-type]
    assert target["next"] == [f"/people/{uid}/factor/reset"]
