"""Nothing lost, nothing twice: processes that die or freeze.

    TONGXING_WHOLE=1 .venv/bin/pytest tests/test_messages_{crash,restart,races}.py

makes as many trials as the figures are stated for (200 a fault and engine, 3,000 races).
"""

import fcntl
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flask import Flask
from sqlalchemy import func, select

from core.db import db
from messages import services
from messages.channels.smtp import Smtp
from messages.delivery import services as delivery
from messages.delivery.leases import services as leases
from messages.models import InboxItem
from messages.rules import State
from tests.builders.people import a_person
from tests.conftest import NOON, SetClock
from tests.crashes import (
    ROWS,
    TRIALS,
    Witness,
    every_row_is_settled,
    in_state,
    ledger,
    notices,
    the_rest_goes_out,
    witness,
)  # fmt: skip
from tests.ledger_worker import plain
from tests.sites import ROOT

__all__ = ["ledger", "witness"]
CHUNK = Smtp.capabilities.chunk


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
