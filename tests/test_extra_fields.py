"""Nobody changes what a form does not ask for: every form of the site, sent with fields it has not.

Each form is sent three times from the same state: twice as its page sends it, and once with every
column name of the database as a further field. What differs between the first two is chance
(names, secrets); everything else has to be the same in the third.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from core.access import EVERYONE, SIGNED_IN, audiences_of
from core.db import Base
from tests.browser import Browser
from tests.conftest import begin_from, let_go
from tests.test_matrix import ROUTES, _roles_of, routes, world
from tests.worlds import World

__all__ = ["world"]  # the fixture of the matrix

Dump = dict[tuple[str, int, str], Any]
TEMPTING = {"role": "admin", "state": "active", "stage": "published", "approved": "1"}


TYPED = {
    "login": "li@example.org",
    "contact": "li@example.org",
    "email": "li@example.org",
    "phone": "15400000099",
    "password": "seven brown horses",
    "again": "seven brown horses",
    "slug": "a-slug",
    "start": "10:00",
    "date": "2026-12-01",
    "org": "示例大学",
}


def _controls(form: Tag) -> list[tuple[str, str]]:
    """Return what somebody would send who fills in what the page leaves empty."""
    sent: list[tuple[str, str]] = []
    ticked = {str(one["name"]) for one in form.select("[checked]")}
    for control in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(control["name"]), str(control.get("type", ""))
        if control.name == "select":
            options = control.select("option[selected]") or control.select("option")[-1:]
            sent += [(name, str(option.get("value", ""))) for option in options]
        elif kind in {"checkbox", "radio"}:
            if control.has_attr("checked") or name not in ticked:
                sent.append((name, str(control.get("value", "on"))))
            ticked.add(name)
        else:
            text = control.get_text() if control.name == "textarea" else control.get("value", "")
            sent.append((name, str(text).strip() or _something(name, kind)))
    return sent


def _something(name: str, kind: str) -> str:
    if kind in {"date", "number"}:
        return "2026-12-01" if kind == "date" else "1"
    return TYPED.get(name, "样例文字")


def _extra_fields(form: Tag) -> dict[str, str]:
    """Return every column of the database that the form does not ask for, with a value."""
    asked = {str(control["name"]) for control in form.select("[name]")}
    columns = {column.name for table in Base.metadata.tables.values() for column in table.columns}
    return {
        name: TEMPTING.get(name, "1")
        for name in sorted(columns | set(TEMPTING))
        if name not in asked
    }


def _dump(site: Flask) -> Dump:
    """Return every cell of the database by table, row and column."""
    let_go(site)
    path = site.extensions["settings"].home / "tongxing.db"
    found: Dump = {}
    connection = sqlite3.connect(path)
    for table in Base.metadata.tables:
        rows = connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid')  # noqa: S608 - ours
        names = [column[0] for column in rows.description]
        for place, row in enumerate(rows):
            found |= {(table, place, name): cell for name, cell in zip(names, row, strict=True)}
    connection.close()
    return found


def _forms(html: str) -> dict[str, Tag]:
    soup = BeautifulSoup(html, "html.parser")
    return {str(form["action"]): form for form in soup.select("form[method=post]")}


def _pages(site: Flask, made: World, who: str) -> list[str]:
    """Return the address of every page somebody may open, of their own records."""
    roles, found = _roles_of(who), []
    for rule, method in routes(site):
        with site.test_request_context():
            audience = audiences_of(rule.endpoint)
            if method == "GET" and (
                EVERYONE in audience or roles & audience or (roles and SIGNED_IN in audience)
            ):
                found.append(site.url_for(rule.endpoint, **ROUTES[rule.endpoint].values(made.mine)))  # type: ignore[arg-type]  # of a route
    return found


@dataclass(frozen=True)
class Sender:
    """Sends a form of a page as somebody, each time from the same state of the world."""

    site: Flask
    secret: str | None

    def actions(self, page: str) -> list[str]:
        begin_from(self.site, "world.db")
        return list(_forms(self._open(Browser(self.site, self.secret), page)))

    def send(self, page: str, action: str, *, tempting: bool) -> tuple[int, Dump]:
        """Return what the form is answered, and what is in the database then."""
        begin_from(self.site, "world.db")
        browser = Browser(self.site, self.secret)
        form = _forms(self._open(browser, page))[action]
        fields: dict[str, list[str]] = {}
        extra = list(_extra_fields(form).items()) if tempting else []
        for name, value in _controls(form) + extra:
            fields.setdefault(name, []).append(value)
        answer = browser.client.post(action, data=fields)
        return answer.status_code, _dump(self.site)

    def _open(self, browser: Browser, page: str) -> str:
        answer = browser.client.get(page)
        return answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""


@pytest.mark.parametrize(
    ("who", "least"),
    [
        ("visitor", 2),
        ("volunteer", 5),
        ("child_director", 5),
        ("coordinator", 5),
        ("publisher", 1),
        ("admin", 3),
    ],
)
def test_fields_that_a_form_does_not_ask_for_change_nothing(
    site: Flask,
    world: World,
    who: str,
    least: int,
) -> None:
    sender, tried, wrong, acted = Sender(site, world.secrets.get(who)), set[str](), list[str](), 0
    begin_from(site, "world.db")
    bare = _dump(site)
    for page in _pages(site, world, who):
        for action in sender.actions(page):
            if action in tried or "sign-out" in action:
                continue
            tried.add(action)
            once, twice = (sender.send(page, action, tempting=False) for _turn in range(2))
            tempted = sender.send(page, action, tempting=True)
            chance = {cell for cell in once[1] if once[1][cell] != twice[1].get(cell)}
            changed = {
                cell
                for cell in once[1].keys() | tempted[1].keys()
                if cell not in chance and once[1].get(cell) != tempted[1].get(cell)
            }
            acted += once[1] != bare
            if changed or once[0] != tempted[0]:
                wrong.append(f"{action}: {once[0]} {tempted[0]} {sorted(changed)[:5]}")
    begin_from(site, "world.db")
    assert acted >= least, "too few forms did anything, so that little was tried"
    assert not wrong, "\n".join(wrong)
