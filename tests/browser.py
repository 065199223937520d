"""A test client that reads pages, and holds every one of them to the house rules."""

import re
import secrets
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.db import db
from tests.factories import CANARY

REDIRECTS = {301, 302, 303}
IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
ALWAYS_NEEDED = ("Content-Security-Policy", "X-Content-Type-Options", "X-Request-ID")


class Page:
    """A page that came back, and what a person would find on it."""

    def __init__(self, html: str, url: str = "", status: int = 200) -> None:
        self.soup = BeautifulSoup(html, "html.parser")
        self.html, self.url, self.status = html, url, status

    def texts(self, selector: str) -> list[str]:
        return [_words(tag) for tag in self.soup.select(selector)]

    @property
    def heading(self) -> str:
        (heading,) = self.texts("h1")
        return heading

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    @property
    def errors(self) -> list[str]:
        """What stands beside fields and in the summary on top."""
        return self.texts(".err, [role=alert] li")

    @property
    def notices(self) -> list[str]:
        return [said for said in self.texts("[role=status]") if said]

    def links(self, part: str = "") -> list[str]:
        return [str(a["href"]) for a in self.soup.select("a[href]") if part in str(a["href"])]

    def form(self, action: str = "") -> dict[str, Any]:
        """Return what a browser would send of the form whose action contains the text."""
        for form in self.soup.select("form[method=post]"):
            if action in str(form.get("action")):
                return {
                    str(control["name"]): control.get("value", "on")
                    for control in form.select("input[name]")
                    if control.get("type") not in {"checkbox", "radio"}
                    or control.has_attr("checked")
                }
        raise AssertionError(f"no form leads to {action}")


class Browser:
    """Visit pages as one person: signed in by the secret of a session, or nobody."""

    def __init__(
        self, app: Flask, secret: str | None = None, *, may_see_children: bool = False
    ) -> None:
        self.client: FlaskClient = app.test_client()
        self.app, self.may_see_children = app, may_see_children
        self._token: tuple[object, str] | None = None
        if secret:
            with self.client.session_transaction() as session:
                session["_user_id"] = secret
                session["_fresh"] = True

    def get(self, url: str, status: int = 200, **more: Any) -> Page:
        return self._read(self._ask("GET", url, **more), status)

    def post(
        self,
        url: str,
        data: dict[str, Any] | None = None,
        status: int = 200,
        *,
        follow: bool = True,
    ) -> Page:
        """Send a form as its page would: with the csrf token and, unless given, a fresh key."""
        sent = {"csrf_token": self.token(), "form_key": secrets.token_urlsafe(16)}
        sent |= data or {}
        return self._read(self._ask("POST", url, data=sent, follow=follow), status)

    def _ask(self, method: str, url: str, *, follow: bool = False, **more: Any) -> TestResponse:
        """Send a request as a server would get it: nothing of an earlier one is remembered.

        In the test's own context each request would find the last one's person and language.
        """
        with self.app.app_context():
            response = self.client.open(url, method=method, **more)
            response.request.environ["wsgi.input"].close()  # a large upload is a file
        db.session.rollback()  # the test sees what the request wrote
        if follow and response.status_code in REDIRECTS:
            return self._ask("GET", response.headers["Location"], follow=True)
        return response

    def token(self) -> str:
        """Return what a page would carry: asked for once, until the session has another key."""
        if not self._token or self._token[0] != self._session_key():
            with self.app.app_context():  # as _ask, also where the test has no context
                page = self.client.get("/sign-in/code").get_data(as_text=True)
            found = TOKEN.search(page)
            assert found, "a form without the csrf token"
            self._token = self._session_key(), found[1]
        return self._token[1]

    def cookie(self) -> str:
        """Return the cookie of the session; nothing before the first answer."""
        kept = self.client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        return kept.value if kept else ""

    def _session_key(self) -> object:
        """Return what the tokens of the session are made from."""
        signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert signer
        cookie = self.cookie()
        return signer.loads(cookie).get("csrf_token") if cookie else None

    def _read(self, response: TestResponse, status: int) -> Page:
        body = response.get_data(as_text=True)
        page = Page(body, response.request.path, response.status_code)
        if response.status_code != status:
            told = page.text[:600] if response.mimetype == "text/html" else body[:300]
            where = response.headers.get("Location")
            raise AssertionError(f"{response.status_code} {where} {told}")
        if page.soup.html and response.status_code not in REDIRECTS:
            self._hold_to_house_rules(page, response)
        return page

    def _hold_to_house_rules(self, page: Page, response: TestResponse) -> None:
        if not self.may_see_children:
            assert CANARY not in page.html, "private data of a child is on this page"
        assert not IDENTITY.search(page.html), "something like an identity number is on this page"
        for header in ALWAYS_NEEDED:
            assert header in response.headers, f"no {header}"
        assert "12345" in page.text, "a page without the helpline"
        assert "&lt;time&gt;" not in page.html, "marks of a day are shown as letters"
        tags = [one for one in page.soup.descendants if isinstance(one, Tag)]
        _hold_to_its_frame(page, tags)
        for form in (tag for tag in tags if tag.name == "form" and tag.get("method") == "post"):
            assert form.select_one("[name=csrf_token]"), "a form without the csrf token"
            assert form.get("action"), "a form that does not say where it goes"
        labelled = {tag.get("for") for tag in tags if tag.name == "label"} - {None}
        for control in (tag for tag in tags if _is_control(tag)):
            named = control.get("id") in labelled or control.find_parent("label")
            assert named or control.get("aria-label"), f"no label: {control}"
        for cell in (tag for tag in tags if tag.name == "td" and tag.has_attr("data-label")):
            parts = [one for one in cell.children if str(one).strip()]
            falls = len(parts) > 1 and cell.find_parent(class_="fold")
            assert not falls, f"on a phone this cell falls apart; a span around it: {cell}"
        assert not [tag for tag in tags if _is_inline(tag)], "inline code"


def _hold_to_its_frame(page: Page, tags: list[Tag]) -> None:
    """Hold a page to one language, one title, one heading and ids of its own."""
    (html,) = (tag for tag in tags if tag.name == "html")
    assert html.get("lang") in {"zh-Hans", "en"}, "a page without its language"
    title = next(tag for tag in tags if tag.name == "title")
    (heading,) = (tag for tag in tags if tag.name == "h1")
    assert _words(title).startswith(_words(heading)), "title and h1 differ"
    for link in (tag for tag in tags if tag.name == "link" and tag.has_attr("hreflang")):
        assert str(link["href"]).startswith("http"), "a language without its whole address"
    ids = [str(tag["id"]) for tag in tags if tag.has_attr("id")]
    assert len(ids) == len(set(ids)), f"an id is used twice: {sorted(ids)}"


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def _is_control(tag: Tag) -> bool:
    if tag.name == "input":
        return tag.get("type") != "hidden"
    return tag.name in {"select", "textarea"}


def _is_inline(tag: Tag) -> bool:
    """Say whether a tag is or has code or style of its own, beside the files of the site."""
    if tag.name == "script" and not tag.has_attr("src"):
        return tag.get("type") != "application/json"
    return tag.name == "style" or tag.has_attr("style") or tag.has_attr("onclick")
