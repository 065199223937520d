"""Passkeys: made, used and refused, with the virtual authenticator of a real Chromium."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from sqlalchemy import select
from waitress import create_server

from accounts.models import Passkey, SignInSession
from accounts.passkeys import services
from accounts.queries import actor_of
from accounts.rules import Actor, Role
from accounts.sessions.services import begin_session, open_session
from app import create_app
from core import passkeys
from core.audit import AuditRow
from core.db import db, transaction, writing
from core.errors import NotYours, RuleBroken
from core.passkeys import Refused, Site
from tests.browser import Browser
from tests.builders.people import PASSWORD, a_code_app, a_member_of_staff, code_on
from tests.conftest import BrowseAs, settings_for
from tests.servers import free_port

HERE = Site("localhost", "http://localhost")
TOUCHES = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def _actor(person_id: int) -> Actor:
    found = actor_of(open_session(person_id, agent="tests", stepped_up=True))
    assert found is not None
    return found


def _answer_of(client: str, attestation: str, data: str) -> str:
    """Return something with the shape of an answer."""
    response = {
        "clientDataJSON": client,
        "attestationObject": attestation,
        "authenticatorData": data,
        "signature": data,
    }
    return json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": response})


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://tongxing.example", "tongxing.example"),
        ("https://tongxing.example:8443", "tongxing.example"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", None),
        ("https://[::1]", None),
        ("http://tongxing.example", None),
    ],
)
def test_passkeys_are_offered_where_browsers_allow_them(address: str, host: str | None) -> None:
    site = Site.at(address)
    assert (site.host if site else None) == host
    assert site is None or site.origin == address


def test_without_the_package_nobody_is_offered_one(
    browse_as: BrowseAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passkeys, "_library", None)
    person_id = a_member_of_staff(Role.AUDITOR)
    a_code_app(person_id)
    browser = browse_as(person_id, stepped_up=True)
    assert "通行密钥" not in browser.get("/account").text
    browser.post("/account/passkeys/invitation", status=404)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "null",
        "[1]",
        '"text"',
        '{"id": 1}',
        '{"id":"a","rawId":"a","type":"public-key","response":{}}',
        _answer_of("YQ", "YQ", "YQ"),
        _answer_of("e30", "oA", ""),
        "\x00" * 50,
        "[" * 5000,
    ],
)
def test_what_is_no_answer_is_refused(app: Flask, answer: str) -> None:
    me = _actor(a_member_of_staff(Role.AUDITOR))
    a_code_app(me.id or 0)
    services.invitation(me, HERE)
    with pytest.raises(RuleBroken):
        services.add(me, HERE, answer, agent="tests")
    services.question(me, HERE)
    with pytest.raises(RuleBroken):
        services.prove(me, HERE, answer)


def test_an_answer_that_nobody_asked_for_is_refused(app: Flask) -> None:
    me = _actor(a_member_of_staff(Role.AUDITOR))
    with pytest.raises(RuleBroken, match="页面已过期"):
        services.prove(me, HERE, "{}")


def test_nobody_removes_anothers(app: Flask) -> None:
    mine, theirs = _actor(a_member_of_staff(Role.DPO)), a_member_of_staff(Role.AUDITOR)
    with transaction() as session:
        kept = Passkey(
            person_id=theirs, credential_id="YQ", public_key="YQ",
            created_at=db.session.scalars(select(SignInSession.created_at)).one(),
        )  # fmt: skip
        session.add(kept)
        session.flush()
        kept_id = kept.id
    with pytest.raises(NotYours):
        services.remove(mine, kept_id)
    services.remove(_actor(theirs), kept_id)
    assert not db.session.scalars(select(Passkey)).all()


def test_a_passkey_needs_a_code_app_beside_it(browse_as: BrowseAs) -> None:
    page = browse_as(a_member_of_staff(Role.AUDITOR), stepped_up=True).get("/account")
    assert "通行密钥" not in page.text


# --- in a real browser ----------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    """The site on a port of localhost, which browsers take for a safe place."""
    port = free_port()
    url = f"http://localhost:{port}"
    app = create_app(settings_for(tmp_path, site_url=url))
    with app.app_context():
        with writing():
            db.create_all()
        db.session.remove()
        server = create_server(app, host="127.0.0.1", port=port, threads=4)

        def run() -> None:
            with suppress(OSError):  # closed while it waits for the next request
                server.run()

        thread = Thread(target=run, daemon=True)
        thread.start()
        yield app, url
        server.close()
        thread.join(timeout=10)
        db.session.remove()
        db.engine.dispose()


def _sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in")
    page.fill("[name=login]", "key@example.org")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("main form button[type=submit]")


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
def test_a_passkey_is_made_and_signs_in_and_steps_up(
    served: tuple[Flask, str], chromium: Chromium, width: int
) -> None:
    _app, url = served
    person_id = a_member_of_staff(Role.AUDITOR, email="key@example.org")
    secret = a_code_app(person_id)
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": TOUCHES})

    _sign_in(page, url)
    assert not page.get_by_role("button", name="改用通行密钥").count()  # has none yet
    page.fill("[name=code]", code_on(secret))
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    page.goto(f"{url}/account")
    with page.expect_navigation():
        page.get_by_role("button", name="添加", exact=True).click()
    assert "通行密钥已添加" in page.locator("main").inner_text()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)

    context.clear_cookies()
    _sign_in(page, url)
    with page.expect_navigation():
        page.get_by_role("button", name="改用通行密钥").click()
    assert page.url == f"{url}/home"

    page.goto(f"{url}/account/step-up?next=/account")
    with page.expect_navigation():
        page.get_by_role("button", name="改用通行密钥").click()
    assert page.url == f"{url}/account"

    assert said == []
    db.session.rollback()
    kept = db.session.scalars(select(Passkey)).one()
    assert kept.used_at is not None
    assert kept.sign_count >= 2
    done = db.session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert done.count("passkey_added") == 1
    context.close()


@pytest.mark.browser
def test_an_answer_given_before_proves_nothing(
    served: tuple[Flask, str], chromium: Chromium
) -> None:
    """A listener who keeps what the browser sent cannot send it again."""
    app, url = served
    person_id = a_member_of_staff(Role.AUDITOR, email="key@example.org")
    secret = a_code_app(person_id)
    context = chromium.new_context()
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": TOUCHES})
    _sign_in(page, url)
    page.fill("[name=code]", code_on(secret))
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    page.goto(f"{url}/account")
    with page.expect_navigation():
        page.get_by_role("button", name="添加", exact=True).click()
    page.goto(f"{url}/account/step-up")
    with page.expect_request("**/sign-in/passkey") as sent:
        page.get_by_role("button", name="改用通行密钥").click()
    page.wait_for_url("**/home")
    (answer,) = parse_qs(sent.value.post_data or "")["answer"]
    passkeys.named_in(answer)  # it is a whole one
    context.close()

    db.session.rollback()
    thief = Browser(app, begin_session(person_id, agent="thief"))
    thief.post("/sign-in/passkey", {"answer": answer})
    thief.get("/home", status=302)
    me = _actor(person_id)
    services.question(me, Site.at(url) or HERE)
    with pytest.raises(RuleBroken, match="没有成功"):
        services.prove(me, Site.at(url) or HERE, answer)


def test_a_refusal_says_nothing_of_the_reason(app: Flask) -> None:
    with pytest.raises(Refused) as refusal:
        passkeys.named_in("{")
    assert not str(refusal.value)
