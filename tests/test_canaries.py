"""Nothing private leaves: not by a public page, a log, a mail, an address, a file or a copy.

A canary of its own sits in every private cell of a world with two counties; people of every role
open all pages and send every form, jobs run, things fail; then whatever came out is read.
"""

import io
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import BuildError

import jobs
from accounts.exports.rules import ExportState, kind_of, scope_of
from accounts.factors.services import renew_codes
from accounts.links.services import make_link
from accounts.queries import actor_for
from accounts.rules import Role
from children.consents.links.services import make as make_guardian_link
from children.rules import Purpose
from core import clock, logs
from core.clockwork import Jobs
from core.db import Base, db
from core.fences import everything
from core.health import Heartbeat
from core.vault import vault
from rights.breaches.models import Breach, BreachStep
from rights.breaches.rules import State
from tests.builders.approvals import an_export
from tests.builders.people import a_code_app
from tests.builders.places import a_county
from tests.canaries import HARMLESS, LOOKS, PRIVATE, REGISTERS, leaked, plant, text_columns
from tests.conftest import NOON, begin_from, keep_as
from tests.factories import CANARY, saved
from tests.test_matrix import ROUTES, TOKENS, routes
from tests.test_sealed import backup
from tests.wanderers import TYPED, Answer, Wanderer
from tests.worlds import World, a_place_with_everything, a_world

VISITOR = "visitor"
WHO = (VISITOR, *(role.value for role in Role))
CITYWIDE = {Role.CITY_COORDINATOR, Role.DPO, Role.ADMIN, Role.AUDITOR}
PHONES = re.compile(r"(?<![\w-])1[3-9]\d{9}(?![\w-])")
ADDRESSES = re.compile(r"[\w.]+@example\.org")
COPY = re.compile(r"/rights/[\w-]+/copy")
"""The copy of everything that a guardian has asked for: after a step-up, and audited."""
MOST_PAGES = 300
REFUSED = (("INSERT", "rights_requests"), ("UPDATE", "guardian_links"))


@dataclass(frozen=True)
class Aviary:
    """A world full of canaries."""

    world: World
    own: frozenset[str]
    """Those of one's own county."""
    foreign: frozenset[str]
    """Those of a county where none of those who walk has anything."""
    sealed: frozenset[str]
    guardian_link: str
    sign_in_link: str
    totp: str
    recovery: tuple[str, ...]

    @property
    def planted(self) -> frozenset[str]:
        return self.own | self.foreign | {TYPED, CANARY}

    @property
    def secrets(self) -> dict[str, str]:
        """What opens a door, by what it is."""
        found = {"guardian's link": self.guardian_link, "sign-in link": self.sign_in_link}
        found |= {f"session of {who}": secret for who, secret in self.world.secrets.items()}
        found |= {f"recovery code {n}": code for n, code in enumerate(self.recovery)}
        return found | {"code app": self.totp}


@pytest.fixture(scope="module")
def aviary(site: Flask) -> Iterator[Aviary]:
    """Made once; each test starts from a copy."""
    home = site.extensions["settings"].home
    begin_from(site, "empty.db")
    with site.app_context(), everything(), patch.object(clock, "wall", lambda: NOON):
        made = _an_aviary()
    keep_as(site, "aviary.db")
    yield made
    (home / "aviary.db").unlink()


def _an_aviary() -> Aviary:
    world = a_world()
    director = actor_for(world.mine.people["child_director"])
    link = make_guardian_link(world.mine.consented_child, [Purpose.PAIRING], by=director)
    keeper = actor_for(world.mine.people["coordinator"])
    totp = a_code_app(keeper.id or 0)
    _a_step(world.mine.breach, keeper.id or 0)
    own = plant("本")
    a_place_with_everything(a_county())
    foreign = plant("邻")
    both = own | foreign
    return Aviary(
        world,
        frozenset(own),
        frozenset(foreign),
        frozenset(one for one in both if not one.startswith(tuple(f"金丝雀{t}_" for t in PRIVATE))),
        guardian_link=link,
        sign_in_link=make_link(world.mine.people["volunteer"]),
        totp=totp,
        recovery=renew_codes(keeper),
    )


def _a_step(breach_uid: str, by: int) -> None:
    """The breach was found: the first of its steps, with a note."""
    found = sa.select(Breach).where(Breach.uid == breach_uid)
    breach = db.session.scalars(found).one()
    note = {"note": "发现", "at": clock.now(), "by_id": by}
    saved(BreachStep(breach_id=breach.id, state=State.DETECTED, **note))


