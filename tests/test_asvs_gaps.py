"""What the table of docs/asvs.csv claims and no other test proves; small things, one test each."""

import io
import json
import logging
import math
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask, url_for
from sqlalchemy import select

import campaigns.queries
from accounts.factors import services as factors
from accounts.factors.rules import LETTERS
from accounts.links import services as links
from accounts.links.services import make_code, make_link
from accounts.passwords.rules import problems
from accounts.rules import SITE, Actor, Role
from core import logs
from core.access import EVERYONE, SIGNED_IN, audiences_of
from core.audit import AuditRow
from core.db import db
from core.headers import POLICY
from core.ids import token, uid
from tests.browser import Browser
from tests.builders.people import PASSWORD, a_grant, a_member_of_staff, a_person
from tests.conftest import NOON, BrowseAs, SetClock
from tests.factories import CANARY
from tests.test_matrix import ROUTES, routes
from tests.worlds import a_world

TYPED = "typed-by-somebody-15400000000"


# --- what a browser is told ----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere", "/healthz", "/static/app.css"])
def test_no_other_site_may_read_an_answer(app: Flask, path: str) -> None:
    with app.test_client().get(path, headers={"Origin": "https://elsewhere.example"}) as answer:
        assert not [name for name, _said in answer.headers if name.startswith("Access-Control")]


