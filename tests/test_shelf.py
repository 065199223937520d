"""Public pages that are kept ready: the same for everybody, and never older than the rows."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from accounts.queries import actor_for
from accounts.rules import Role
from accounts.sessions.services import open_session
from app import create_app
from campaigns.manage.rules import Verb
from campaigns.manage.services import Step, move
from campaigns.manage.slots.services import change_places
from campaigns.models import Campaign, Slot
from campaigns.rules import Stage
from core import clock, shelf
from core.config import Settings
from core.db import db, transaction, writing
from core.fences import everything
from tests.browser import Browser, Page
from tests.builders.campaigns import a_campaign, a_slot
from tests.builders.people import a_member_of_staff, a_person
from tests.conftest import NOON, SetClock, settings_for
from tests.races import ENGINES, site_on
from tests.test_nearest import in_a_row, order

ROOT = Path(__file__).parent.parent
FRESH = "public, max-age=30, stale-while-revalidate=30"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Flask]:
    """The site as it runs: with its pages kept, here for as long as a test lasts."""
    yield from made(create_app(settings_for(tmp_path, page_seconds=3600)))


def made(app: Flask) -> Iterator[Flask]:
    with app.app_context(), everything():
        with writing():
            db.create_all()
        db.session.remove()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def asked(site: Flask) -> Iterator[list[str]]:
    """What the database was asked."""
    statements: list[str] = []

    def note(*context: object) -> None:
        if not str(context[2]).startswith(("PRAGMA", "BEGIN")):
            statements.append(str(context[2]))

    engine: Engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def get(site: Flask, url: str, **headers: str) -> TestResponse:
    """Ask as somebody who has never been here."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with site.app_context():  # of its own, as each request has on a real site
        return site.test_client(use_cookies=False).get(url, headers=named)


def suspend(campaign: Campaign) -> None:
    by = actor_for(a_member_of_staff(Role.PUBLISHER))
    db.session.rollback()
    version = db.session.get_one(Campaign, campaign.id, populate_existing=True).version
    move(campaign.uid, Step(Verb.SUSPEND, version, "核对"), by=by)


@pytest.mark.parametrize("path", ["/", "/campaigns", "/campaigns/{slug}"])
def test_a_page_is_made_once_and_given_with_one_question(
    site: Flask, asked: list[str], path: str
) -> None:
    slot = a_slot(campaign := a_campaign(title="一起读书"))
    url = path.format(slug=campaign.slug)
    first = get(site, url)
    del asked[:]

    again = get(site, url)

    assert "一起读书" in again.text
    assert again.data == first.data
    assert len(asked) == 1, slot.uid
    assert again.headers["X-Request-ID"] != first.headers["X-Request-ID"]


@pytest.mark.parametrize("path", ["/help", "/about", "/privacy", "/accessibility", "/network"])
def test_what_stands_by_itself_is_kept_packed_and_may_be_found(
    site: Flask, asked: list[str], path: str
) -> None:
    first = get(site, path)
    del asked[:]

    packed = get(site, path, Accept_Encoding="gzip")

    assert gzip.decompress(packed.data) == first.data
    assert len(packed.data) < len(first.data) / 2
    assert asked == []
    assert 'name="robots"' not in first.text


def test_nobody_gets_a_cookie_before_a_form(site: Flask) -> None:
    slot = a_slot(campaign := a_campaign())
    for url in ("/", "/campaigns", f"/campaigns/{campaign.slug}", "/en/"):
        for _turn in range(2):
            answer = get(site, url)
            assert "Set-Cookie" not in answer.headers
            assert answer.headers["Cache-Control"] == FRESH
            assert answer.headers["Vary"] == "Cookie, Accept-Encoding"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "csrf_token" not in answer.text
    form = get(site, f"/slots/{slot.uid}/join")
    assert "Set-Cookie" in form.headers
    assert form.headers["Cache-Control"] == "private, no-cache"


def test_who_has_the_page_is_told_that_it_is_still_good(site: Flask) -> None:
    campaign = a_campaign(published_at=clock.now())
    url = f"/campaigns/{campaign.slug}"
    known = get(site, url).headers["ETag"]

    answer = get(site, url, If_None_Match=known)

    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == known
    assert "Content-Length" not in answer.headers
    suspend(campaign)
    assert get(site, url, If_None_Match=known).status_code == 200


def test_a_page_is_packed_for_whoever_unpacks(site: Flask) -> None:
    plain = get(site, "/")
    packed = get(site, "/", Accept_Encoding="gzip, br")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert "Content-Encoding" not in get(site, "/", Accept_Encoding="gzip;q=0").headers


def test_a_head_is_the_page_without_its_body(site: Flask) -> None:
    page = get(site, "/")
    with site.app_context():
        head = site.test_client(use_cookies=False).head("/")

    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(page.data))
    assert head.headers["ETag"] == page.headers["ETag"]


def test_each_language_has_its_own(site: Flask) -> None:
    campaign = a_campaign(title="一起读书", title_en="Reading together")
    for _turn in range(2):
        assert "一起读书" in get(site, f"/campaigns/{campaign.slug}").text
        english = get(site, f"/en/campaigns/{campaign.slug}").text
        assert "Reading together" in english
        assert "一起读书" not in english


