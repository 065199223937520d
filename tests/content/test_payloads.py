"""Whatever people type, a real Chromium shows it as words: nothing runs, loads or leads elsewhere.

Every payload goes into every field that people fill in. Pages are opened bare, without the policy
that would stop a script anyway, so that the escaping is proved by itself: a few pages that show
all fields between them with every payload, and every page with some; then as the site answers,
policy and all.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Route

from accounts.rules import Role
from core import audit
from core.access import EVERYONE, SIGNED_IN, audiences_of
from core.db import Base, transaction
from core.headers import ALWAYS
from tests.browser import Browser
from tests.content.payloads import SCRIPTS, packed
from tests.test_matrix import ROUTES, VISITOR, WHO
from tests.worlds import World, a_world

HERE = "http://localhost"
KNOWN_HOSTS = {"localhost", "www.baidu.com"}
MARK = re.compile(r"特(\d\d)征")
WELL_PLACED = ("coordinator", "admin", "editor", "safeguarding_lead", "team_leader")
"""Who sees most; each page is looked at by the first two who may."""
ROUNDS_OF_ALL = 1
LIVE_ROUNDS = 3
"""Of the texts as the site answers them, a third of the pages each."""
TYPED = {
    "Activity": ("title", "title_en"),
    "Area": ("name", "name_en"),
    "CalendarDay": ("name", "source"),
    "CalendarFeed": ("name",),
    "Brand": ("name", "name_en", "tagline", "tagline_en"),
    "Campaign": (
        "title", "title_en", "summary", "summary_en", "story", "story_en", "needed", "needed_en",
        "risks", "risks_en", "review_note",
    ),
    "CampaignPicture": ("alt", "alt_en"),
    "CampaignPlace": ("name",),
    "Child": ("alias", "interests", "care_hint", "sent_back_note"),
    "ClosingReport": ("text", "text_en", "reason", "reason_en"),
    "Consent": ("proof_reference",),
    "Certificate": ("reason",),
    "DeliveryAttempt": ("code",),
    "Evidence": ("reference", "void_reason"),
    "ExamPeriod": ("name", "name_en", "source"),
    "ImportRow": ("email", "language", "name", "phone"),
    "Message": ("error",),
    "Organisation": ("name", "name_en"),
    "Pairing": ("note", "decision_note"),
    "ParameterValue": ("source",),
    "Person": ("name",),
    "RoleGrant": ("reason",),
    "SchoolTime": ("name", "source"),
    "Series": ("place_text",),
    "SignInSession": ("agent",),
    "SavedFilter": ("name",),
    "SignUp": ("contact", "name", "org_text"),
    "Slot": ("place",),
    "Standing": ("name", "contact_name", "lead_name", "agreement_ref", "note"),
    "Story": ("text", "text_en", "impact", "alt", "alt_en", "note"),
    "Team": ("name",),
    "Visit": ("place_text",),
    "VisitRecord": ("did", "need_changes", "parcel", "return_reason"),
    "Volunteer": ("org_text", "status_reason"),
    "Wish": ("item", "item_en", "size", "note"),
    "WishClaim": ("contact", "name"),
}  # fmt: skip
LOOK = """() => [...document.querySelectorAll('iframe')].flatMap(frame => {
  const page = frame.contentDocument, found = [];
  if (!page) return ['a page that went elsewhere'];
  for (const one of page.querySelectorAll('*')) {
    for (const name of one.getAttributeNames())
      if (name.startsWith('on') || name === 'style' || name === 'srcdoc') found.push(name);
    if (['BASE', 'IFRAME', 'OBJECT', 'EMBED', 'STYLE', 'MARQUEE'].includes(one.tagName))
      found.push(one.tagName);
    // the squares of a link are a picture of our own; nothing in an <img> runs
    if (one.tagName === 'IMG' && one.src.startsWith('data:image/svg+xml;')) continue;
    for (const at of [one.href, one.src, one.action, one.formAction])
      if (typeof at === 'string' && at && !/^(https?|tel|mailto|about):/.test(at)) found.push(at);
  }
  return found;
})"""


@dataclass
class Watch:
    """What a page did that words do not do."""

    effects: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext, answer: Callable[[Route], None]) -> Page:
        """Open a page whose every request is answered here and now."""
        context.expose_function("pwned", lambda *_given: self.effects.append("a script ran"))
        context.route("**/*", lambda route: self._sort(route, answer))
        page = context.new_page()
        page.on("dialog", lambda dialog: self.effects.append(f"dialog {dialog.message}"))
        page.on("pageerror", lambda error: self.effects.append(f"error {error}"))
        page.on("popup", lambda _page: self.effects.append("a window opened"))
        return page

    def _sort(self, route: Route, answer: Callable[[Route], None]) -> None:
        if urlsplit(route.request.url).hostname != "localhost":
            self.effects.append(f"asked {route.request.url}")
            route.abort()
        else:
            answer(route)


@contextmanager
def bare_window(watch: Watch, chromium: Chromium) -> Iterator[Page]:
    """Open a window whose pages have no policy."""
    context = chromium.new_context(base_url=HERE)
    try:
        yield watch.over(context, lambda to: to.fulfill(body="", content_type="text/html"))
    finally:
        context.close()


def show(watch: Watch, window: Page, pages: list[str]) -> None:
    """Show pages side by side, and look at what became of them."""
    window.goto("/frames")
    window.evaluate(
        """pages => Promise.all(pages.map(text => new Promise(done => {
          const frame = document.createElement('iframe');
          frame.onload = done; frame.srcdoc = text; document.body.append(frame);
        })))""",
        pages,
    )
    window.wait_for_timeout(50)
    watch.effects += window.evaluate(LOOK)


def bare(watch: Watch, chromium: Chromium, pages: list[str]) -> None:
    """Show pages once, in a window of their own."""
    with bare_window(watch, chromium) as window:
        show(watch, window, pages)


Seat = tuple[str, str]
"""Who opens which address."""


def few(pages: dict[Seat, set[str]]) -> list[Seat]:
    """Return a few pages that show every field between them."""
    left, chosen = set().union(*pages.values()), []
    while left:
        most = max(pages, key=lambda seat: len(pages[seat] & left))
        chosen.append(most)
        left -= pages[most]
    return chosen


class Crowd:
    """Everybody of a world, and the addresses each of them looks at."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world
        self.browsers = {who: Browser(app, world.secrets.get(who)) for who in WHO}

    def addresses(self, who: str) -> Iterator[tuple[str, str]]:
        """Yield endpoint and address of each page the person may open."""
        roles = {who, Role.VOLUNTEER.value} if who == Role.TEAM_LEADER.value else {who} - {VISITOR}
        for rule in self.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint not in ROUTES:
                continue
            audience = audiences_of(rule.endpoint)
            if EVERYONE in audience or roles & audience or (roles and SIGNED_IN in audience):
                values = ROUTES[rule.endpoint].values(self.world.mine)
                with self.app.test_request_context():
                    yield rule.endpoint, self.app.url_for(rule.endpoint, **values)  # type: ignore[arg-type]  # of a route

    def shows(self, who: str, url: str) -> str:
        answer = self.browsers[who]._ask("GET", url)  # noqa: SLF001 - without the house rules: quick
        assert answer.status_code < 500, url
        return answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""

    def finds(self, who: str, url: str) -> bool:
        """Say whether there is such a page: of one that is missing the console speaks itself."""
        return self.browsers[who]._ask("GET", url).status_code == 200  # noqa: SLF001 - as above

    def pages(self, lookers: int = 2) -> dict[Seat, set[str]]:
        """Return who opens what, and the fields seen there: by whoever sees most of each page."""
        best: dict[str, tuple[Seat, set[str]]] = {}
        asked: Counter[str] = Counter()
        for who in (*WELL_PLACED, *(one for one in WHO if one not in WELL_PLACED)):
            for endpoint, url in self.addresses(who):
                asked[endpoint] += 1
                if asked[endpoint] > lookers:
                    continue
                for where in (url, f"/en{url}") if "/campaigns" in url else (url,):
                    seen = set(MARK.findall(self.shows(who, where)))
                    name = endpoint + where[:3]
                    if len(seen) > len(best.get(name, (("", ""), set()))[1]):
                        best[name] = ((who, where), seen)
        return dict(best.values())


