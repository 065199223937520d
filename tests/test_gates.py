"""Who wants to sign in while there is no room: answered at once, and at nobody's cost."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import event

from accounts.rules import Role
from app import create_app
from core import passwords
from core.db import db, writing
from core.gates import IMPATIENT, MOST_ADDRESSES, Impatient
from tests.browser import Page
from tests.builders.people import a_member_of_staff
from tests.conftest import NOON, BrowseAs, SetClock, settings_for

WAYS_IN = ["/sign-in", "/sign-in?next=/home", "/sign-in/code", "/sign-in/link/a-secret"]
FORM = {"login": "15400000001", "password": "a wrong guess of it", "code": "12345678"}


_addresses = itertools.count(1)


def client_of(app: Flask) -> FlaskClient:
    """Return somebody from an address of their own: the gate remembers who was impatient."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"198.51.100.{next(_addresses)}"
    return client


@contextmanager
def no_room() -> Iterator[None]:
    """As many passwords being checked as may be."""
    places, done = threading.Barrier(passwords.AT_ONCE + 1), threading.Event()

    def stay() -> None:
        with passwords.gate():
            places.wait(20)
            done.wait(60)

    stayers = [threading.Thread(target=stay) for _place in range(passwords.AT_ONCE)]
    for stayer in stayers:
        stayer.start()
    places.wait(20)
    try:
        yield
    finally:
        done.set()
        for stayer in stayers:
            stayer.join()


@pytest.fixture
def full() -> Iterator[None]:
    with no_room():
        yield


@pytest.fixture
def touched(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the site did for a request: the statements, and that the application saw it at all."""
    seen: list[str] = []

    def note(*context: object) -> None:
        seen.append(str(context[2]))

    monkeypatch.setitem(
        app.before_request_funcs,
        None,
        [lambda: seen.append(request.path), *app.before_request_funcs[None]],
    )
    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("root", ["", "/en"])
@pytest.mark.parametrize("path", WAYS_IN)
@pytest.mark.usefixtures("full")
def test_who_finds_no_room_is_told_so_before_anything_is_asked(
    app: Flask, touched: list[str], path: str, root: str
) -> None:
    answer = client_of(app).post(root + path, data=FORM)

    assert touched == []
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == str(passwords.AGAIN_SECONDS)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    page = Page(answer.get_data(as_text=True))
    told = ("Busy", "go back and try once more") if root else ("现在人多", "返回上一页再点一次")
    assert told[0] in page.heading
    assert told[1] in page.text
    assert answer.headers["X-Request-ID"] in page.text
    assert "a-secret" not in page.html


def test_the_page_made_before_holds_nothing_of_whoever_met_it_first(
    app: Flask, browse_as: BrowseAs
) -> None:
    signed_in = browse_as(a_member_of_staff(Role.AUDITOR, name="审计员甲"))
    with no_room():
        theirs = signed_in.client.post("/sign-in", data=FORM)
        strangers = client_of(app).post("/sign-in/link/a-secret", data=FORM)
    assert (theirs.status_code, strangers.status_code) == (503, 503)
    assert theirs.data == strangers.data
    assert "审计员甲" not in theirs.get_data(as_text=True)


@pytest.mark.usefixtures("full")
def test_pages_and_other_forms_do_not_wait_at_the_gate(app: Flask, touched: list[str]) -> None:
    visitor = client_of(app)
    for path in ("/sign-in", "/sign-in/code", "/"):
        assert visitor.get(path).status_code == 200
    assert visitor.post("/sign-out").status_code == 302
    assert "/sign-out" in touched


def test_the_gate_is_free_again_after_every_sign_in(app: Flask, touched: list[str]) -> None:
    for _turn in range(passwords.AT_ONCE + 1):
        assert client_of(app).post("/sign-in", data=FORM).status_code == 400
    assert touched.count("/sign-in") == passwords.AT_ONCE + 1


@pytest.mark.usefixtures("full")
def test_over_tls_who_is_turned_away_is_told_to_stay_there(tmp_path: Path) -> None:
    site = create_app(settings_for(tmp_path, site_url="https://localhost"))
    answer = site.test_client().post("/sign-in", data=FORM)
    assert answer.status_code == 503
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_an_address_that_does_not_wait_leaves_the_gate_to_others(
    app: Flask, set_clock: SetClock
) -> None:
    impatient, other = client_of(app), client_of(app)
    with no_room():
        for _turn in range(IMPATIENT - 1):
            assert impatient.post("/sign-in", data=FORM).status_code == 503
    assert impatient.post("/sign-in", data=FORM).status_code == 400, "there is room"
    with no_room():
        impatient.post("/sign-in", data=FORM)
    for _turn in range(3):
        assert impatient.post("/sign-in", data=FORM).status_code == 503
    assert other.post("/sign-in", data=FORM).status_code == 400

    set_clock(NOON + timedelta(seconds=passwords.AGAIN_SECONDS))
    assert impatient.post("/sign-in", data=FORM).status_code == 400, "no try has prolonged it"


def test_a_clock_that_is_set_back_keeps_nobody_out(app: Flask, set_clock: SetClock) -> None:
    visitor = client_of(app)
    with no_room():
        for _turn in range(IMPATIENT):
            visitor.post("/sign-in", data=FORM)
    assert visitor.post("/sign-in", data=FORM).status_code == 503
    set_clock(NOON - timedelta(hours=1))
    assert visitor.post("/sign-in", data=FORM).status_code == 400


def test_behind_a_proxy_only_who_does_not_wait_is_kept_out(tmp_path: Path) -> None:
    site = create_app(settings_for(tmp_path, proxies=1))
    with site.app_context(), writing():
        db.create_all()

    def answer(address: str) -> int:
        told = {"X-Forwarded-For": address}
        return site.test_client().post("/sign-in", data=FORM, headers=told).status_code

    with no_room():
        assert {answer("192.0.2.1") for _turn in range(IMPATIENT)} == {503}
    assert (answer("192.0.2.1"), answer("192.0.2.2")) == (503, 400)
    with site.app_context():
        db.engine.dispose()


def test_what_is_remembered_of_impatient_addresses_is_bounded() -> None:
    impatient = Impatient()
    for number in range(MOST_ADDRESSES + 5):
        impatient.note(f"2001:db8:{number:x}::/64")
    assert len(impatient.seen) == 5
