"""A session that ends over a long form: signing in on the way, and nothing typed is lost."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from accounts.models import Person
from accounts.rules import SITE, Role
from accounts.sessions.services import begin_session, end_all, open_session
from accounts.unsent import services
from accounts.unsent.models import UnsentForm
from core import clock
from core.db import db, transaction
from tests.browser import Browser, Page
from tests.builders.people import a_code_app, a_member_of_staff, a_person, code_on
from tests.conftest import NOON, SetClock

TYPED = "写了很久的一段话"


def _too_late(app: Flask, set_clock: SetClock, person_id: int) -> tuple[Browser, Page]:
    """Send a form half an hour after the last sign of life."""
    browser = Browser(app, open_session(person_id, agent="tests"))
    uid = a_person().uid
    token = browser.token()
    set_clock(NOON + timedelta(minutes=31))
    sent = {"csrf_token": token, "reason": TYPED}
    return browser, browser.post(f"/people/{uid}/disable", sent)


def test_a_form_that_comes_too_late_is_offered_again(app: Flask, set_clock: SetClock) -> None:
    admin = a_member_of_staff(Role.ADMIN, email="late@example.org")
    secret = a_code_app(admin)
    browser, page = _too_late(app, set_clock, admin)
    assert page.heading == "登录"
    assert "已为您保留" in page.notices[0]

    (form,) = page.soup.select("main form")
    login = {"login": "late@example.org", "password": "correct horse battery"}
    asked = browser.post(str(form["action"]), login)
    (form,) = asked.soup.select("main form[action*=next]")
    offered = browser.post(str(form["action"]), {"code": code_on(secret)})
    assert offered.heading == "接着提交"
    target = str(offered.soup.select("main form")[0]["action"])
    browser.post(target, offered.form(target))

    out = db.session.scalars(select(Person.name).where(Person.disabled_at.is_not(None))).all()
    assert len(out) == 1


def test_what_is_kept_is_sealed_and_for_its_owner_only(app: Flask, set_clock: SetClock) -> None:
    admin = a_member_of_staff(Role.ADMIN)
    _too_late(app, set_clock, admin)
    row = db.session.scalars(select(UnsentForm)).one()
    assert TYPED not in row.fields
    assert "reason" not in row.fields

    other = Browser(app, open_session(a_member_of_staff(Role.ADMIN), agent="tests"))
    assert other.get("/account/unsent", status=302)
    assert services.kept_for(admin) is not None


def test_it_is_forgotten_after_an_hour_or_when_told(app: Flask, set_clock: SetClock) -> None:
    admin = a_member_of_staff(Role.ADMIN)
    _too_late(app, set_clock, admin)
    set_clock(clock.now() + services.LASTS)
    assert services.kept_for(admin) is None
    assert services.purge() == 1

    _too_late(app, set_clock, admin)
    mine = Browser(app, open_session(admin, agent="tests"))
    assert mine.get("/account/unsent").heading == "接着提交"
    mine.post("/account/unsent/drop")
    assert not db.session.scalars(select(UnsentForm)).all()


def test_half_signed_in_nobody_sees_it(app: Flask, set_clock: SetClock) -> None:
    admin = a_member_of_staff(Role.ADMIN)
    a_code_app(admin)
    _too_late(app, set_clock, admin)
    Browser(app, begin_session(admin, agent="tests")).get("/account/unsent", status=302)


@pytest.mark.parametrize("why", ["ended", "disabled", "forged"])
def test_only_a_session_that_time_has_ended_keeps_anything(
    app: Flask, set_clock: SetClock, why: str
) -> None:
    admin = a_member_of_staff(Role.ADMIN)
    browser = Browser(app, open_session(admin, agent="tests"))
    token = browser.token()
    if why == "ended":
        end_all(admin, by=SITE)
    elif why == "disabled":
        with transaction() as session:
            session.execute(update(Person).values(disabled_at=clock.now()))
    set_clock(NOON + timedelta(hours=13))
    sent = {"csrf_token": "x" if why == "forged" else token, "reason": TYPED}
    browser.post(f"/people/{a_person().uid}/disable", sent)
    assert not db.session.scalars(select(UnsentForm)).all()


def test_passwords_and_codes_are_never_kept(app: Flask, set_clock: SetClock) -> None:
    browser = Browser(app, open_session(a_person().id, agent="tests"))
    token = browser.token()
    set_clock(NOON + timedelta(hours=13))
    browser.post("/account", {"csrf_token": token, "password": "secret secret", "again": "x"})
    browser.post("/account/step-up", {"csrf_token": token, "password": "secret secret"})
    assert not db.session.scalars(select(UnsentForm)).all()