@pytest.fixture
def home(site: Flask, aviary: Aviary) -> Iterator[Path]:
    """The folder of a site that holds the world, fresh for each test."""
    folder: Path = site.extensions["settings"].home
    begin_from(site, "aviary.db")
    yield folder
    begin_from(site, "empty.db")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the site writes to its log, down to the last detail."""
    lines = io.StringIO()
    monkeypatch.setattr(sys, "stderr", lines)
    logs.configure("debug")
    yield lines
    logs.configure("error")


def test_every_column_of_texts_is_planted_or_named_as_harmless() -> None:
    known = {
        name: {*PRIVATE.get(name, "").split(), *HARMLESS.get(name, "").split()}
        for name in PRIVATE.keys() | HARMLESS.keys()
    }
    assert text_columns() == known


def test_no_cell_is_without_its_canary(site: Flask, aviary: Aviary, home: Path) -> None:
    found = Counter(re.sub(r"\d+[本邻]$", "", one) for one in aviary.own | aviary.foreign)
    columns = {f"金丝雀{table}_{column}" for table in PRIVATE for column in PRIVATE[table].split()}
    with site.app_context(), everything():
        empty = {
            name
            for name in PRIVATE
            if not db.session.scalar(
                sa.select(sa.func.count()).select_from(Base.metadata.tables[name])
            )
        }
    assert not empty, "the world holds none of these, so nothing is planted in them"
    assert columns <= found.keys()
    assert len(aviary.sealed) >= 5 * 8


# --- in public -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["", "/en"])
def test_a_visitor_finds_no_canary_on_any_public_page(
    site: Flask, aviary: Aviary, home: Path, said: io.StringIO, language: str
) -> None:
    visitor = Wanderer(site)
    start = [f"{language}/", f"{language}/robots.txt", "/sitemap.xml", "/feed", "/healthz"]
    start += [language + url for url in _plain_addresses(site)]
    visitor.follow(start, MOST_PAGES)

    pages = [one for one in visitor.answers if one.status == 200]
    assert len({one.url for one in pages}) >= 20
    for answer in visitor.answers:
        _clean(answer, aviary.planted, PHONES)


def _plain_addresses(site: Flask) -> list[str]:
    """Return the address of every page that needs no name of a record."""
    found = []
    with site.test_request_context():
        for rule, method in routes(site):
            if method == "GET" and not rule.arguments - {"language"}:
                try:
                    found.append(site.url_for(rule.endpoint))
                except BuildError:
                    continue
    return found


def _clean(answer: Answer, planted: Iterable[str], *more: re.Pattern[str]) -> None:
    """Hold body and addresses of an answer to having none of it."""
    for text in (answer.body, answer.url, answer.location):
        assert not leaked(text, planted), answer.url
        for pattern in more:
            assert not pattern.findall(text), answer.url


# --- whatever people do --------------------------------------------------------------------


@pytest.mark.parametrize("who", WHO)
def test_whatever_somebody_does_nothing_private_gets_out(
    site: Flask, aviary: Aviary, home: Path, said: io.StringIO, who: str
) -> None:
    someone = Wanderer(site, aviary.world.secrets.get(who))
    _walk(site, aviary, someone)
    looked = list(someone.answers)
    for answer in looked:
        shown = leaked(answer.body, aviary.sealed)
        assert not shown or COPY.search(answer.url), f"{answer.url} shows what is sealed"
        someone.send_all(answer)
    ran = _jobs_once(site)

    assert len([one for one in looked if one.status == 200]) >= 10
    assert said.getvalue().count("\n") >= len(someone.answers)
    assert "job failed" not in said.getvalue(), ran
    _nothing_got_out(aviary, someone, said.getvalue())
    _nothing_of_the_neighbours(aviary, someone, who)
    _nothing_in_messages(site, aviary, home)


def _walk(site: Flask, aviary: Aviary, someone: Wanderer) -> None:
    """Open every page of one's own county."""
    for rule, method in routes(site):
        if method != "GET" or rule.endpoint in TOKENS | {"accounts.sign_out"}:
            continue
        with site.test_request_context():
            values = ROUTES[rule.endpoint].values(aviary.world.mine)
            url = site.url_for(rule.endpoint, **values)  # type: ignore[arg-type]  # of a route
        someone.open(url)


def _jobs_once(site: Flask) -> list[str]:
    """Run what runs by itself, as its clock would."""
    table = jobs.jobs_of(site.extensions["settings"])
    runner = Jobs(site, table, Heartbeat(stale_after=60))
    for job in table:
        runner._run(job)  # noqa: SLF001 - as the clock does
    return [job.name for job in table]