def test_no_other_site_may_frame_a_page_or_move_its_addresses() -> None:
    rules = dict(rule.split(" ", 1) for rule in re.split(r";\s*", POLICY))
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["default-src"] == "'none'"
    assert rules["form-action"] == rules["script-src"] == "'self'"
    assert "object-src" not in rules  # so default-src holds


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/nowhere", "text/html; charset=utf-8"),
        ("/static/app.css", "text/css; charset=utf-8"),
        ("/static/app.js", "text/javascript; charset=utf-8"),
        ("/static/favicon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_every_answer_says_what_it_is(app: Flask, path: str, kind: str) -> None:
    with app.test_client().get(path) as answer:
        assert answer.headers["Content-Type"] == kind


@pytest.mark.parametrize("path", ["/home", "/account", "/audit", "/campaigns"])
def test_what_the_signed_in_are_shown_is_kept_nowhere(browse_as: BrowseAs, path: str) -> None:
    answer = browse_as(a_member_of_staff(Role.AUDITOR)).client.get(path)
    assert answer.headers["Cache-Control"] == "no-store"


def test_signing_out_is_on_every_page_and_the_browser_forgets(browse_as: BrowseAs) -> None:
    browser = browse_as(a_member_of_staff(Role.AUDITOR))
    for path in ("/", "/home", "/account", "/audit", "/privacy"):
        assert browser.get(path).form("/sign-out")

    sent = browser.get("/home").form("/sign-out")
    assert '"cache"' in browser.client.post("/sign-out", data=sent).headers["Clear-Site-Data"]


# --- forms and secrets ----------------------------------------------------------------------------


PROGRAMS = {
    "leaving.leave": "mail programs have no token of ours: the address is signed (RFC 8058)",
    "receipts.take": "nor have vendors: the address has a secret",
}


def test_no_form_is_taken_without_its_token(app: Flask) -> None:
    """Every address that takes a POST, from somebody who may send one."""
    world = a_world()
    taken, tried = [], 0
    for rule, method in routes(app):
        if method != "POST" or rule.endpoint in PROGRAMS:
            continue
        audience = audiences_of(rule.endpoint)
        role = "auditor" if audience & {EVERYONE, SIGNED_IN} else min(audience)
        given = ROUTES[rule.endpoint].values(world.mine)
        with app.test_request_context():
            path = url_for(rule.endpoint, **given)  # type: ignore[arg-type]  # of a route
        browser = Browser(app, world.secrets[role])
        with app.app_context():
            answer = browser.client.post(path, data={"form_key": "k" * 22})
        tried += 1
        if answer.status_code != 400:
            taken.append(f"{answer.status_code} {rule.endpoint}")
    assert taken == []
    assert tried > 80


def test_a_secret_opens_only_what_it_was_made_for(app: Flask, visitor: Browser) -> None:
    person_id = a_person(phone="15400000002").id
    link, code = make_link(person_id), make_code(person_id, by=SITE)

    Browser(app, link).get("/home", status=302)
    visitor.get(f"/guardian/{link}", status=410)
    visitor.post(f"/sign-in/link/{code}", status=422)
    visitor.post("/sign-in/code", {"login": "15400000002", "code": link[:8]}, status=422)


def test_a_code_that_was_read_out_holds_ten_minutes(visitor: Browser, set_clock: SetClock) -> None:
    code = make_code(a_person(phone="15400000002").id, by=SITE)
    assert timedelta(minutes=10) >= links.CODE_LASTS
    assert len(code) == 8

    set_clock(NOON + links.CODE_LASTS)
    visitor.post("/sign-in/code", {"login": "15400000002", "code": code}, status=422)


def test_names_and_secrets_are_too_long_to_guess() -> None:
    assert len(uid()) == 22  # 128 bits, six a letter
    assert len(token()) == 43  # 256 bits
    assert len({uid() for _turn in range(1000)}) == 1000


def test_long_passwords_are_welcome() -> None:
    for long in (64, 128):
        sentence = ("seven brown horses graze by the slow river while nobody counts them " * 2)[
            :long
        ]
        assert problems(sentence, has_second_factor=False) == []


def test_no_address_is_made_of_what_is_known_about_somebody(site: Flask) -> None:
    """Browsers keep addresses and shoulders are looked over: public names, numbers, our words."""
    parts = {name for rule in site.url_map.iter_rules() for name in rule.arguments}
    public = {"uid", "child_uid", "grant_uid", "link_uid", "ref", "seat_uid", "slug", "team_uid"}
    numbers = {
        "domain_id",
        "entry",
        "grant_id",
        "item_id",
        "number",
        "passkey_id",
        "session_id",
        "width",
        "year",
    }
    words = {
        "about",
        "day",
        "deed",
        "kind",
        "name",
        "purpose",
        "shape",
        "size",
        "to",
        "verb",
        "version",
        "what",
        "whom",
        "whose",
    }
    assert parts - public - numbers - words == {"token", "filename", "code"}


def test_a_child_is_looked_up_by_what_stands_in_the_body(browse_as: BrowseAs) -> None:
    page = browse_as(a_member_of_staff(Role.COORDINATOR)).get("/children/find")
    (form,) = page.soup.select("main form")
    assert form["method"] == "post"


# --- what is kept, and what is not ---------------------------------------------------------------


@pytest.fixture
def written(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a site writes to standard error."""
    lines = io.StringIO()
    monkeypatch.setattr("sys.stderr", lines)
    logs.configure("info")
    yield lines
    logs.configure("error")


def test_log_lines_are_json_and_hold_nothing_that_was_typed(
    visitor: Browser, written: io.StringIO
) -> None:
    odd = {"User-Agent": f'{TYPED}"}}\t{{"level": "forged"', "Referer": f"http://localhost/{TYPED}"}
    visitor.get(f"/campaigns?brand={TYPED}%0a%7B%22level%22:%22forged%22%7D", headers=odd)
    visitor.get(f"/sign-in/link/{TYPED}")
    visitor.post("/sign-in", {"login": TYPED, "password": TYPED}, status=422)

    lines = written.getvalue().splitlines()
    assert len(lines) >= 3
    assert {json.loads(line)["level"] for line in lines} == {"info"}
    assert {"view", "method", "status", "request", "timestamp"} <= set(json.loads(lines[0]))
    assert json.loads(lines[0])["timestamp"].endswith("Z")
    assert TYPED not in "".join(lines)


def test_an_error_tells_people_nothing_and_the_log_only_where_it_was(
    app: Flask, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    def fails() -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(campaigns.queries, "current_cards", fails)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    page = Browser(app).get(f"/?q={TYPED}", status=500)

    assert "ValueError" not in page.html
    assert "Traceback" not in page.html
    lines = map(json.loads, written.getvalue().splitlines())
    (failed,) = [line for line in lines if line["event"] == "failed"]
    assert failed["error"] == "ValueError"
    assert failed["view"] == "campaigns.index"
    assert failed["at"][-1].startswith("test_asvs_gaps.py:")
    assert CANARY not in str(failed)
    assert TYPED not in str(failed)


def test_what_a_library_says_is_a_line_without_what_it_is_about(written: io.StringIO) -> None:
    logging.getLogger("waitress").warning("Exception while serving %s", f"/guardian/{TYPED}")

    line = json.loads(written.getvalue())
    assert (line["level"], line["of"]) == ("warning", "waitress")
    assert line["said"] == "Exception while serving %s"


def test_what_a_statement_carried_is_in_no_error_of_the_database(app: Flask) -> None:
    a_person(email="twice@example.org")
    with pytest.raises(Exception, match="parameters hidden") as refused:
        a_person(name=CANARY, email="twice@example.org")
    assert CANARY not in str(refused.value)


def _signs() -> list[tuple[str, str, int | None]]:
    asked = select(AuditRow.action, AuditRow.ref, AuditRow.actor_id).order_by(AuditRow.id)
    return [tuple(row) for row in db.session.execute(asked) if row.action.startswith("sign_in")]  # type: ignore[misc]  # three columns


def test_a_sign_in_is_kept_and_so_is_one_that_failed(visitor: Browser) -> None:
    person_id = a_person(phone="15400000002", email="li@example.org").id
    visitor.post("/sign-in", {"login": "li@example.org", "password": "wrong"}, status=422)
    visitor.post("/sign-in", {"login": "nobody@example.org", "password": "wrong"}, status=422)
    visitor.post("/sign-in/code", {"login": "15400000002", "code": "00000000"}, status=422)
    visitor.post("/sign-in/code", {"login": "15400000009", "code": "00000000"}, status=422)
    visitor.post("/sign-in", {"login": "li@example.org", "password": PASSWORD})

    failed = [("sign_in_failed", who, None) for who in (str(person_id), "?", str(person_id), "?")]
    assert _signs() == [*failed, ("sign_in", str(person_id), person_id)]


def test_a_role_elsewhere_opens_no_door_here(browse_as: BrowseAs) -> None:
    """Whoever holds several roles has each of them only at its place."""
    person_id = a_member_of_staff(Role.AUDITOR)
    a_grant(person_id, Role.EDITOR)
    browse_as(person_id).get("/people", status=403)


def test_recovery_codes_carry_more_than_112_bits(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    codes = factors.renew_codes(Actor(id=person_id, name=""))
    assert min(len(code) for code in codes) * math.log2(len(LETTERS)) > 112
