"""Sessions: what the cookie holds, how long it lasts, and when it gets a new secret."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import services
from accounts.links.services import make_link
from accounts.models import Person, SignInSession
from accounts.queries import actor_of, sessions_of
from accounts.rules import SITE, Role
from accounts.services import Office
from accounts.sessions import services as sessions
from app import create_app
from core import audit, clock, passwords
from core.db import db, transaction, writing
from core.errors import NotYours
from core.parameters import ParameterValue
from tests.browser import Browser
from tests.builders.people import PASSWORD, a_code_app, a_member_of_staff, a_person, code_on
from tests.conftest import NOON, AtMost, BrowseAs, SetClock, settings_for
from tests.factories import saved

FRESH = {"password": "seven brown horses", "again": "seven brown horses"}


def _password_of(person_id: int) -> str | None:
    return db.session.scalars(select(Person.password_hash).where(Person.id == person_id)).one()


def _secret(browser: Browser) -> str | None:
    with browser.client.session_transaction() as cookie:
        held = cookie.get("_user_id")
    return None if held is None else str(held)


# --- the cookie -------------------------------------------------------------------------------


@pytest.fixture
def site_over_tls(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(settings_for(tmp_path, site_url="https://tongxing.example"))
    with app.app_context():
        with writing():
            db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_over_tls_the_cookie_is_bound_to_this_host(site_over_tls: Flask) -> None:
    answer = site_over_tls.test_client().get("/sign-in", base_url="https://tongxing.example")
    (given,) = [one for one in answer.headers.getlist("Set-Cookie") if "tongxing" in one]

    parts = {part.strip().lower() for part in given.split(";")[1:]}
    assert given.startswith("__Host-tongxing=")
    assert parts == {"secure", "httponly", "path=/", "samesite=lax"}


def test_without_tls_the_cookie_has_an_ordinary_name(visitor: Browser) -> None:
    given = visitor.client.get("/sign-in").headers["Set-Cookie"]
    assert given.startswith("tongxing=")
    assert "Secure" not in given
    assert "HttpOnly" in given


def test_nothing_of_an_earlier_cookie_survives_signing_in(visitor: Browser) -> None:
    a_person(email="a@example.org")
    with visitor.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    visitor.get("/sign-in")
    with visitor.client.session_transaction() as cookie:
        before = cookie["csrf_token"]

    visitor.post("/sign-in", {"login": "a@example.org", "password": PASSWORD})

    with visitor.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie.get("csrf_token") != before


def test_a_stolen_row_is_no_cookie(app: Flask) -> None:
    sessions.open_session(a_member_of_staff(Role.AUDITOR), agent="tests")
    row = db.session.scalars(select(SignInSession)).one()

    assert actor_of(row.token_hash) is None
    Browser(app, row.token_hash).get("/home", status=302)


@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_tampered_cookie_is_nobodys(browse_as: BrowseAs, place: int) -> None:
    browser = browse_as(a_member_of_staff(Role.AUDITOR))
    browser.get("/home")
    cookie = browser.client.get_cookie("tongxing")
    assert cookie is not None
    letters = list(cookie.value)
    letters[place] = "A" if letters[place] != "A" else "B"
    if place == -1:  # the last letter of base64 may hold bits that do not count
        letters = letters[:-3]
    browser.client.set_cookie("tongxing", "".join(letters))

    browser.get("/home", status=302)


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("staff", "minutes"), [(True, 30), (False, 120)])
def test_a_session_ends_when_nobody_uses_it(
    browse_as: BrowseAs, set_clock: SetClock, minutes: int, *, staff: bool
) -> None:
    browser = browse_as(a_member_of_staff(Role.AUDITOR) if staff else a_person().id)
    for turn in range(1, 4):  # used now and then, it goes on
        set_clock(NOON + turn * timedelta(minutes=minutes - 1))
        browser.get("/account")
    set_clock(NOON + 3 * timedelta(minutes=minutes - 1) + timedelta(minutes=minutes))
    browser.get("/account", status=302)


def test_a_session_ends_however_busy_it_is(browse_as: BrowseAs, set_clock: SetClock) -> None:
    browser = browse_as(a_member_of_staff(Role.AUDITOR))
    for turn in range(1, 12 * 60 // 29 + 1):
        set_clock(NOON + turn * timedelta(minutes=29))
        browser.get("/home", status=200)
    set_clock(NOON + timedelta(hours=12))
    browser.get("/home", status=302)


def test_the_limits_are_parameters(browse_as: BrowseAs, set_clock: SetClock) -> None:
    saved(
        ParameterValue(
            name="accounts.staff_idle_minutes",
            effective_from=clock.today(),
            value={"value": 5},
            source="a test",
        )
    )
    browser = browse_as(a_member_of_staff(Role.AUDITOR))
    set_clock(NOON + timedelta(minutes=5))
    browser.get("/home", status=302)


def test_the_last_sight_is_written_once_a_minute(
    browse_as: BrowseAs, set_clock: SetClock, at_most: AtMost
) -> None:
    browser = browse_as(a_person().id)
    set_clock(NOON + timedelta(seconds=59))
    browser.get("/account")
    assert db.session.scalars(select(SignInSession.seen_at)).one() == NOON

    later = NOON + timedelta(seconds=60)
    set_clock(later)
    browser.get("/account")
    assert db.session.scalars(select(SignInSession.seen_at)).one() == later


@pytest.mark.parametrize("back", [timedelta(minutes=2), timedelta(days=1)])
def test_a_clock_set_back_extends_nothing(
    browse_as: BrowseAs, set_clock: SetClock, back: timedelta
) -> None:
    browser = browse_as(a_member_of_staff(Role.AUDITOR))
    limits = db.session.execute(select(SignInSession.idle_at, SignInSession.expires_at)).one()

    set_clock(NOON - back)
    browser.get("/home", status=302)

    after = db.session.execute(select(SignInSession.idle_at, SignInSession.expires_at)).one()
    assert after == limits


def test_a_session_from_before_the_clock_was_set_back_is_ended(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    browser = browse_as(a_member_of_staff(Role.AUDITOR))
    set_clock(NOON - timedelta(hours=1))
    assert sessions.end_what_a_clock_set_back_would_extend() == 1

    set_clock(NOON)  # an hour later the clock shows the old time again
    browser.get("/home", status=302)
    assert sessions.end_what_a_clock_set_back_would_extend() == 0


def test_a_session_of_a_few_seconds_ahead_goes_on(browse_as: BrowseAs, set_clock: SetClock) -> None:
    """Two machines of one site never agree on the second."""
    browser = browse_as(a_member_of_staff(Role.AUDITOR))
    set_clock(NOON - timedelta(seconds=30))
    browser.get("/home")
    assert db.session.scalars(select(SignInSession.seen_at)).one() == NOON


# --- a new secret at each change ----------------------------------------------------------------


def test_a_granted_role_and_an_ended_one_each_bring_a_new_secret(browse_as: BrowseAs) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    browser = browse_as(person_id)
    browser.get("/home")
    secrets = [_secret(browser)]

    services.grant(person_id, Office(Role.DPO), by=SITE)
    browser.get("/home")
    secrets.append(_secret(browser))
    services.end_office(person_id, Office(Role.DPO), by=SITE, reason="over")
    browser.get("/home")
    secrets.append(_secret(browser))

    assert len(set(secrets)) == 3
    for old in secrets[:2]:
        assert actor_of(old or "") is None


def test_a_new_password_brings_a_new_secret(browse_as: BrowseAs) -> None:
    browser = browse_as(a_member_of_staff(Role.AUDITOR), stepped_up=True)
    browser.get("/account")
    old = _secret(browser)
    browser.post("/account", {"current": PASSWORD} | FRESH)
    assert _secret(browser) != old
    assert actor_of(old or "") is None


def test_a_password_is_changed_only_by_whoever_knows_the_old_one(browse_as: BrowseAs) -> None:
    """Also right after a proof: a browser left open in these ten minutes changes no password."""
    person_id = a_member_of_staff(Role.AUDITOR)
    before, browser = _password_of(person_id), browse_as(person_id, stepped_up=True)

    assert "请填写这一项" in browser.post("/account", FRESH, status=422).text
    wrong = browser.post("/account", {"current": "a guess"} | FRESH, status=422)
    assert "现在的密码不对" in wrong.text
    assert _password_of(person_id) == before

    browser.post("/account", {"current": PASSWORD} | FRESH)
    assert passwords.matches(_password_of(person_id), FRESH["password"])


def test_whoever_has_a_second_factor_gives_both_for_a_new_password(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    a_code_app(person_id)
    before, wish = _password_of(person_id), {"current": PASSWORD} | FRESH

    unproved = Browser(app, sessions.open_session(person_id, agent="tests"))
    assert unproved.post("/account", wish).heading == "请再验证一次身份"
    proved = Browser(app, sessions.open_session(person_id, agent="tests", stepped_up=True))
    proved.post("/account", FRESH, status=422)
    assert _password_of(person_id) == before
    proved.post("/account", wish)
    assert _password_of(person_id) != before


def test_five_wrong_old_passwords_end_the_session(browse_as: BrowseAs) -> None:
    browser = browse_as(a_person().id)
    for _turn in range(4):
        browser.post("/account", {"current": "a guess"} | FRESH, status=422)
    poor = {"current": PASSWORD, "password": "short", "again": "short"}
    browser.post("/account", poor, status=422)  # the right one: counted anew from here
    for _turn in range(5):
        browser.post("/account", {"current": "a guess"} | FRESH, status=422)

    browser.get("/account", status=302)


@pytest.mark.parametrize("has_factor", [False, True])
def test_whoever_has_forgotten_it_sets_a_new_one_after_a_link_and_for_ten_minutes(
    visitor: Browser, set_clock: SetClock, *, has_factor: bool
) -> None:
    person_id = a_person().id
    secret = a_code_app(person_id) if has_factor else ""
    visitor.post(f"/sign-in/link/{make_link(person_id)}")
    if has_factor:
        visitor.post("/account", FRESH)  # leads to the factor
        visitor.post("/sign-in/factor", {"code": code_on(secret)})
    before = _password_of(person_id)

    set_clock(NOON + timedelta(minutes=10))
    assert visitor.post("/account", FRESH, status=200 if has_factor else 422)
    assert _password_of(person_id) == before
    set_clock(NOON + timedelta(minutes=9, seconds=59))
    visitor.post("/account", FRESH)

    assert _password_of(person_id) != before


def test_who_has_no_password_yet_is_asked_for_none(browse_as: BrowseAs) -> None:
    page = browse_as(a_person(password_hash=None).id).get("/account")
    assert "current" not in page.form("/account")


def test_an_ended_session_gets_no_new_secret(app: Flask) -> None:
    sessions.open_session(a_person().id, agent="tests")
    row = db.session.scalars(select(SignInSession)).one()
    with transaction():
        row.ended_at = clock.now()
    with pytest.raises(NotYours):
        sessions.renew(row.id)


# --- one's devices ------------------------------------------------------------------------------


def test_one_click_signs_out_everywhere_else(browse_as: BrowseAs) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    others = [browse_as(person_id) for _device in range(3)]
    mine = browse_as(person_id, stepped_up=True)
    stranger = browse_as(a_member_of_staff(Role.DPO))

    assert "退出其他所有设备" in mine.get("/account").text
    mine.post("/account/sessions/end-others")

    for other in others:
        other.get("/home", status=302)
    mine.get("/home")
    stranger.get("/home")
    assert len(sessions_of(person_id)) == 1


@pytest.mark.parametrize("verb", ["end-others", "{id}/end"])
def test_nobody_ends_sessions_without_a_fresh_proof(browse_as: BrowseAs, verb: str) -> None:
    """Whoever finds a browser open must not shut its owner out."""
    person_id = a_person().id
    phone, mine = browse_as(person_id), browse_as(person_id)
    path = f"/account/sessions/{verb.format(id=sessions_of(person_id)[-1].id)}"
    answer = mine.client.post(
        path,
        data={"csrf_token": mine.token()},
        headers={"Referer": "http://localhost/account"},
    )

    asked = answer.headers["Location"]
    assert asked == "/account/step-up?next=/account&unsent=1"
    phone.get("/account")
    assert mine.post(asked, {"password": PASSWORD}).url == "/account"
    mine.post("/account/sessions/end-others")
    phone.get("/account", status=302)


def test_an_idle_device_is_not_listed(browse_as: BrowseAs, set_clock: SetClock) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    browse_as(person_id)
    set_clock(NOON + timedelta(minutes=31))
    assert not sessions_of(person_id)


# --- proving oneself again ------------------------------------------------------------------------


def test_a_proof_holds_ten_minutes(browse_as: BrowseAs, set_clock: SetClock) -> None:
    browser = browse_as(a_person().id)
    page = browser.get("/account/factor", status=302)
    page = browser.post("/account/step-up?next=/account/factor", {"password": PASSWORD})
    assert page.heading == "设置二次验证"

    set_clock(NOON + timedelta(minutes=9, seconds=59))
    browser.get("/account/factor")
    set_clock(NOON + timedelta(minutes=10))
    browser.get("/account/factor", status=302)


def test_signing_in_is_itself_a_proof(visitor: Browser) -> None:
    visitor.post(f"/sign-in/link/{make_link(a_person().id)}")
    visitor.get("/account/factor")


def test_each_proof_brings_a_new_secret(browse_as: BrowseAs) -> None:
    browser = browse_as(a_person().id)
    browser.get("/account")
    old = _secret(browser)
    browser.post("/account/step-up", {"password": PASSWORD})
    assert _secret(browser) != old
    assert actor_of(old or "") is None


def test_five_wrong_proofs_end_the_session(browse_as: BrowseAs) -> None:
    browser = browse_as(a_person().id)
    for _turn in range(5):
        page = browser.post("/account/step-up", {"password": "a guess"}, status=422)
    assert "请重新登录" in page.text

    browser.get("/account", status=302)
    failed = select(audit.AuditRow.id).where(audit.AuditRow.action == "second_factor_failed")
    assert len(db.session.scalars(failed).all()) == 5


def test_a_sent_form_without_a_proof_is_explained_and_leads_back(browse_as: BrowseAs) -> None:
    admin, other = browse_as(a_member_of_staff(Role.ADMIN)), a_person()
    answer = admin.client.post(
        f"/people/{other.uid}/factor/reset",
        data={"csrf_token": admin.token()},
        headers={"Referer": f"http://localhost/people/{other.uid}?x=1"},
    )
    assert answer.headers["Location"].startswith("/account/step-up?next=/people/")
    assert "unsent=1" in answer.headers["Location"]


@pytest.mark.parametrize("referrer", ["http://evil.example/people", "http://localhost/nowhere", ""])
def test_nobody_is_led_back_elsewhere(browse_as: BrowseAs, referrer: str) -> None:
    admin, other = browse_as(a_member_of_staff(Role.ADMIN)), a_person()
    answer = admin.client.post(
        f"/people/{other.uid}/factor/reset",
        data={"csrf_token": admin.token()},
        headers={"Referer": referrer},
    )
    assert answer.headers["Location"] == "/account/step-up?unsent=1"


def test_who_has_no_password_is_told_to_sign_in_again(browse_as: BrowseAs) -> None:
    page = browse_as(a_person(password_hash=None).id).get("/account/step-up")
    assert "您还没有密码" in page.text


def test_the_product_never_opens_a_session_behind_the_second_factor() -> None:
    root = Path(__file__).parent.parent
    rooms = [path for room in root.glob("*/__init__.py") for path in room.parent.rglob("*.py")]
    own = root / "accounts/sessions/services.py"
    found = [path for path in rooms if "tests" not in path.parts and path != own]
    assert len(found) > 100
    assert [path for path in found if "open_session" in path.read_text()] == []


def test_a_request_asks_twice_who_is_there(browse_as: BrowseAs, at_most: AtMost) -> None:
    """The session with its person, and the grants; the account page adds its own four."""
    browser = browse_as(a_member_of_staff(Role.AUDITOR))
    browser.get("/account")
    with at_most(8):
        browser.get("/account")
