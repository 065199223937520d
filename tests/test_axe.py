"""Every page, filled, as people see it: axe-core finds nothing, on a phone and on a desk.

Pages come from the site itself through a real Chromium: the browser asks, the test client answers,
style sheets and scripts too, so contrast and sizes are those of the site.
"""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page as Window
from playwright.sync_api import Route
from werkzeug.routing import Rule

from campaigns.seats.rules import SeatState
from core import ids
from tests.browser import Browser
from tests.builders.campaigns import a_sign_up, a_slot
from tests.builders.wishes import a_claim, a_wish
from tests.conftest import begin_from
from tests.test_matrix import ROUTES, WHO, Caller, routes, world
from tests.worlds import World

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.browser
WIDTHS = (390, 1440)
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
RUN = """() => axe.run({resultTypes: ["violations"]}).then(told => told.violations.map(
    one => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`))"""
HALVES = 2
NO_PAGE = {
    "agreements.pdf": "a file for printing",
    "certificate_batches.pdf": "a file for printing",
    "certificate_checks.keys": "JSON",
    "certificates.pdf": "a file for printing",
    "certificates.signed": "JSON",
    "choosing.compare": "needs two teams: looked at in tests/pairings/board",
    "cards.joined": "a picture",
    "cards.show": "a picture",
    "feeds.read": "a calendar file",
    "health.healthz": "JSON",
    "health.readyz": "JSON",
    "imports.template": "a file to fill in",
    "own_signups.ics": "a calendar file",
    "pictures.serve": "a picture",
    "posters.poster": "a file for printing",
    "stories.picture": "a picture",
    "visits.ics": "a calendar file",
    "factors.due": "leads on: everybody in this world has passed the second factor",
    "reports.edit": "no campaign of this world is being wrapped up; tests/test_reports.py opens it",
    "unsent.show": "nobody's session has ended over a form; tests/test_unsent.py opens it",
    "leaving.page": "needs a signed link: tests/messages_channels/test_looks.py",
    "visit_answers.ask": "likewise",
    "wechat.agreed": "leads back with an answer",
    "wechat.subscribe": "leads on to WeChat",
    "promises.answer": "needs a link that works once: looked at below",
    "day.by_link": "likewise",
    "signups.confirm": "likewise",
    "wishes.behind": "likewise",
    "students.confirm": "opened by a link that works once, signed in: tests/test_students.py",
    "students.vouch": "likewise",
}
"""Addresses without a page to look at here, and why."""


class Onlooker:
    """A window whose every request the site answers, as whoever may see the page."""

    def __init__(self, chromium: Chromium) -> None:
        self.window: Window = chromium.new_context(base_url="http://localhost").new_page()
        self.window.route("**/*", self._answer)
        self.caller: Caller | Browser | None = None

    def _answer(self, route: Route) -> None:
        assert self.caller is not None
        path = route.request.url.removeprefix("http://localhost")
        answer = self.caller.client.get(path, buffered=True)
        headers = dict(answer.headers)
        route.fulfill(status=answer.status_code, headers=headers, body=answer.get_data())


def _urls(site: Flask, world: World, callers: dict[str, Caller]) -> dict[str, tuple[str, str]]:
    """Return the address of each page, by its endpoint, and whoever sees it first."""
    found: dict[str, tuple[str, str]] = {}
    for rule, method in routes(site):
        if method == "GET":
            seen = _first_who_sees(site, world, callers, rule)
            if seen is not None:
                found[rule.endpoint] = seen
    return found


def _first_who_sees(
    site: Flask, world: World, callers: dict[str, Caller], rule: Rule
) -> tuple[str, str] | None:
    with site.test_request_context():
        url = site.url_for(rule.endpoint, **ROUTES[rule.endpoint].values(world.mine))  # type: ignore[arg-type]
    for who, caller in callers.items():
        caller.starts_anew()
        answer = caller.client.get(url)
        if answer.mimetype == "text/html" and answer.status_code in {200, 410}:
            return who, url
    return None


def _problems(onlooker: Onlooker, where: str) -> list[str]:
    """Return what axe-core finds on the page in the window, at both widths."""
    found = []
    onlooker.window.evaluate(AXE_SCRIPT)
    for width in WIDTHS:
        onlooker.window.set_viewport_size({"width": width, "height": 900})
        onlooker.window.evaluate(SETTLED)
        found += [f"{where} at {width}: {told}" for told in onlooker.window.evaluate(RUN)]
    return found


@pytest.mark.parametrize("half", range(HALVES))
def test_axe_finds_nothing_on_any_page(
    half: int, site: Flask, world: World, chromium: Chromium
) -> None:
    callers = {who: Caller(site, world.secrets.get(who)) for who in WHO}
    urls = _urls(site, world, callers)
    pages = {rule.endpoint for rule, method in routes(site) if method == "GET"}
    assert pages - set(urls) == set(NO_PAGE)
    onlooker, wrong = Onlooker(chromium), []
    for place, (endpoint, (who, url)) in enumerate(sorted(urls.items())):
        if place % HALVES != half:
            continue
        begin_from(site, "world.db")
        callers[who].starts_anew()
        onlooker.caller = callers[who]
        english = "/en" if place % 4 < HALVES else ""
        onlooker.window.goto(english + url)
        wrong += _problems(onlooker, f"{endpoint} ({who}, {english}{url})")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "path",
    ["/sign-ups/confirm/", "/wish-claims/", "/sign-ups/promise/", "/sign-ups/day/"],
)
def test_axe_finds_nothing_on_pages_behind_a_link(
    path: str, app: Flask, chromium: Chromium
) -> None:
    secret = "s" * 43
    slot = a_slot()
    a_sign_up(slot, secret=secret)
    a_sign_up(slot, state=SeatState.CONFIRMED, promise_hash=ids.digest(secret))
    a_claim(a_wish(), secret=secret)
    onlooker = Onlooker(chromium)
    onlooker.caller = Caller(app, None)

    answer = onlooker.window.goto(f"{path}{secret}")

    assert answer is not None
    assert answer.status == 200
    assert _problems(onlooker, path) == []
