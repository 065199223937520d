"""The application with a fresh database for each test, people to be, and a clock to set."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest
from flask import Flask
from hypothesis import settings
from playwright.sync_api import Browser as Chromium
from sqlalchemy import event

from accounts.sessions.services import open_session
from app import create_app
from campaigns.funnel import services as funnel
from core import clock, crypto, vault
from core.config import Settings
from core.db import db, writing
from core.fences import everything
from core.keychecks import FITS
from core.keys import Ring
from tests.browser import Browser
from tests.servers import ServerMissing, emptied, private_postgresql
from tests.walkers import a_browser

SetClock = Callable[[datetime], None]


class BrowseAs(Protocol):
    """Somebody's own browser."""

    def __call__(self, person_id: int, *, stepped_up: bool = False) -> Browser: ...


AtMost = Callable[[int], AbstractContextManager[None]]

FOLDERS = ("outbox", "pictures", "exports", "cards", "stories")
"""Where a site keeps files that its database speaks of."""
LONG = (
    "test_axe.py", "test_payloads.py", "test_walk.py", "test_matrix.py", "test_canaries.py",
    "test_counts.py", "test_extra_fields.py", "test_serve.py", "test_demo.py",
    "test_messages_crash.py", "test_messages_restart.py", "test_messages_races.py",
    "test_simulated_city.py",
    "test_passkeys.py",
)  # fmt: skip
"""The files whose single tests take longest, the longest first."""
FRAMES = ("PRAGMA", "BEGIN", "SET TRANSACTION", "SAVEPOINT", "RELEASE")
"""What a statement is wrapped in: it depends on what the connection did before."""
settings.register_profile("tests", deadline=None)  # how long things take is for bench/
settings.load_profile("tests")
gc.set_threshold(20_000)  # what a request leaves behind dies by itself: look for cycles less often


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests, one half of them in each half of the list.

    Two processes share the list by halves and then take from each other's end: a long test there
    would leave one of them idle. All else stays in the order that chance has given it.
    """
    long = sorted((one for one in items if one.path.name in LONG), key=_place)
    rest = [one for one in items if one.path.name not in LONG]
    half = len(items) // 2 - len(long[::2])
    items[:] = [*long[::2], *rest[:half], *long[1::2], *rest[half:]]


def _place(item: pytest.Item) -> int:
    return LONG.index(item.path.name)


def pytest_collection_finish() -> None:
    """Leave what has been loaded out of every later search for cycles."""
    gc.collect()
    gc.freeze()


NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def settings_for(home: Path, **given: object) -> Settings:
    """Return settings of a site that lives in a folder of its own."""
    fields: dict[str, object] = {
        "home": home,
        "database_url": f"sqlite:///{home / 'tongxing.db'}",
        "secret_key": "test",
        "keys": Ring({1: b"k" * 32}),
        "key_file": None,
        "vault": home / "vault",
        "site_url": "http://localhost",
        "scheduler": False,
        "log_level": "error",
        "page_seconds": 0,
        "testing": True,
    }
    return Settings(**fields | given)  # type: ignore[arg-type]  # the fields are right by test


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application, made once; its empty database is kept aside to start each test from."""
    shm = Path("/dev/shm")  # noqa: S108 - memory instead of disk: a fresh folder all the same
    home = tmp_path_factory.mktemp("site")
    if os.access(shm, os.W_OK):
        home = shm / f"tongxing-{os.getpid()}"
        home.mkdir(exist_ok=True)
    app = create_app(settings_for(home))
    with app.app_context(), writing():
        db.create_all()
    app.extensions[FITS] = True  # the first page of each test is to cost what every page costs
    keep_as(app, "empty.db")
    yield app
    let_go(app)
    shutil.rmtree(home, ignore_errors=True)


def take_charge(site: Flask) -> None:
    """Give the process the keys of this site again: another one made by a test has taken them."""
    settings: Settings = site.extensions["settings"]
    crypto.use_key(settings.keys, settings.key_file)
    vault.use(settings.vault)


def let_go(site: Flask) -> None:
    """Close what the process holds of the database.

    An open connection goes on reading the file it was opened for, even after another file has
    taken its name.
    """
    with site.app_context():
        db.session.remove()
        db.engine.dispose()


def begin_from(site: Flask, copy: str) -> None:
    """Let the site go on from a copy of the database that lies beside it."""
    take_charge(site)
    let_go(site)
    home = site.extensions["settings"].home
    for leftover in home.glob("tongxing.db*"):
        leftover.unlink()
    for head in home.glob("audit_head*"):
        head.unlink()
    for folder in FOLDERS:
        shutil.rmtree(home / folder, ignore_errors=True)
        if (home / f"{copy}-{folder}").is_dir():
            shutil.copytree(home / f"{copy}-{folder}", home / folder)
    shutil.copy(home / copy, home / "tongxing.db")
    funnel._tally.take()  # noqa: SLF001 - what was looked at before is of another database


def keep_as(site: Flask, copy: str) -> None:
    """Lay a copy of the database and of the files it speaks of aside, to begin from."""
    let_go(site)
    home = site.extensions["settings"].home
    for folder in FOLDERS:
        shutil.rmtree(home / f"{copy}-{folder}", ignore_errors=True)
        if (home / folder).is_dir():
            shutil.copytree(home / folder, home / f"{copy}-{folder}")
    shutil.copy(home / "tongxing.db", home / copy)


@pytest.fixture
def app(site: Flask) -> Iterator[Flask]:
    begin_from(site, "empty.db")
    with site.app_context(), everything():  # the test itself; requests see what their senders may
        yield site
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(autouse=True)
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set the clock; it stands at noon in Jinzhong on 24 November 2026 until a test sets it."""

    def stand_at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "wall", lambda: moment)

    stand_at(NOON)
    return stand_at


@pytest.fixture
def visitor(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def browse_as(app: Flask) -> BrowseAs:
    """Browse as somebody, signed in by a real session row."""

    def browse(person_id: int, *, stepped_up: bool = False) -> Browser:
        return Browser(app, open_session(person_id, agent="tests", stepped_up=stepped_up))

    return browse


@pytest.fixture
def at_most(app: Flask) -> AtMost:
    """Fail when a block asks the database more often than it may."""

    @contextmanager
    def watch(allowed: int) -> Iterator[None]:
        asked: list[str] = []

        def note(*context: object) -> None:
            statement = str(context[2])
            if not statement.startswith(FRAMES):
                asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert len(asked) <= allowed, "\n---\n".join(asked)

    return watch


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real PostgreSQL server with an empty database, or the test is skipped."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    try:
        # a folder of its own: pytest clears its older ones while other runs still use them
        with TemporaryDirectory() as folder, private_postgresql(Path(folder)) as url:
            yield url
    except ServerMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The address of an empty schema-less database on the real PostgreSQL server."""
    return emptied(postgres_server)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A real browser; without one a machine skips what needs it, but CI does not."""
    try:
        with a_browser() as running:
            yield running
    except ServerMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
