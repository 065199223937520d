"""Signing in, the home of each role, one's own account."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select, update

from accounts import queries, services
from accounts.links import services as links
from accounts.models import Person, RoleGrant, SignInSession
from accounts.rules import SITE, Role
from accounts.services import NewPerson, Office
from accounts.sessions import services as sessions
from core import clock
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from tests.browser import Browser
from tests.builders.people import (
    PASSWORD,
    a_code_app,
    a_grant,
    a_member_of_staff,
    a_person,
    code_on,
)
from tests.conftest import NOON, BrowseAs, SetClock


def test_a_person_signs_in_and_lands_at_home(visitor: Browser) -> None:
    person = a_person(name="样例甲", phone="15400000001")
    a_grant(person.id, Role.ADMIN)
    secret = a_code_app(person.id)

    asked = visitor.post("/sign-in", {"login": "154 0000 0001", "password": PASSWORD})
    assert asked.heading == "二次验证"
    page = visitor.post("/sign-in/factor", {"code": code_on(secret)})

    assert page.heading == "样例甲，您好"
    assert "系统管理员" in page.text


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("nobody@example.org", PASSWORD),
        ("a@example.org", "guess"),
        ("a@example.org", ""),
        ("", PASSWORD),
    ],
)
def test_who_cannot_sign_in_is_told_the_same(visitor: Browser, login: str, password: str) -> None:
    a_person(email="a@example.org")

    page = visitor.post("/sign-in", {"login": login, "password": password}, status=422)

    assert page.errors
    assert db.session.scalar(select(SignInSession.id)) is None


def test_a_disabled_person_is_out_at_once(browse_as: BrowseAs, visitor: Browser) -> None:
    person_id = a_member_of_staff(Role.ADMIN, email="out@example.org")
    browser = browse_as(person_id)
    with transaction() as session:
        session.execute(update(Person).values(disabled_at=clock.now()))

    browser.get("/home", status=302)
    visitor.post("/sign-in", {"login": "out@example.org", "password": PASSWORD}, status=422)


def test_signing_out_ends_the_session_row(browse_as: BrowseAs) -> None:
    browser = browse_as(a_member_of_staff(Role.AUDITOR))
    browser.post("/sign-out")
    assert db.session.scalars(select(SignInSession)).one().ended_at is not None


def test_one_ends_ones_other_devices(browse_as: BrowseAs) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    phone, desk = browse_as(person_id), browse_as(person_id, stepped_up=True)
    session_id = db.session.scalars(select(SignInSession.id).order_by(SignInSession.id)).first()

    desk.post(f"/account/sessions/{session_id}/end")

    phone.get("/home", status=302)
    desk.get("/home")


def test_nobody_ends_anothers_device(browse_as: BrowseAs, app: Flask) -> None:
    stranger = browse_as(a_member_of_staff(Role.AUDITOR), stepped_up=True)
    mine = a_member_of_staff(Role.DPO)
    browse_as(mine)
    theirs = queries.sessions_of(mine)[0].id

    stranger.post(f"/account/sessions/{theirs}/end", status=404)
    with pytest.raises(NotYours):
        sessions.end_session(theirs, by=queries.actor_for(a_member_of_staff(Role.AUDITOR)))
    assert queries.sessions_of(mine)


def test_a_new_password_signs_the_others_out(browse_as: BrowseAs, visitor: Browser) -> None:
    person_id = a_member_of_staff(Role.AUDITOR, email="new@example.org")
    old, mine = browse_as(person_id), browse_as(person_id)
    fresh = "seven brown horses"

    mine.post("/account", {"current": PASSWORD, "password": fresh, "again": fresh})

    old.get("/home", status=302)
    mine.get("/home")
    visitor.post("/sign-in", {"login": "new@example.org", "password": fresh})


@pytest.mark.parametrize(
    ("one", "two"), [("short", "short"), ("long enough pass", "another one"), ("", "")]
)
def test_a_poor_password_is_refused(browse_as: BrowseAs, one: str, two: str) -> None:
    page = browse_as(a_member_of_staff(Role.AUDITOR), stepped_up=True).post(
        "/account", {"current": PASSWORD, "password": one, "again": two}, status=422
    )
    assert page.errors


def test_a_link_signs_in_once_and_only_by_its_button(visitor: Browser, app: Flask) -> None:
    secret = links.make_link(a_person().id)
    visitor.get(f"/sign-in/link/{secret}")
    visitor.get("/home", status=302)

    visitor.post(f"/sign-in/link/{secret}")
    visitor.get("/home")
    Browser(app).post(f"/sign-in/link/{secret}", status=422)


def test_a_code_signs_in_once_with_its_number(visitor: Browser, app: Flask) -> None:
    person_id = a_person(phone="15400000002").id
    code = links.make_code(person_id, by=SITE)

    visitor.post("/sign-in/code", {"login": "15400000003", "code": code}, status=422)
    visitor.post("/sign-in/code", {"login": "15400000002", "code": code})
    visitor.get("/home")
    Browser(app).post("/sign-in/code", {"login": "15400000002", "code": code}, status=422)


def test_five_wrong_codes_make_the_right_one_useless(visitor: Browser) -> None:
    person_id = a_member_of_staff(Role.AUDITOR, phone="15400000002")
    code = links.make_code(person_id, by=SITE)
    wrong = f"{(int(code) + 1) % 10**8:08}"

    for _turn in range(links.MOST_TRIES):
        visitor.post("/sign-in/code", {"login": "15400000002", "code": wrong}, status=422)
    visitor.post("/sign-in/code", {"login": "15400000002", "code": code}, status=422)


def test_a_role_holds_between_its_days(app: Flask, set_clock: SetClock) -> None:
    person_id = a_person().id
    today = clock.today()
    a_grant(person_id, Role.EDITOR, from_on=today + timedelta(1), until_on=today + timedelta(2))

    held = []
    for days in range(4):
        set_clock(NOON + timedelta(days=days))
        held.append(bool(queries.grants_of(person_id)))
    assert held == [False, True, True, False]


def test_the_same_role_is_given_once_and_can_be_ended(app: Flask) -> None:
    person_id = a_person().id
    office = Office(Role.EDITOR)
    assert services.grant(person_id, office, by=SITE) == services.grant(person_id, office, by=SITE)

    services.end_office(person_id, office, by=SITE, reason="over")
    assert queries.grants_of(person_id) == frozenset()
    with pytest.raises(NotYours):
        services.end_grant(db.session.scalars(select(RoleGrant.id)).one(), by=SITE, reason="again")


def test_a_contact_belongs_to_one_person(app: Flask) -> None:
    services.add_person(NewPerson("一", email="Same@example.org"))
    with pytest.raises(RuleBroken):
        services.add_person(NewPerson("二", email="same@example.org"))


def test_the_first_administrator_is_made_by_a_command(app: Flask, visitor: Browser) -> None:
    run = app.test_cli_runner()
    answers = [
        "accounts",
        "create-admin",
        "--name",
        "管理员",
        "--login",
        "root@example.org",
        "--password",
    ]

    assert run.invoke(args=[*answers, "short"]).exit_code == 1
    assert run.invoke(args=[*answers, PASSWORD]).exit_code == 0
    assert run.invoke(args=[*answers, PASSWORD]).exit_code == 1
    visitor.post("/sign-in", {"login": "root@example.org", "password": PASSWORD})


def test_a_link_can_be_printed_for_whoever_cannot_get_in(app: Flask, visitor: Browser) -> None:
    a_person(email="lost@example.org")
    made = app.test_cli_runner().invoke(args=["accounts", "sign-in-link", "lost@example.org"])

    visitor.post(made.output.strip().removeprefix("http://localhost"))
    visitor.get("/home")


def test_who_was_sent_to_sign_in_goes_on_to_the_page(visitor: Browser) -> None:
    secret = a_code_app(a_member_of_staff(Role.AUDITOR, email="deep@example.org"))
    sent_to = visitor.client.get("/audit").headers["Location"]

    asked = visitor.post(sent_to, {"login": "deep@example.org", "password": PASSWORD})
    (form,) = asked.soup.select("main form[action*=next]")
    page = visitor.post(str(form["action"]), {"code": code_on(secret)})

    assert page.heading == "审计记录"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "\t//evil.example",
        "/nowhere",
        "javascript:alert(1)",
        "///evil.example/audit",
        "/en//evil.example",
        "/audit\\@evil",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(visitor: Browser, target: str) -> None:
    a_person(email="deep@example.org")
    visitor.get("/sign-in")
    page = visitor.post(
        f"/sign-in?next={quote(target)}", {"login": "deep@example.org", "password": PASSWORD}
    )
    assert page.url == "/home"


def test_somebody_without_a_role_is_told_what_to_do(browse_as: BrowseAs) -> None:
    assert browse_as(a_person().id).get("/home").texts(".empty h2") == ["还没有角色"]


@pytest.mark.parametrize("url", ["/campaigns/a%00b", "/people?q=%00", "/campaigns?after=%00"])
def test_a_nul_in_an_address_is_nobodys_record(visitor: Browser, url: str) -> None:
    visitor.get(url, status=404)
