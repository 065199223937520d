"""The second factor: who needs it, what a code is good for, and the day the phone is lost."""

import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from accounts import services
from accounts.factors import services as factors
from accounts.factors.rules import CODES, code_at, plain, step_at, step_of
from accounts.links.services import make_code, make_link
from accounts.models import Person, SignInSession
from accounts.queries import actor_of
from accounts.rules import SITE, STAFF, Actor, Role
from accounts.services import Office
from accounts.sessions.services import begin_session, open_session
from core import clock
from core.audit import AuditRow
from core.crypto import Unreadable, sealer
from core.db import db, transaction
from core.errors import RuleBroken
from core.sealing import everything
from tests.browser import Browser, Page
from tests.builders.people import PASSWORD, a_code_app, a_member_of_staff, code_on
from tests.conftest import NOON, SetClock
from tests.races import ENGINES, at_once, site_on

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def _half_way(app: Flask, person_id: int) -> Browser:
    """Somebody whose password was right, and nothing more."""
    return Browser(app, begin_session(person_id, agent="tests"))


def _actor(person_id: int) -> Actor:
    found = actor_of(begin_session(person_id, agent="tests"))
    assert found is not None
    return found


def _audited(action: str) -> int:
    counted = select(func.count(AuditRow.id)).where(AuditRow.action == action)
    return db.session.scalar(counted) or 0


def _enrol(browser: Browser, **given: str) -> tuple[Page, str]:
    """Set up a code app as the page tells; return what came then, and the secret."""
    page = browser.get("/account/factor")
    secret = page.texts(".factor-key")[0].replace(" ", "")
    sent = page.form("/account/factor") | {"code": code_on(secret)} | given
    return browser.post("/account/factor", sent), secret


# --- codes --------------------------------------------------------------------------------------


