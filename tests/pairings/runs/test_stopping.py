"""The site stops in the middle of a run: at once, and the run is taken up by whoever comes next."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.rules import Actor
from children.models import Child
from core import apart, clock
from core.clockwork import Job, Jobs
from core.db import db
from core.fences import everything
from core.health import Heartbeat
from pairings.runs import services
from pairings.runs.models import MatchRun
from pairings.runs.rules import State
from pairings.runs.steps import services as steps
from places.models import Area
from tests.test_jobs import soon
from volunteers.teams.models import Team

SLEEPER = "tests.pairings.runs.sleeper"
AT_ONCE = 2.0


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Matching takes two minutes."""
    monkeypatch.setattr(steps, "WORKER", SLEEPER)
    yield
    apart.allow()


def the(uid: str) -> MatchRun:
    db.session.rollback()
    found = select(MatchRun).where(MatchRun.uid == uid).execution_options(populate_existing=True)
    return db.session.scalars(found).one()


def goes_on(uid: str) -> Callable[[], bool]:
    return lambda: the(uid).step == "pairs"


def test_the_site_stops_at_once_and_the_run_waits_for_the_next(
    app: Flask,
    child: Child,
    team: Team,
    county: Area,
    me: Actor,
    *,
    long: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "wall", lambda: datetime.now(UTC))
    uid = services.start(county.id, by=me)
    running = Jobs(app, (Job("match runs", 3, steps.go_on),), Heartbeat(stale_after=60))
    running.begin()
    assert soon(goes_on(uid))

    began = time.monotonic()
    running.stop()

    assert time.monotonic() - began < AT_ONCE
    assert (the(uid).state, the(uid).claimed_at) == (State.WAITING, None)
    monkeypatch.undo()
    with everything():
        assert steps.go_on() == 1
    assert the(uid).state is State.READY


@pytest.fixture
def sleeper() -> Iterator[tuple[Iterator[Any], int]]:
    """What a worker says that has begun, and its process."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's "&" ignores it
    said = apart.words(SLEEPER, {}, longest=60)
    assert next(said) == {"at": ["pairs", 1]}
    (pid,) = [one for one in _children() if SLEEPER in _command(one)]
    yield said, pid
    signal.signal(signal.SIGINT, before)
    apart.allow()


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_matching_that_is_asked_to_stop_with_its_site_has_not_failed(
    sleeper: tuple[Iterator[Any], int], asked: signal.Signals
) -> None:
    """Ctrl+C and supervisors tell every process, this one perhaps before the site."""
    said, pid = sleeper
    os.kill(pid, asked)
    threading.Timer(0.2, apart.stop).start()

    with pytest.raises(apart.Stopped):
        next(said)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_matching_that_is_ended_alone_has_failed_and_is_not_begun_for_ever(
    sleeper: tuple[Iterator[Any], int], asked: signal.Signals
) -> None:
    said, pid = sleeper
    os.kill(pid, asked)

    assert list(said) == []


def test_nothing_is_begun_while_the_site_stops(
    app: Flask, child: Child, county: Area, me: Actor, *, long: None
) -> None:
    uid = services.start(county.id, by=me)
    apart.stop()
    with everything():
        assert steps.go_on() == 0

    assert the(uid).state is State.WAITING


def _children() -> list[int]:
    task = Path("/proc/self/task", str(threading.get_native_id()), "children")
    return [int(one) for one in task.read_text(encoding="ascii").split()]


def _command(pid: int) -> str:
    return Path("/proc", str(pid), "cmdline").read_text(encoding="utf-8")
