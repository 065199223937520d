"""Nothing lost, nothing twice while the database breaks down, or is stopped, and starts again."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from core.db import db
from messages import services
from messages.channels.smtp import Smtp
from messages.delivery import services as delivery
from messages.models import Message
from messages.rules import Channel, State
from tests.conftest import NOON, SetClock
from tests.crashes import (
    CHUNK,
    ROWS,
    SENDER,
    TRIALS,
    Witness,
    an_empty_ledger,
    every_row_is_settled,
    notices,
    the_rest_goes_out,
    witness,
)  # fmt: skip
from tests.ledger_worker import plain
from tests.servers import PostgreSQL, ServerMissing, a_postgresql, emptied

__all__ = ["witness"]
Fault = Callable[[PostgreSQL], None]


def breaks_down(server: PostgreSQL) -> None:
    """Kill one of its processes: it throws everybody out and recovers. Returns when it has.

    It notices only a while after the kill; till then it still answers those who are connected.
    """
    url = server.url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as watching:
        with psycopg.connect(url, autocommit=True) as killed:
            os.kill(killed.info.backend_pid, signal.SIGKILL)
        _until(lambda: not _answers(watching))
    _until(lambda: _lets_in(url))


def is_stopped(server: PostgreSQL) -> None:
    """Stop all of it at once, as `pg_ctl -m immediate stop` does, and start it again."""
    server.stop(signal.SIGQUIT)
    server.start()


def _until(happens: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not happens():
        assert time.monotonic() < ends
        time.sleep(0.01)


def _answers(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _lets_in(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def server(site: Flask) -> Iterator[PostgreSQL]:
    """A server of the test's own: others must not be thrown out."""
    try:
        with TemporaryDirectory() as folder, a_postgresql(Path(folder)) as running:
            yield running
    except ServerMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@contextmanager
def while_sending(kept: Witness, fault: Fault, server: PostgreSQL) -> Iterator["Future[None]"]:
    """Let the fault happen in the middle of the mails."""

    def happen() -> None:
        kept.wait()
        fault(server)

    with ThreadPoolExecutor(1) as beside:
        yield beside.submit(happen)


@pytest.mark.postgres
@pytest.mark.parametrize("fault", [breaks_down, is_stopped])
def test_a_database_that_starts_again_loses_nothing_and_repeats_nothing(
    fault: Fault, server: PostgreSQL, witness: tuple[Witness, str], set_clock: SetClock
) -> None:
    kept, smtp_url = witness
    pick, ways = random.Random(4107), {Channel.EMAIL: Smtp(smtp_url, SENDER)}
    with an_empty_ledger(emptied(server.url)):
        for turn in range(TRIALS):
            prefix = f"d{turn}/"
            set_clock(NOON)
            services.plan(notices(ROWS, prefix))
            db.session.remove()
            kept.begin(pick.randint(1, ROWS - 2 * CHUNK))
            with while_sending(kept, fault, server) as happening:
                _go_on_sending(ways, prefix, happening)
            happening.result()
            the_rest_goes_out(smtp_url, set_clock)
            every_row_is_settled(kept, prefix)


def _go_on_sending(ways: dict[Channel, Smtp], prefix: str, happening: "Future[None]") -> None:
    """Send as the site's clock does: a pass that fails is followed by the next."""
    ends = time.monotonic() + 60
    while not happening.done() or _waiting(prefix):
        assert time.monotonic() < ends
        try:
            delivery.deliver(ways, plain)
        except OperationalError:
            db.session.rollback()
    db.session.remove()


def _waiting(prefix: str) -> bool:
    """Whether a row waits: what a failed pass had claimed is taken back later."""
    db.session.rollback()
    rows = select(func.count(Message.id)).where(Message.dedup_key.startswith(prefix))
    return bool(db.session.scalar(rows.where(Message.state == State.PENDING)))
