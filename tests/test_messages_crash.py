"""Nothing lost, nothing twice: processes that die or freeze, and a database that starts again.

    TONGXING_WHOLE=1 .venv/bin/pytest tests/test_messages_crash.py tests/test_messages_races.py

makes as many trials as the figures are stated for (200 a fault and engine, 3,000 races).
"""

import fcntl
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from core.db import db
from messages import services
from messages.channels.smtp import Smtp
from messages.delivery import services as delivery
from messages.delivery.leases import services as leases
from messages.models import InboxItem, Message
from messages.rules import Channel, State
from tests.builders.people import a_person
from tests.conftest import NOON, SetClock
from tests.crashes import WHOLE, Witness, in_state, ledger, notices, witness
from tests.ledger_worker import plain
from tests.sites import ROOT

__all__ = ["ledger", "witness"]
CHUNK = Smtp.capabilities.chunk
TRIALS, ROWS = 200 if WHOLE else 20, 60
SENDER = "site@example.org"


@contextmanager
def a_worker(ledger: Flask, smtp_url: str, batch: int = 200) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has begun to send what is due at noon."""
    url = ledger.config["SQLALCHEMY_DATABASE_URI"]
    words = [url, smtp_url, NOON.isoformat(), str(batch)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ledger_worker", *words],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        process.stdin.write(b"go\n")
        process.stdin.flush()
        yield process
        process.stdin.close()


def the_rest_goes_out(smtp_url: str, set_clock: SetClock) -> None:
    """Let another process do what is left once the lease of the first has lapsed."""
    set_clock(NOON + 2 * leases.LEASE)
    leases.sweep()
    while delivery.deliver({Channel.EMAIL: Smtp(smtp_url, SENDER)}, plain):
        pass


def every_row_is_settled(kept: Witness, prefix: str, unknown_at_most: int = CHUNK) -> None:
    sent, unknown = in_state(State.SENT, prefix), in_state(State.UNKNOWN, prefix)
    assert len(sent) + len(unknown) == ROWS, "every row is settled or shown to a person"
    assert len(unknown) <= unknown_at_most
    assert all(kept.arrived[uid] == 1 for uid in sent), "what counts as sent arrived, once"
    assert max(kept.arrived.values()) == 1, "nothing arrived twice"


def test_a_killed_process_loses_nothing_and_repeats_nothing(
    ledger: Flask, witness: tuple[Witness, str], set_clock: SetClock
) -> None:
    kept, smtp_url = witness
    pick = random.Random(1407)
    for turn in range(TRIALS):
        prefix = f"r{turn}/"
        set_clock(NOON)
        services.plan(notices(ROWS, prefix))
        db.session.remove()
        kept.begin(pick.randint(1, ROWS - 2 * CHUNK))
        with a_worker(ledger, smtp_url) as process:
            kept.wait()
            os.kill(process.pid, signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        the_rest_goes_out(smtp_url, set_clock)
        every_row_is_settled(kept, prefix)


def test_a_process_that_freezes_past_its_lease_and_wakes_repeats_nothing(
    ledger: Flask, witness: tuple[Witness, str], set_clock: SetClock
) -> None:
    kept, smtp_url = witness
    pick = random.Random(2207)
    for turn in range(TRIALS):
        prefix = f"f{turn}/"
        set_clock(NOON)
        services.plan(notices(ROWS, prefix))
        db.session.remove()
        kept.begin(pick.randint(1, ROWS - 2 * CHUNK))
        with a_worker(ledger, smtp_url) as process:
            kept.wait()
            freeze(process, ledger)
            the_rest_goes_out(smtp_url, set_clock)
            os.kill(process.pid, signal.SIGCONT)
            assert process.wait(30) == 0
        every_row_is_settled(kept, prefix)


def freeze(process: "subprocess.Popen[bytes]", ledger: Flask) -> None:
    """Stop the process where others can go on: on SQLite not while it is the one that writes.

    There all others wait for such a one, as they would for a disk; nothing can go wrong meanwhile.
    """
    url = ledger.config["SQLALCHEMY_DATABASE_URI"]
    os.kill(process.pid, signal.SIGSTOP)
    if url.startswith("sqlite"):
        with Path(f"{url.removeprefix('sqlite:///')}.writers").open("a") as queue:
            while _is_taken(queue):
                os.kill(process.pid, signal.SIGCONT)
                time.sleep(0.001)
                os.kill(process.pid, signal.SIGSTOP)


def _is_taken(queue: IO[str]) -> bool:
    try:
        fcntl.flock(queue, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(queue, fcntl.LOCK_UN)
    return False


def test_what_is_on_the_site_is_there_exactly_once_whenever_a_process_dies(
    ledger: Flask, set_clock: SetClock
) -> None:
    me, pick = a_person(email=None, phone="15400000001").id, random.Random(3107)
    for turn in range(TRIALS):
        set_clock(NOON)
        services.plan(notices(ROWS, f"i{turn}/", address=None, person_id=me))
        db.session.remove()
        before, wanted = turn * ROWS, pick.randint(1, ROWS - 10)
        with a_worker(ledger, "smtp://127.0.0.1:1", batch=3) as process:
            while _items() < before + wanted:
                assert process.poll() is None or _items() >= before + wanted
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        set_clock(NOON + 2 * leases.LEASE)
        leases.sweep()
        while delivery.deliver({}, plain):
            pass
        assert _items() == before + ROWS
        assert len(in_state(State.SENT, f"i{turn}/")) == ROWS


def _items() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(InboxItem.id))) or 0


@pytest.mark.postgres
@pytest.mark.parametrize("ledger", ["postgresql"], indirect=True)
def test_a_database_that_breaks_down_and_starts_again_loses_nothing(
    ledger: Flask, witness: tuple[Witness, str], set_clock: SetClock
) -> None:
    """One of its processes is killed: the server throws everybody out, recovers and goes on."""
    kept, smtp_url = witness
    pick, ways = random.Random(4107), {Channel.EMAIL: Smtp(smtp_url, SENDER)}
    url = ledger.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", "")
    for turn in range(TRIALS):
        prefix = f"d{turn}/"
        set_clock(NOON)
        services.plan(notices(ROWS, prefix))
        db.session.remove()
        kept.begin(pick.randint(1, ROWS - 2 * CHUNK))
        breaking = threading.Thread(target=_break_down, args=(url, kept))
        breaking.start()
        ends = time.monotonic() + 60
        while _waiting(prefix) or breaking.is_alive():
            assert time.monotonic() < ends
            try:
                delivery.deliver(ways, plain)
            except OperationalError:
                db.session.rollback()
        breaking.join()
        the_rest_goes_out(smtp_url, set_clock)
        every_row_is_settled(kept, prefix)


def _break_down(url: str, kept: Witness) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        kept.wait()
        os.kill(connection.info.backend_pid, signal.SIGKILL)


def _waiting(prefix: str) -> bool:
    """Whether a row waits, or is being sent by what has just failed; a lost claim is taken back."""
    try:
        db.session.rollback()
        rows = select(Message.state).where(Message.dedup_key.startswith(prefix))
        found = set(db.session.scalars(rows))
    except OperationalError:
        db.session.rollback()
        return True
    return State.PENDING in found
