"""The clock of jobs: it goes on after failures, clock steps, slow work and a dead thread."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import apscheduler.schedulers.base
import pytest
from flask import Flask

import jobs
from core import clock
from core.clockwork import TICK, Job, Jobs
from core.health import Heartbeat
from messages.delivery.clocks.services import Watch
from tests.browser import Browser


@pytest.fixture(autouse=True)
def real_time(set_clock: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler follows the machine's clock, so these tests do too."""
    monkeypatch.setattr(clock, "wall", lambda: datetime.now(UTC))


@contextmanager
def running(app: Flask, *table: Job, **given: float) -> Iterator[Jobs]:
    made = Jobs(app, table, Heartbeat(stale_after=60), Watch(), watch_every=0.05, **given)
    made.begin()
    try:
        yield made
    finally:
        made.stop()


def soon(true: Callable[[], bool], seconds: float = 10) -> bool:
    """Return whether it becomes true before the time is over."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return True
        threading.Event().wait(0.02)
    return False


class Count:
    """An act that counts how often it was done."""

    def __init__(self, takes: float = 0) -> None:
        self.times, self.takes = 0, takes

    def __call__(self) -> None:
        self.times += 1
        threading.Event().wait(self.takes)


def test_every_job_runs_at_the_start_and_the_tick_again_and_again(app: Flask) -> None:
    tick, nightly = Count(), Count()
    with running(app, Job(TICK, 0.1, tick), Job("nightly", 86400, nightly)) as made:
        assert soon(lambda: tick.times >= 4)
        assert made.heartbeat.age < 5
    assert nightly.times == 1


def test_a_job_that_fails_stops_neither_itself_nor_the_others(app: Flask) -> None:
    tick, fails = Count(), Count()

    def fail() -> None:
        fails()
        raise ZeroDivisionError

    with running(app, Job(TICK, 0.1, tick), Job("fails", 0.1, fail)):
        assert soon(lambda: tick.times >= 3 and fails.times >= 3)


def test_a_tick_that_takes_long_wakes_no_other_job(app: Flask) -> None:
    tick, nightly = Count(takes=1.5), Count()
    with running(app, Job(TICK, 0.1, tick), Job("nightly", 86400, nightly)):
        threading.Event().wait(1.2)
        assert (tick.times, nightly.times) == (1, 1)


def test_the_clock_set_back_an_hour_stops_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick, nightly, step = Count(), Count(), [timedelta(0)]

    class Stepping(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + step[0]

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Stepping)
    monkeypatch.setattr(clock, "wall", lambda: datetime.now(UTC) + step[0])
    with running(app, Job(TICK, 0.1, tick), Job("often", 0.3, nightly)):
        assert soon(lambda: tick.times >= 2)
        for leap in (-1, 2):
            step[0] = timedelta(hours=leap)
            before, others = tick.times, nightly.times
            assert soon(lambda before=before: tick.times >= before + 5)  # type: ignore[misc]  # a lambda's default
            assert soon(lambda others=others: nightly.times > others + 1)  # type: ignore[misc]  # likewise


def test_a_demonstration_whose_clock_is_moved_does_what_is_due_there(
    app: Flask, tmp_path: Path
) -> None:
    hourly = Count()
    clock.shiftable(tmp_path / "clock")
    try:
        with running(app, Job(TICK, 0.1, Count()), Job("hourly", 3600, hourly)):
            assert soon(lambda: hourly.times == 1)
            clock.advance(timedelta(days=7))
            assert soon(lambda: hourly.times == 2)
    finally:
        clock.shiftable(None)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_scheduler_is_replaced(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    tick = Count()
    with running(app, Job(TICK, 0.1, tick)) as made:
        assert soon(lambda: tick.times >= 2)
        first = made._scheduler  # noqa: SLF001 - the thread that is about to die

        def die() -> None:
            raise SystemError

        monkeypatch.setattr(first, "_process_jobs", die)
        assert soon(lambda: made._scheduler is not first)  # noqa: SLF001 - as above
        before = tick.times
        assert soon(lambda: tick.times >= before + 3)


def test_a_tick_that_never_comes_back_is_left_to_itself(app: Flask) -> None:
    tick, never = Count(), threading.Event()

    def hang_once() -> None:
        tick()
        if tick.times == 2:
            never.wait(30)

    with running(app, Job(TICK, 0.1, hang_once), stuck_after=0.5) as made:
        first = made._scheduler  # noqa: SLF001 - the one that is stuck
        assert soon(lambda: tick.times == 2)
        assert soon(lambda: made._scheduler is not first)  # noqa: SLF001 - as above
        assert soon(lambda: tick.times >= 5), "ticks go on beside the one that hangs"
        never.set()


def test_a_scheduler_that_lives_and_does_nothing_is_replaced(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = Count()
    with running(app, Job(TICK, 0.1, tick)) as made:
        assert soon(lambda: tick.times >= 2)
        first = made._scheduler  # noqa: SLF001 - the one that falls asleep
        monkeypatch.setattr(first, "_process_jobs", lambda: 3600.0)
        assert soon(lambda: made._scheduler is not first)  # noqa: SLF001 - as above
        before = tick.times
        assert soon(lambda: tick.times >= before + 3)


def test_a_watchdog_that_stumbles_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    stumbles = Count()

    def stumble(_jobs: Jobs) -> bool:
        stumbles()
        raise ZeroDivisionError

    monkeypatch.setattr(Jobs, "_alive", stumble)
    with running(app, Job(TICK, 0.1, Count())):
        assert soon(lambda: stumbles.times >= 3)


def test_a_process_runs_its_jobs_once_and_tells_that_they_tick(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = Count()
    monkeypatch.setattr(jobs, "jobs_of", lambda *_given: (Job(TICK, 0.1, tick),))
    began = jobs.start(app)
    try:
        assert jobs.start(app) is began
        assert soon(lambda: tick.times >= 2)
        for path in ("/healthz", "/readyz"):
            answer = Browser(app).client.get(path)
            assert answer.status_code == 200
            assert answer.json is not None
            assert answer.json["scheduler"]["seconds_since_tick"] < 5
            assert answer.json["oldest_overdue_seconds"] == 0
        began.heartbeat.stale_after = -1
        for path in ("/healthz", "/readyz"):
            assert Browser(app).client.get(path).status_code == 503
    finally:
        began.stop()
    assert "heartbeat" not in app.extensions


def test_every_job_of_the_site_runs_on_an_empty_database(app: Flask) -> None:
    table = jobs.jobs_of(app.extensions["settings"], Watch())
    assert len({job.name for job in table}) == len(table)
    for job in table:
        job.act()
