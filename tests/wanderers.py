"""People who open every page they find and send every form on it, with texts of their own."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from tests.browser import Browser

TYPED = "金丝雀typed1本"
"""What wanderers write wherever a page lets them write."""
ENDS_IT = re.compile(
    r"/sign-out|/sessions/|/disable|/language|/factors|/passkeys|/sign-in|/erasures/"
)
"""Where a press ends the walk itself, or the file that others still look at."""


@dataclass
class Answer:
    """What came back, and under which address."""

    url: str
    status: int
    body: str
    location: str

    @property
    def hrefs(self) -> list[str]:
        """Every address on the page, of links and of forms."""
        return [unescape(found) for found in re.findall(r'(?:href|action)="([^"]*)"', self.body)]

    @property
    def main(self) -> str:
        """What the page itself says, without its frame."""
        return self.body.partition("<main")[2].partition("</main>")[0]


@dataclass
class Wanderer:
    """Somebody who goes everywhere: signed in by the secret of a session, or a visitor."""

    app: Flask
    secret: str | None = None
    answers: list[Answer] = field(default_factory=list)
    sent: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.client = Browser(self.app, self.secret).client

    def open(self, url: str) -> Answer:
        return self._keep(url, self.client.get(url))

    def follow(self, start: Iterable[str], most: int) -> None:
        """Open pages and whatever they link to on this site, each once, up to so many."""
        waiting, seen = list(start), set[str]()
        while waiting and len(seen) < most:
            url = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            answer = self.open(url)
            waiting += [one for one in (*answer.hrefs, answer.location) if ours(one)]

    def send_all(self, answer: Answer) -> None:
        """Send each form of a page once in the whole walk, filled in."""
        for action, data in forms(answer):
            key = (re.sub(r"\?.*", "", action), str(sorted(data.keys() - {"form_key"})))
            if key not in self.sent and not ENDS_IT.search(action):
                self.sent.add(key)
                self._keep(action, self.client.post(action, data=data))

    def _keep(self, url: str, response: TestResponse) -> Answer:
        body = response.get_data().decode("utf-8", "replace")
        found = Answer(url, response.status_code, body, response.headers.get("Location", ""))
        self.answers.append(found)
        response.close()
        return found


def ours(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.path) and not parts.netloc and parts.scheme in {"", "http"}


def forms(answer: Answer) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Give where each form of a page goes, and what somebody who fills in everything sends."""
    soup = BeautifulSoup(answer.main, "html.parser")  # the frame's forms end the walk
    for form in soup.select("form[method=post]"):
        yield str(form.get("action") or answer.url), _filled(form)


def _filled(form: Tag) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for control in form.select("[name]"):
        name, kind = str(control["name"]), str(control.get("type", ""))
        value = _value(control, kind)
        if value is None or (kind == "radio" and name in data):
            continue
        data.setdefault(name, []).append(value)
    return data


def _value(control: Tag, kind: str) -> str | None:
    """Return what somebody puts there: the first choice, a tick, or a text; no file."""
    given = str(control.get("value", ""))
    if control.name == "select":
        options = [str(one.get("value", "")) for one in control.select("option")]
        return next((one for one in options if one), None)
    if control.name == "button" or kind in {"hidden", "radio", "checkbox"}:
        return given or ("on" if kind == "checkbox" else given)
    if kind in {"file", "submit"}:
        return None
    if kind in {"date", "number", "time", "datetime-local", "tel", "email"}:
        return given or "2026-11-20"
    return TYPED
