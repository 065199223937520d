"""Who wants to sign in while there is no room: answered at once, and at nobody's cost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, request
from sqlalchemy import event

from accounts.rules import Role
from app import create_app
from core import passwords
from core.db import db
from tests.browser import Page
from tests.builders.people import a_member_of_staff
from tests.conftest import BrowseAs, settings_for

WAYS_IN = ["/sign-in", "/sign-in?next=/home", "/sign-in/code", "/sign-in/link/a-secret"]
FORM = {"login": "15400000001", "password": "a wrong guess of it", "code": "12345678"}


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
    answer = app.test_client().post(root + path, data=FORM)

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
        strangers = app.test_client().post("/sign-in/link/a-secret", data=FORM)
    assert (theirs.status_code, strangers.status_code) == (503, 503)
    assert theirs.data == strangers.data
    assert "审计员甲" not in theirs.get_data(as_text=True)


@pytest.mark.usefixtures("full")
def test_pages_and_other_forms_do_not_wait_at_the_gate(app: Flask, touched: list[str]) -> None:
    visitor = app.test_client()
    for path in ("/sign-in", "/sign-in/code", "/"):
        assert visitor.get(path).status_code == 200
    assert visitor.post("/sign-out").status_code == 302
    assert "/sign-out" in touched


def test_the_gate_is_free_again_after_every_sign_in(app: Flask, touched: list[str]) -> None:
    for _turn in range(passwords.AT_ONCE + 1):
        assert app.test_client().post("/sign-in", data=FORM).status_code == 400
    assert touched.count("/sign-in") == passwords.AT_ONCE + 1


@pytest.mark.usefixtures("full")
def test_over_tls_who_is_turned_away_is_told_to_stay_there(tmp_path: Path) -> None:
    site = create_app(settings_for(tmp_path, site_url="https://localhost"))
    answer = site.test_client().post("/sign-in", data=FORM)
    assert answer.status_code == 503
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
