"""Trying to sign in, with the right word and with wrong ones, and what a flood meets."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, select

from accounts import services
from accounts.links import services as links
from accounts.models import Person, SignInLink
from accounts.rules import SITE, Role
from accounts.tries import services as tries
from accounts.web import address
from app import create_app
from core import passwords
from core.db import db
from core.errors import RuleBroken
from core.limits import TooMany
from tests.browser import Browser, Page
from tests.builders.people import PASSWORD, a_member_of_staff, a_person
from tests.builders.places import a_county
from tests.conftest import FRAMES, NOON, BrowseAs, SetClock, settings_for

PHONE, MAIL = "15400000001", "a@example.org"
WRONG = {"login": PHONE, "password": "a wrong guess of it"}
RIGHT = WRONG | {"password": PASSWORD}


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which passwords were really checked against a hash."""
    seen: list[str] = []
    really = passwords.matches

    def matches(stored: str | None, password: str) -> bool:
        seen.append(password)
        return really(stored, password)

    monkeypatch.setattr(passwords, "matches", matches)
    return seen


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say no without the 35 ms of a hash, where many tries are counted and none fits."""
    monkeypatch.setattr(passwords, "matches", lambda _stored, _password: False)


def test_of_a_thousand_guesses_ten_are_checked(app: Flask, checked: list[str]) -> None:
    a_person(phone=PHONE)
    for guess in range(1000):
        with pytest.raises((RuleBroken, TooMany)):
            services.sign_in(PHONE, f"guess {guess}", agent="", address=f"192.0.2.{guess % 250}")
    assert len(checked) == 10


def test_the_right_password_inside_a_block_is_refused_the_same_way(
    visitor: Browser, set_clock: SetClock
) -> None:
    a_person(phone=PHONE)
    for _guess in range(10):
        visitor.post("/sign-in", WRONG, status=422)

    wrong, right = (visitor.post("/sign-in", form, status=429) for form in (WRONG, RIGHT))
    assert _bare(wrong) == _bare(right)
    assert "12345" in right.text
    assert "5 分钟" in right.text
    visitor.get("/home", status=302)

    set_clock(NOON + timedelta(minutes=5))
    assert visitor.post("/sign-in", RIGHT).url == "/home"


def test_a_refusal_says_in_a_header_when_to_come_again(visitor: Browser) -> None:
    for _guess in range(10):
        visitor.post("/sign-in", WRONG, status=422)
    answer = visitor.client.post("/sign-in", data=WRONG | _keys(visitor))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    english = visitor.post("/en/sign-in", WRONG, status=429)
    assert "Please try again in 5 minutes" in english.text


def test_two_logins_of_one_person_give_no_more_guesses_and_do_not_show_it(
    app: Flask, checked: list[str], set_clock: SetClock
) -> None:
    a_person(phone=PHONE, email=MAIL)
    for login in (PHONE, MAIL.upper()):
        for _guess in range(6):
            with pytest.raises(RuleBroken):
                services.sign_in(login, "a wrong guess of it", agent="")
    with pytest.raises(RuleBroken, match="账号或密码不对"):
        services.sign_in(MAIL, PASSWORD, agent="")

    set_clock(NOON + timedelta(minutes=5))
    assert services.sign_in(MAIL, PASSWORD, agent="")


def test_a_campus_behind_one_address_has_a_hundred_tries(app: Flask, quick: None) -> None:
    for number in range(100):
        with pytest.raises(RuleBroken):
            services.sign_in(f"p{number}@example.org", "x", agent="", address="192.0.2.1")
    with pytest.raises(TooMany):
        services.sign_in("p@example.org", "x", agent="", address="192.0.2.1")
    with pytest.raises(RuleBroken):
        services.sign_in("p@example.org", "x", agent="", address="192.0.2.2")


def test_ten_codes_may_be_tried_and_then_the_right_one_is_refused_too(visitor: Browser) -> None:
    person_id = a_member_of_staff(Role.AUDITOR, phone=PHONE)
    for _turn in range(2):
        code = links.make_code(person_id, by=SITE)
        wrong = f"{(int(code) + 1) % 10**8:08}"
        for _guess in range(5):
            visitor.post("/sign-in/code", {"login": PHONE, "code": wrong}, status=422)
    code = links.make_code(person_id, by=SITE)
    visitor.post("/sign-in/code", {"login": PHONE, "code": code}, status=429)
    assert db.session.scalars(select(SignInLink.tries).order_by(SignInLink.id)).all() == [5, 5, 0]


def test_links_are_tried_a_hundred_times_from_one_address(app: Flask) -> None:
    for number in range(100):
        with pytest.raises(RuleBroken):
            links.use_link(f"guess {number}", agent="", address="192.0.2.1")
    with pytest.raises(TooMany):
        links.use_link("guess", agent="", address="192.0.2.1")


def test_proving_oneself_again_is_limited_too(app: Flask) -> None:
    for _turn in range(10):
        tries.may_prove(7)
    with pytest.raises(TooMany):
        tries.may_prove(7)
    tries.may_prove(8)


def _keys(visitor: Browser) -> dict[str, str]:
    """Return what a form needs to be taken at all."""
    form = visitor.get("/sign-in").form()
    return {name: form[name] for name in ("csrf_token", "form_key")}


# --- nobody learns who has an account ------------------------------------------------------


def _bare(page: Page) -> str:
    """Return a page without its fresh tokens and the number it is quoted by."""
    for hidden in page.soup.select("[name=csrf_token], [name=form_key]"):
        hidden["value"] = ""
    for number in page.soup.select("code"):
        number.string = ""
    return str(page.soup)


@pytest.fixture
def asked(app: Flask) -> Iterator[list[str]]:
    """What the database was asked, and what was hashed, one line each."""
    lines: list[str] = []

    def note(*context: object) -> None:
        if not str(context[2]).startswith(FRAMES):
            lines.append(str(context[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    yield lines
    event.remove(db.engine, "before_cursor_execute", note)


KINDS_OF_PEOPLE = ("known", "unknown", "disabled", "without a password")


def _somebody(kind: str, number: int) -> str:
    """Make somebody of a kind, or nobody, and return the login."""
    login = f"{kind[:3]}{number}@example.org"
    if kind != "unknown":
        a_person(
            email=login,
            disabled_at=NOON if kind == "disabled" else None,
            **({"password_hash": None} if kind == "without a password" else {}),
        )
    return login


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/code"])
def test_two_hundred_known_and_unknown_people_get_the_same_page_for_the_same_work(
    path: str, app: Flask, asked: list[str], monkeypatch: pytest.MonkeyPatch, set_clock: SetClock
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "matches", lambda _stored, typed: hashed.append(typed))
    visitor = Browser(app)
    keys, secret = _keys(visitor), {"password": "a wrong guess", "code": "12345678"}
    pages: dict[str, str] = {}
    work: dict[tuple[int, tuple[str, ...]], str] = {}
    for number in range(200):
        set_clock(NOON + timedelta(minutes=6 * number))
        for kind in KINDS_OF_PEOPLE if number % 10 == 0 else KINDS_OF_PEOPLE[:2]:
            login = _somebody(kind, number)
            if path.endswith("code") and kind != "unknown":
                links.make_code(_id_of(login), by=SITE)
            db.session.rollback()
            asked.clear()
            hashed.clear()
            with app.app_context():
                answer = visitor.client.post(path, data=keys | secret | {"login": login})
            assert answer.status_code == 422
            pages[_bare(Page(answer.get_data(as_text=True).replace(login, "LOGIN")))] = kind
            work[len(hashed), tuple(asked)] = kind
    assert len(pages) == 1, pages.values()
    assert len(work) == 1, work


def _id_of(login: str) -> int:
    return db.session.scalars(select(Person.id).where(Person.email == login)).one()


# --- a flood -------------------------------------------------------------------------------


def test_who_comes_while_a_password_is_checked_is_told_at_once(visitor: Browser) -> None:
    a_person(phone=PHONE)
    inside, done = threading.Event(), threading.Event()

    def stay() -> None:
        with passwords.gate():
            inside.set()
            done.wait(20)

    stayers = [threading.Thread(target=stay) for _place in range(passwords.AT_ONCE)]
    for stayer in stayers:
        stayer.start()
    assert inside.wait(20)
    try:
        known, unknown = (
            visitor.post("/sign-in", {"login": login, "password": PASSWORD}, status=503)
            for login in (PHONE, "15499999999")
        )
        answer = visitor.client.post("/sign-in", data=RIGHT | _keys(visitor))
    finally:
        done.set()
        for stayer in stayers:
            stayer.join()

    assert _bare(known) == _bare(unknown)
    assert known.heading == "现在人多，请稍等片刻"
    assert answer.headers["Retry-After"] == str(passwords.AGAIN_SECONDS)
    for _guess in range(9):
        visitor.post("/sign-in", WRONG, status=422)
    assert visitor.post("/sign-in", RIGHT).url == "/home", "who was turned away was not counted"


def test_the_gate_opens_again_after_a_failure(app: Flask) -> None:
    for _turn in range(passwords.AT_ONCE + 1):
        with pytest.raises(ZeroDivisionError), passwords.gate():
            1 / 0  # noqa: B018 - whatever goes wrong inside
    with passwords.gate():
        assert passwords.matches(passwords.hashed("a"), "a"), "the thread inside may pass again"


# --- hashes that age -----------------------------------------------------------------------


def test_an_older_hash_is_renewed_by_the_next_sign_in(app: Flask) -> None:
    person_id = a_person(email=MAIL).id
    old = db.session.get_one(Person, person_id).password_hash or ""
    passwords.use_profile("mlps3")
    try:
        with pytest.raises(RuleBroken):
            services.sign_in(MAIL, "a wrong guess of it", agent="")
        db.session.rollback()
        assert db.session.get_one(Person, person_id).password_hash == old
        services.sign_in(MAIL, PASSWORD, agent="")
        db.session.rollback()
        new = db.session.get_one(Person, person_id).password_hash or ""
        assert (passwords.is_dated(old), passwords.is_dated(new)) == (True, False)
        assert "m=65536,t=3,p=1" in new
        assert services.sign_in(MAIL, PASSWORD, agent="")
    finally:
        passwords.use_profile("standard")
    assert "m=19456,t=2,p=1" in old


def test_wide_letters_are_the_same_password(app: Flask) -> None:
    assert passwords.matches(passwords.hashed("ＡＢＣ一二三１２３"), "ABC一二三123")


# --- alerts --------------------------------------------------------------------------------


def test_blocks_that_come_again_and_again_are_told_once_an_hour(
    app: Flask, quick: None, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(tries, "_alerts", [told.append])
    person_id = a_person(phone=PHONE).id
    for block in range(12):
        set_clock(NOON + timedelta(minutes=5 * block))
        for login in (PHONE, "15499999999"):
            for _guess in range(10):
                with pytest.raises(RuleBroken):
                    services.sign_in(login, "a wrong guess of it", agent="")
        assert told == [person_id] * (block >= 2)


def test_the_safeguarding_lead_of_the_county_sees_the_alert(
    browse_as: BrowseAs, quick: None, set_clock: SetClock
) -> None:
    county = a_county()
    lead = browse_as(a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=county.id))
    a_member_of_staff(Role.COORDINATOR, area_id=county.id, phone=PHONE)
    for block in range(3):
        set_clock(NOON + timedelta(minutes=5 * block))
        for _guess in range(10):
            with pytest.raises(RuleBroken):
                services.sign_in(PHONE, "a wrong guess of it", agent="")
    assert "有人反复试登录" in lead.get("/alerts").text


# --- where somebody comes from -------------------------------------------------------------


@pytest.mark.parametrize(("proxies", "blocked"), [(0, True), (1, False)])
def test_a_forwarded_address_counts_only_behind_a_proxy(
    tmp_path: Path, proxies: int, blocked: bool
) -> None:
    app = create_app(settings_for(tmp_path, proxies=proxies))
    client = app.test_client()
    seen: list[str] = []
    app.before_request(lambda: seen.append(address()))
    for number in range(3):
        client.get("/healthz", headers={"X-Forwarded-For": f"6.6.6.6, 192.0.2.{number}"})
    assert (len(set(seen)) == 1) is blocked
    assert "6.6.6.6" not in seen