def typed(world: World, text: Callable[[int], str]) -> None:
    """Write a text into every field that people fill in, as long as the field takes."""
    with transaction() as session:
        for mapper in Base.registry.mappers:
            table = mapper.local_table
            assert isinstance(table, sa.Table)
            names = [one for one in TYPED.get(mapper.class_.__name__, ()) if one in table.c]
            values = {table.c[name]: _filled(table, name, text) for name in names}
            if values:
                session.execute(sa.update(table).values(values))
        audit.record("edit_campaign", "campaign", world.mine.campaign, by=None, reason=text(300))


def _filled(table: sa.Table, name: str, text: Callable[[int], str]) -> Any:
    """Return what a column is set to; where no two may be alike, the row's number follows."""
    most = getattr(table.c[name].type, "length", None) or 2000
    together = [one.columns for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    together += [one.columns for one in table.indexes if one.unique]
    if not any(name in columns for columns in together):
        return text(most)
    return sa.literal(text(most - 4)).concat(sa.cast(table.c.id, sa.String))


@pytest.fixture
def crowd(app: Flask) -> Crowd:
    world = a_world()
    numbers = count()
    typed(world, lambda _most: f"特{next(numbers):02}征")
    return Crowd(app, world)


Answer = tuple[int, dict[str, str], bytes]


def _answering(crowd: Crowd, who: str, kept: dict[str, Answer]) -> Callable[[Route], None]:
    """Return who answers a window's requests; what all pages share is asked for once."""

    def answer(route: Route) -> None:
        at = urlsplit(route.request.url)
        where = f"{at.path}?{at.query}"
        given = kept.get(where) or _asked(crowd, who, where)
        if at.path.startswith("/static/"):
            kept[where] = given
        status, headers, body = given
        route.fulfill(status=status, headers=headers, body=body)

    return answer


def _asked(crowd: Crowd, who: str, where: str) -> Answer:
    """Ask as a server would: the window's requests know nothing of the test's own context."""
    with crowd.app.app_context(), crowd.browsers[who].client.get(where) as came:
        headers = {name: value for name, value in came.headers.items() if name != "Set-Cookie"}
        return came.status_code, headers, came.get_data()


@pytest.mark.browser
def test_every_payload_in_every_field_stays_words(crowd: Crowd, chromium: Chromium) -> None:
    pages, watch = crowd.pages(), Watch()
    assert len(pages) > 25
    assert len(set().union(*pages.values())) > 30
    shown, every = 0, few(pages)
    with bare_window(watch, chromium) as window:
        for turn in range(len(packed(40))):
            typed(crowd.world, lambda most, turn=turn: packed(most)[turn % len(packed(most))])  # type: ignore[misc]  # mypy cannot infer a default
            seats = list(pages) if turn % (len(packed(40)) // ROUNDS_OF_ALL) == 0 else every
            texts = [crowd.shows(who, url) for who, url in seats]
            shown += sum(text.count("pwned()") for text in texts)
            show(watch, window, texts)
            assert watch.effects == [], f"turn {turn}"
    assert shown > 1000


@pytest.mark.browser
def test_as_the_site_answers_no_policy_has_anything_to_report(
    crowd: Crowd, chromium: Chromium
) -> None:
    pages, watch = [seat for seat in crowd.pages(1) if crowd.finds(*seat)], Watch()
    kept: dict[str, Answer] = {}
    for turn in range(LIVE_ROUNDS):
        typed(crowd.world, lambda most, turn=turn: packed(most)[turn % len(packed(most))])  # type: ignore[misc]  # mypy cannot infer a default
        for who in sorted({who for who, _url in pages}):
            context = chromium.new_context(base_url=HERE)
            page = watch.over(context, _answering(crowd, who, kept))
            page.on("console", lambda said: watch.effects.append(f"{said.location}: {said.text}"))
            for _who, url in pages[turn % 3 :: 3]:
                if _who == who:
                    page.goto(url)
            context.close()
        assert watch.effects == [], f"turn {turn}"


@pytest.mark.browser
def test_what_a_form_gives_back_to_be_mended_stays_words(crowd: Crowd, chromium: Chromium) -> None:
    everything, texts = "".join(SCRIPTS).replace("\x0b", ""), []
    forms = {endpoint: (who, url) for who in WHO for endpoint, url in crowd.addresses(who)}
    for who, url in forms.values():
        texts += _given_back(crowd.browsers[who], url, everything)
    watch = Watch()
    bare(watch, chromium, texts)
    assert watch.effects == []
    assert sum("pwned()" in text for text in texts) > 10


def _given_back(browser: Browser, url: str, typed: str) -> list[str]:
    """Return the page on which a form, sent with that in all its fields, comes back."""
    answer = browser._ask("GET", url)  # noqa: SLF001 - without the house rules: quick
    if answer.mimetype != "text/html":
        return []
    page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    form = page.select_one("main form.form")
    if form is None:
        return []
    names = [one["name"] for one in form.select("input[type=text], input[type=email], textarea")]
    sent: dict[str, Any] = dict.fromkeys(map(str, names), typed) | {"form_key": "expired"}
    sent["csrf_token"] = str(form.select_one("[name=csrf_token]")["value"])  # type: ignore[index]  # is there
    came = browser._ask("POST", str(form["action"]), data=sent)  # noqa: SLF001 - as above
    return [came.get_data(as_text=True)] if names and came.status_code == 422 else []


@pytest.mark.browser
def test_the_same_payloads_do_their_work_where_nobody_escapes_them(chromium: Chromium) -> None:
    """So that zero effects above means something."""
    watch = Watch()
    bare(watch, chromium, [f"<p>{payload}</p><input value='{payload}'>" for payload in SCRIPTS])
    ran = [one for one in watch.effects if one == "a script ran"]
    asked = [one for one in watch.effects if one.startswith("asked ")]
    assert len(ran) >= 20
    assert len(asked) >= 5
    assert len(watch.effects) > len(SCRIPTS)


@pytest.mark.browser
def test_the_policy_alone_stops_what_nobody_escaped(chromium: Chromium) -> None:
    watch, said = Watch(), []
    page_of_all = "<h1>x</h1>" + "".join(f"<p>{one}</p>" for one in SCRIPTS if "refresh" not in one)
    context = chromium.new_context(base_url=HERE)
    headers = ALWAYS | {"Content-Type": "text/html; charset=utf-8"}
    page = watch.over(context, lambda route: route.fulfill(headers=headers, body=page_of_all))
    page.on("console", lambda message: said.append(message.text))
    page.goto("/")
    page.wait_for_timeout(200)
    context.close()
    assert watch.effects == []
    assert len([one for one in said if "Content Security Policy" in one]) > 5


def test_there_are_as_many_payloads_as_promised() -> None:
    assert len(set(SCRIPTS)) >= 60
    assert json.dumps(SCRIPTS).count("pwned()") >= 50