def test_codes_are_those_of_the_standard() -> None:
    """The table of RFC 6238, appendix B, for SHA-1, to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    table = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {at: code_at(secret, at // 30) for at in table} == table


@pytest.mark.parametrize("away", range(-3, 4))
def test_a_code_holds_one_step_either_way(away: int) -> None:
    now = step_at(NOON)
    found = step_of(SECRET, code_at(SECRET, now + away), NOON)
    assert found == (now + away if abs(away) <= 1 else None)


@pytest.mark.parametrize("code", ["", "12345", "１２３４５６", "\ud800", "0" * 400])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert step_of(SECRET, code, NOON) is None


@pytest.mark.parametrize("typed", ["abcd efgh jkmn 0123", "ABCD-EFGH-JKMN-OI23"])
def test_a_recovery_code_may_be_copied_as_people_do(typed: str) -> None:
    assert plain(typed) == "ABCDEFGHJKMN0123"


# --- who needs one ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_without_one_reach_only_the_page_that_sets_it_up(app: Flask, role: Role) -> None:
    browser = _half_way(app, a_member_of_staff(role))
    for path in ("/home", "/account", "/children", "/audit", "/people", "/account/step-up"):
        page = browser.get(path, status=302)
        assert "/sign-in/factor" in page.html
    assert browser.post("/sign-in/factor").heading == "设置二次验证"


def test_the_half_signed_in_are_visitors_on_public_pages(app: Flask) -> None:
    browser = _half_way(app, a_member_of_staff(Role.COORDINATOR))
    page = browser.get("/")
    assert not page.links("/account")
    assert browser.get("/sign-in").heading == "登录"


def test_nothing_else_is_open_before_the_second_factor(app: Flask) -> None:
    """Every route of the site, asked by somebody whose password alone was right."""
    browser = _half_way(app, a_member_of_staff(Role.ADMIN))
    opened = set()
    for rule in app.url_map.iter_rules():
        if rule.arguments or rule.endpoint == "static" or "GET" not in (rule.methods or ()):
            continue
        with app.app_context():
            answer = browser.client.get(rule.rule)
        if answer.status_code == 200 and "/sign-in" not in answer.request.path:
            opened.add(rule.endpoint)
    visitor = set()
    for rule in app.url_map.iter_rules():
        if rule.arguments or rule.endpoint == "static" or "GET" not in (rule.methods or ()):
            continue
        with app.app_context():
            if Browser(app).client.get(rule.rule).status_code == 200:
                visitor.add(rule.endpoint)
    assert opened - visitor == {"factors.enrol"}


def test_signing_out_half_way_ends_the_session(app: Flask) -> None:
    _half_way(app, a_member_of_staff(Role.AUDITOR)).post("/sign-out")
    assert db.session.scalars(select(SignInSession)).one().ended_at is not None


def test_a_volunteer_needs_none_and_may_have_one(app: Flask) -> None:
    person_id = a_member_of_staff(Role.VOLUNTEER)
    browser = _half_way(app, person_id)
    browser.get("/account")

    page, secret = _enrol(browser)
    assert page.heading == "请保存恢复码"

    again = _half_way(app, person_id)
    again.get("/account", status=302)
    again.post("/sign-in/factor", {"code": code_on(secret, later=1)})
    again.get("/account")
    again.post("/account/factor/off")
    _half_way(app, person_id).get("/account")


def test_staff_may_not_do_without(app: Flask) -> None:
    browser = Browser(app, open_session(a_member_of_staff(Role.DPO), agent="t", stepped_up=True))
    browser.post("/account/factor/off", status=409)


def test_a_role_given_meanwhile_asks_for_it_at_the_next_request(app: Flask) -> None:
    person_id = a_member_of_staff(Role.VOLUNTEER)
    browser = _half_way(app, person_id)
    browser.get("/account")

    services.grant(person_id, Office(Role.COORDINATOR), by=SITE)

    assert "/sign-in/factor" in browser.get("/account", status=302).html
    assert "/sign-in/factor" in browser.get("/children", status=302).html


@pytest.mark.parametrize("way", ["password", "link", "code"])
def test_every_way_in_leads_to_the_second_factor(visitor: Browser, way: str) -> None:
    person_id = a_member_of_staff(Role.AUDITOR, phone="15400000002")
    a_code_app(person_id)
    login = {"login": "15400000002"}
    if way == "password":
        page = visitor.post("/sign-in", login | {"password": PASSWORD})
    elif way == "link":
        page = visitor.post(f"/sign-in/link/{make_link(person_id)}")
    else:
        page = visitor.post("/sign-in/code", login | {"code": make_code(person_id, by=SITE)})
    assert page.heading == "二次验证"
    visitor.get("/home", status=302)


# --- setting it up ------------------------------------------------------------------------------


def test_staff_set_it_up_at_the_first_sign_in(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR, email="first@example.org")
    browser = _half_way(app, person_id)
    with browser.client.session_transaction() as cookie:
        before = cookie["_user_id"]

    page, secret = _enrol(browser)

    assert len(page.texts(".factor-codes code")) == CODES
    assert browser.get("/home").status == 200
    assert actor_of(before) is None  # the secret is new
    person = db.session.get_one(Person, person_id)
    assert secret not in str(person.totp)
    assert sealer().open(str(person.totp), f"people.totp/{person.uid}") == secret
    assert _audited("second_factor_set") == 1


def test_the_picture_says_the_same_as_the_letters(app: Flask) -> None:
    browser = _half_way(app, a_member_of_staff(Role.AUDITOR, email="qr@example.org"))
    page = browser.get("/account/factor")
    source = str(page.soup.select_one("img.qr")["src"])  # type: ignore[index]  # is there
    assert source.startswith("data:image/svg+xml")
    assert not re.search(r"style=|<script", unquote(source))


def test_a_wrong_code_keeps_the_secret_and_switches_nothing_on(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    browser = _half_way(app, person_id)
    first = browser.get("/account/factor")
    sent = first.form("/account/factor") | {"code": "000000"}

    page = browser.post("/account/factor", sent, status=422)

    assert page.texts(".factor-key") == first.texts(".factor-key")
    assert db.session.scalar(select(Person.totp).where(Person.id == person_id)) is None
    browser.get("/home", status=302)


def test_a_secret_sealed_for_another_session_is_not_taken(app: Flask) -> None:
    victim, thief = (_half_way(app, a_member_of_staff(Role.AUDITOR)) for _turn in range(2))
    page = thief.get("/account/factor")
    secret = page.texts(".factor-key")[0].replace(" ", "")
    sent = {"sealed": page.form("/account/factor")["sealed"], "code": code_on(secret)}

    victim.post("/account/factor", sent, status=422)


def test_whoever_has_one_may_not_set_up_another_half_way(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    a_code_app(person_id)
    browser = _half_way(app, person_id)
    browser.get("/account/factor", status=302)
    with pytest.raises(RuleBroken):
        factors.switch_on(_actor(person_id), SECRET, code_on(SECRET))


def test_another_phone_takes_a_fresh_proof_and_ends_other_sessions(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    old = a_code_app(person_id)
    other = Browser(app, open_session(person_id, agent="other"))
    browser = Browser(app, open_session(person_id, agent="tests"))
    browser.get("/account/factor", status=302)

    browser.post("/account/step-up", {"code": code_on(old)})
    page, fresh = _enrol(browser)

    assert page.heading == "请保存恢复码"
    assert fresh != old
    other.get("/home", status=302)


# --- using it -----------------------------------------------------------------------------------


def test_a_code_works_once(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    secret = a_code_app(person_id)
    code = {"code": code_on(secret)}

    assert _half_way(app, person_id).post("/sign-in/factor", code).url == "/home"
    _half_way(app, person_id).post("/sign-in/factor", code, status=422)


def test_no_code_works_after_a_later_one(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    secret = a_code_app(person_id)
    factors.enter(_actor(person_id), code_on(secret, later=1))
    with pytest.raises(RuleBroken):
        factors.enter(_actor(person_id), code_on(secret))


def test_a_clock_set_back_makes_no_code_good_again(app: Flask, set_clock: SetClock) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    secret = a_code_app(person_id)
    code = code_on(secret)
    factors.enter(_actor(person_id), code)
    set_clock(NOON - timedelta(hours=1))
    with pytest.raises(RuleBroken):
        factors.enter(_actor(person_id), code_on(secret))
    set_clock(NOON)
    with pytest.raises(RuleBroken):
        factors.enter(_actor(person_id), code)


@pytest.mark.parametrize("engine", ENGINES)
def test_of_ten_at_once_with_one_code_exactly_one_comes_in(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as app:
        person_id = a_member_of_staff(Role.AUDITOR)
        code = code_on(a_code_app(person_id))
        callers = [_actor(person_id) for _turn in range(10)]

        refused = at_once(app, *(partial(factors.enter, one, code) for one in callers))

        assert refused.count(None) == 1
        passed = select(func.count(SignInSession.id)).where(SignInSession.factor_at.is_not(None))
        assert db.session.scalar(passed) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_of_ten_at_once_with_one_recovery_code_exactly_one_comes_in(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as app:
        person_id = a_member_of_staff(Role.AUDITOR)
        a_code_app(person_id)
        codes = factors.renew_codes(_actor(person_id))
        callers = [_actor(person_id) for _turn in range(10)]

        refused = at_once(app, *(partial(factors.enter, one, codes[0]) for one in callers))

        assert refused.count(None) == 1


def test_five_wrong_codes_end_the_session(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    secret = a_code_app(person_id)
    browser = _half_way(app, person_id)
    for _turn in range(factors.MOST_TRIES):
        page = browser.post("/sign-in/factor", {"code": "000000"}, status=422)
    assert "请重新登录" in page.text
    assert browser.post("/sign-in/factor", {"code": code_on(secret)}).heading == "登录"
    assert _audited("second_factor_failed") == factors.MOST_TRIES


def test_signing_in_again_brings_no_more_than_ten_tries(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    secret = a_code_app(person_id)
    for _turn in range(2):
        browser = _half_way(app, person_id)
        for _try in range(5):
            browser.post("/sign-in/factor", {"code": "000000"}, status=422)
    _half_way(app, person_id).post("/sign-in/factor", {"code": code_on(secret)}, status=429)


def test_a_disabled_person_passes_nothing(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    secret = a_code_app(person_id)
    browser = _half_way(app, person_id)
    with transaction() as session:
        session.execute(update(Person).values(disabled_at=clock.now()))
    page = browser.post("/sign-in/factor", {"code": code_on(secret)})
    assert page.heading == "登录"


def test_anothers_sealed_secret_does_not_open(app: Flask) -> None:
    """A cell moved to another row of the database is no second factor."""
    thief, victim = a_member_of_staff(Role.AUDITOR), a_member_of_staff(Role.ADMIN)
    secret = a_code_app(thief)
    moved = db.session.scalar(select(Person.totp).where(Person.id == thief))
    with transaction() as session:
        session.execute(update(Person).where(Person.id == victim).values(totp=moved))
    with pytest.raises(Unreadable):
        factors.enter(_actor(victim), code_on(secret))


def test_a_change_of_keys_finds_the_secrets_and_the_kept_forms() -> None:
    assert {"people.totp", "unsent_forms.fields"} <= {one.name for one in everything()}
