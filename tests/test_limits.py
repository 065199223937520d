"""How often something may be done: exact, across processes, and the same for everybody."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from core import clock, limits
from core.config import SettingError, Settings
from core.db import db, transaction
from core.hosts import network
from core.limits import Limit, LimitWindow, Rows, TooMany, hit
from tests.conftest import NOON, SetClock, settings_for
from tests.races import ENGINES, site_on

ROOT = Path(__file__).parent.parent
TEN = Limit("ten", 10, 300)


@pytest.fixture(params=ENGINES)
def on_either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with site_on(request.param, request, tmp_path) as app:
        yield app


def fitting(tries: int, limit: Limit = TEN, key: str = "13800000000") -> int:
    """Return how many of so many tries fit."""
    return sum(limits.count(limit.of(key)) is None for _turn in range(tries))


def test_ten_fit_and_the_eleventh_does_not(on_either: Flask) -> None:
    assert fitting(15) == 10
    assert fitting(1, key="somebody else") == 1
    assert fitting(1, Limit("another thing", 10, 300)) == 1


def test_fifty_at_once_from_two_processes_are_counted_exactly(
    on_either: Flask, tmp_path: Path
) -> None:
    settings: Settings = on_either.extensions["settings"]
    db.session.remove()
    db.engine.dispose()
    told = json.dumps({"home": str(settings.home), "database_url": settings.database_url})

    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.limits_worker", told, "25"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _worker in range(2)
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    answers = [worker.communicate("go\n", timeout=60)[0].split() for worker in workers]

    assert [len(answer) for answer in answers] == [25, 25]
    assert sum(answer.count("fits") for answer in answers) == 10
    assert sum(answer.count("full") for answer in answers) == 40


def test_no_five_minutes_hold_more_than_ten(app: Flask, set_clock: SetClock) -> None:
    for second in (0, 290):
        set_clock(NOON + timedelta(seconds=second))
        fitting(5)
    set_clock(NOON + timedelta(seconds=299))
    assert fitting(10) == 0
    set_clock(NOON + timedelta(seconds=300))
    assert fitting(10) == 5, "the first five have left the window, the other five have not"
    set_clock(NOON + timedelta(seconds=589))
    assert fitting(10) == 0
    set_clock(NOON + timedelta(seconds=590))
    assert fitting(10) == 5


def test_trying_on_does_not_prolong_a_block(app: Flask, set_clock: SetClock) -> None:
    fitting(10)
    for minute in range(5):
        set_clock(NOON + timedelta(minutes=minute))
        assert fitting(3) == 0
    set_clock(NOON + timedelta(minutes=5))
    assert fitting(1) == 1


@pytest.mark.parametrize("back", [timedelta(minutes=4), timedelta(days=30)])
def test_a_clock_set_back_ends_no_block_and_makes_none_endless(
    app: Flask, set_clock: SetClock, back: timedelta
) -> None:
    fitting(10)
    set_clock(NOON - back)
    limits.purge()
    assert fitting(5) == 0
    set_clock(NOON - back + timedelta(seconds=299))
    assert fitting(5) == 0
    set_clock(NOON - back + timedelta(seconds=300))
    assert fitting(5) == 5


def test_the_refusal_says_when_to_come_again(app: Flask, set_clock: SetClock) -> None:
    limits.spend(*[TEN.of("a")] * 10)
    set_clock(NOON + timedelta(seconds=100, milliseconds=500))

    with pytest.raises(TooMany) as refusal:
        limits.spend(TEN.of("a"))
    assert refusal.value.seconds == 200
    with pytest.raises(TooMany):
        limits.look(TEN.of("a"))
    assert limits.left(TEN.of("a")) == 0
    assert limits.left(TEN.of("b")) == 10
    limits.look(TEN.of("b"))


def test_a_count_stays_when_the_deed_fails(app: Flask) -> None:
    assert hit("deed", "a", most=1, per_seconds=60)
    with pytest.raises(ZeroDivisionError), transaction():
        1 / 0  # noqa: B018 - the deed that fails
    assert not hit("deed", "a", most=1, per_seconds=60)


def test_nobody_counts_where_the_deed_would_undo_it(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="before the deed"), transaction():
        hit("deed", "a", most=1, per_seconds=60)


def test_the_table_holds_no_number_that_was_counted(app: Flask) -> None:
    hit("call", "13800000000", most=3, per_seconds=60)
    stored = db.session.scalars(select(LimitWindow.key)).one()
    assert "13800000000" not in stored
    assert stored.startswith("call/")


def test_windows_that_have_passed_are_forgotten(app: Flask, set_clock: SetClock) -> None:
    fitting(1, key="old")
    set_clock(NOON + timedelta(seconds=200))
    fitting(1, key="new")
    set_clock(NOON + timedelta(seconds=300))

    assert limits.purge() == 1
    assert db.session.scalar(select(func.count(LimitWindow.id))) == 1


def test_the_rows_do_all_that_the_library_asks_of_a_storage(on_either: Flask) -> None:
    rows = Rows()
    assert [rows.incr("a", 60), rows.incr("a", 60, amount=2)] == [1, 3]
    assert rows.get("a") == 3
    assert rows.get_expiry("a") == pytest.approx((NOON + timedelta(seconds=60)).timestamp())
    assert rows.check()
    rows.clear("a")
    assert (rows.get("a"), rows.get_expiry("a")) == (0, clock.now().timestamp())
    rows.incr("b", 60)
    assert rows.reset() == 1


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("not an address", ""),
        (None, ""),
    ],
)
def test_a_household_is_counted_as_one(given: str | None, counted: str) -> None:
    assert network(given) == counted


def test_redis_without_its_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="TONGXING_REDIS_URL: the package redis"):
        create_app(settings_for(tmp_path, redis_url="redis://127.0.0.1:1/0"))
    limits.use()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TONGXING_PROXIES", "many"),
        ("TONGXING_PROXIES", "-1"),
        ("TONGXING_REDIS_URL", "127.0.0.1"),
        ("TONGXING_PROFILE", "mlps9"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        Settings.from_env(tmp_path, {name: value})