def _nothing_got_out(aviary: Aviary, someone: Wanderer, lines: str) -> None:
    assert not LOOKS.findall(lines), "the log holds what is private or typed"
    assert CANARY not in lines
    assert not PHONES.findall(lines)
    assert not ADDRESSES.findall(lines)
    for what, secret in aviary.secrets.items():
        assert secret not in lines, f"the log holds a {what}"
    cookie = someone.client.get_cookie("__Host-session") or someone.client.get_cookie("session")
    assert cookie is None or cookie.value not in lines
    for answer in someone.answers:
        for url in (answer.location, *answer.hrefs):
            assert not LOOKS.findall(url), f"{answer.url} leads to {url}"
            assert url.startswith("tel:") or not PHONES.findall(url), f"{answer.url}: {url}"


def _nothing_of_the_neighbours(aviary: Aviary, someone: Wanderer, who: str) -> None:
    """Whoever answers for a county at most finds nothing of another; the city's registers aside."""
    if who in CITYWIDE:
        return
    shared = tuple(f"金丝雀{table}_" for table in REGISTERS)
    for answer in someone.answers:
        found = {one for one in leaked(answer.body, aviary.foreign) if not one.startswith(shared)}
        assert not found, answer.url


def _nothing_in_messages(site: Flask, aviary: Aviary, home: Path) -> None:
    """The ledger, what lies in boxes on the site, and what was sent."""
    tables = ("messages", "inbox_items", "message_subjects", "delivery_attempts", "audit_rows")
    with site.app_context(), everything():
        for name in tables:
            for row in db.session.execute(sa.select(Base.metadata.tables[name])).all():
                told = str(tuple(row))
                assert not LOOKS.findall(told) or name == "audit_rows", (name, told)
                assert not leaked(told, aviary.planted - {TYPED}), (name, told)
                for what, secret in aviary.secrets.items():
                    assert secret not in told, (name, what)
    for mail in (home / "outbox").glob("*.eml"):
        text = _words_of(mail)
        assert not LOOKS.findall(text), text
        assert not PHONES.findall(text), text


def _words_of(mail: Path) -> str:
    message = message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return "\n".join([*(str(value) for value in message.values()), message.get_content()])


# --- when something fails ------------------------------------------------------------------


@pytest.fixture
def failing(site: Flask, home: Path) -> Iterator[None]:
    """A database that refuses what people enter."""
    raw = sqlite3.connect(home / "tongxing.db")
    for verb, table in REFUSED:
        what = f"CREATE TRIGGER no_{table} BEFORE {verb} ON {table}"
        raw.execute(f"{what} BEGIN SELECT RAISE(ABORT, 'refused'); END")
    raw.close()
    with patch.dict(site.config, PROPAGATE_EXCEPTIONS=False):  # as outside of tests
        yield


def test_a_page_that_fails_tells_the_log_where_and_nothing_of_what_was_typed(
    site: Flask, aviary: Aviary, failing: None, said: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    director = Wanderer(site, aviary.world.secrets["child_director"])
    director.send_all(director.open(f"/children/{aviary.world.mine.child}/rights"))
    family = Wanderer(site)
    family.send_all(family.open(f"/guardian/{aviary.guardian_link}"))

    failed = [one for one in director.answers + family.answers if one.status == 500]
    assert len(failed) == 2, [(one.url, one.status) for one in director.answers + family.answers]
    lines = said.getvalue() + "".join(capfd.readouterr())
    assert lines.count('"event": "failed"') == 2
    assert '"IntegrityError"' in lines
    assert "services.py:" in lines
    for text in (TYPED, "金丝雀", aviary.guardian_link, "Traceback", "INSERT", "parameters"):
        assert text not in lines
    for answer in failed:
        assert not leaked(answer.body, aviary.planted)


# --- on disk -------------------------------------------------------------------------------


def test_neither_what_is_sealed_nor_what_opens_a_door_lies_on_disk_in_clear(
    site: Flask, aviary: Aviary, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After people have looked at files, asked for exports and signed in with codes and links."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    coordinator = Wanderer(site, aviary.world.secrets["coordinator"])
    _walk(site, aviary, coordinator)
    for answer in list(coordinator.answers):
        coordinator.send_all(answer)
    with site.app_context(), everything():
        me = actor_for(aviary.world.mine.people["coordinator"])
        scope = scope_of(me, kind_of("volunteers"))
        an_export(me.id or 0, state=ExportState.QUEUED, scope=scope)
    _jobs_once(site)
    seen = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for folder in (home, tmp_path)
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"aviary.db", "empty.db"}
    }
    seen["a backup"] = backup(site, tmp_path / "copy.db").read_bytes()

    assert {"tongxing.db", "tongxing.db-wal", vault().path.name} <= seen.keys()
    assert any(name.startswith("exports/") for name in seen)
    assert any(name.startswith("audit_head") for name in seen)
    for needle in [*aviary.sealed, *aviary.secrets.values()]:
        for encoding in ("utf-8", "utf-16-le", "gb18030"):
            found = [name for name in seen if needle.encode(encoding) in seen[name]]
            assert not found, "lies there in clear"