def test_whoever_is_signed_in_gets_their_own_page_and_leaves_none(site: Flask) -> None:
    person = a_person(name="王样例")
    browser = Browser(site, open_session(person.id, agent="tests"))
    get(site, "/")

    with site.app_context():
        page = browser.client.get("/")

    assert "王样例" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "王样例" not in get(site, "/").text


def test_what_was_said_to_one_visitor_is_said_to_nobody_else(site: Flask) -> None:
    client = site.test_client()
    with client.session_transaction() as session:
        session["_flashes"] = [("ok", "只对您说")]

    with site.app_context():
        told = client.get("/")

    assert "只对您说" in told.text
    assert told.headers["Cache-Control"] == "private, no-cache"
    assert "只对您说" not in get(site, "/").text


def test_what_is_not_there_is_not_kept(site: Flask) -> None:
    campaign = a_campaign(stage=Stage.APPROVED)
    url = f"/campaigns/{campaign.slug}"
    answer = get(site, url)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    with transaction() as session:
        found = session.get_one(Campaign, campaign.id)
        found.stage, found.version = Stage.RECRUITING, found.version + 1

    assert get(site, url).status_code == 200


def test_more_places_show_at_once(site: Flask) -> None:
    slot = a_slot(campaign := a_campaign(), capacity=3)
    url = f"/campaigns/{campaign.slug}"
    assert "还有 3 个名额" in get(site, url).text

    change_places(slot.uid, 7, 0, by=actor_for(a_member_of_staff(Role.EDITOR)))

    assert "还有 7 个名额" in get(site, url).text


def test_the_next_day_has_pages_of_its_own(site: Flask, set_clock: SetClock) -> None:
    campaign = a_campaign(recruit_until=clock.today())
    a_slot(campaign)
    url = f"/campaigns/{campaign.slug}"
    assert "我要报名" in get(site, url).text

    set_clock(NOON + timedelta(days=1))

    assert "我要报名" not in get(site, url).text


def test_seats_are_told_anew_after_some_seconds(tmp_path: Path) -> None:
    for app in made(create_app(settings_for(tmp_path, page_seconds=1))):
        slot = a_slot(campaign := a_campaign(), capacity=3)
        url = f"/campaigns/{campaign.slug}"
        get(app, url)
        with transaction() as session:
            session.get_one(Slot, slot.id).taken = 2

        tries = (get(app, url).text for _turn in range(100_000))

        assert any("还有 1 个名额" in text for text in tries)


def test_a_crowd_makes_one_page(site: Flask, asked: list[str]) -> None:
    url, gate = f"/campaigns/{a_campaign().slug}", Barrier(6)

    def ask() -> int:
        gate.wait()
        return get(site, url).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(ask) for _one in range(6)]

    assert [answer.result() for answer in answers] == [200] * 6
    assert sum("FROM campaigns JOIN brands" in one for one in asked) == 1


def test_the_shelf_does_not_grow_without_end(
    site: Flask, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST_PAGES", 2)
    for path in ("/", "/campaigns", "/en/"):
        get(site, path)
    del asked[:]

    assert get(site, "/en/").status_code == 200
    assert len(asked) == 1
    assert get(site, "/").status_code == 200
    assert len(asked) > 3, "it had to go for the third one"


def test_a_query_goes_its_own_way(site: Flask) -> None:
    assert get(site, "/campaigns?brand=x").headers["Cache-Control"] == "private, no-cache"


def test_each_county_has_a_page_that_is_kept(site: Flask) -> None:
    campaign, counties, slots = in_a_row(2)
    address = f"/campaigns/{campaign.slug}"
    for _turn in range(2):
        for county, slot in zip(counties, slots, strict=True):
            answer = get(site, f"{address}?near={county.nbs_code}")
            assert answer.headers["Cache-Control"].startswith("public")
            assert order(Page(answer.text))[0] == slot.uid
    for query in ("near=99", "near=1&near=2", "from=abcdefg", "near=1&x=1", "x=1"):
        kept = get(site, f"{address}?{query}").headers["Cache-Control"]
        assert not kept.startswith("public"), query


def test_a_demonstration_says_so_on_every_copy(tmp_path: Path) -> None:
    for app in made(create_app(settings_for(tmp_path, page_seconds=3600, demo=True))):
        for _turn in range(2):
            assert "示例数据：人物和数字都是虚构的" in get(app, "/").text


@pytest.mark.parametrize("engine", ENGINES)
def test_a_halted_campaign_is_halted_in_every_process_at_once(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as app:
        campaign = a_campaign(published_at=clock.now())
        path = f"/campaigns/{campaign.slug}\n"
        settings: Settings = app.extensions["settings"]
        with subprocess.Popen(
            [
                sys.executable, "-m", "tests.shelf_worker", str(settings.home),
                settings.database_url, NOON.isoformat(),
            ],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as other:  # fmt: skip
            assert other.stdin is not None
            assert other.stdout is not None

            def told() -> str:
                assert other.stdin is not None
                assert other.stdout is not None
                other.stdin.write(path)
                other.stdin.flush()
                answer = json.loads(other.stdout.readline())
                assert answer["status"] == 200
                return str(answer["text"])

            assert "这个活动暂停了" not in told()
            suspend(campaign)
            assert "这个活动暂停了" in told()
            other.stdin.close()
