"""How fast messages are planned and sent, how late they are, and what looking for them costs.

    PYTHONPATH=. .venv/bin/python bench/reminders.py [sqlite] [postgresql]

On SQLite with synchronous=FULL and on a PostgreSQL of its own with fsync; every figure goes through
the services that the site itself uses.
"""

import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figures import figure
from sqlalchemy import delete, func, insert, select

import rooms  # noqa: F401 - every table that there is
from accounts.models import Person
from core import clock, ids
from core.db import db, transaction, writing
from messages import services
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent, Way
from messages.channels.smtp import Smtp
from messages.delivery.leases.services import due_lanes
from messages.delivery.rules import Pace
from messages.delivery.services import deliver
from messages.models import DeliveryAttempt, InboxItem, Message, Subject
from messages.rules import Channel, Outcome, State
from messages.services import Notice
from tests.ledger_worker import bare, plain
from tests.servers import free_port, private_postgresql

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
PEOPLE, VISITS, AT_ONCE = 400, 12_500, 625
"""A visit has four people and each of them two rows: 100,000 rows."""
GOALS = {
    "sqlite": {"planned": 100_000.0, "null": 5_000.0},
    "postgresql": {"planned": 40_000.0, "null": 1_500.0},
}
RATE, SECONDS = 100, 20
MILLION = 1_000_000


class Null:
    """A way that takes everything at once."""

    channel = Channel.EMAIL
    capabilities = Capabilities(Crash.NONE, chunk=10)

    def send(self, outgoing: Outgoing) -> Sent:
        return Sent(Outcome.ACCEPTED)

    def lookup(self, *_asked: object) -> Found:
        return Found.CANNOT_TELL


def begin() -> list[int]:
    """Make the tables and people who have an address; return them."""
    with writing():
        db.create_all()
    with transaction() as session:
        people = [
            {"name": "样例", "email": f"p{n}@example.org", "created_at": NOON, "uid": ids.uid()}
            for n in range(PEOPLE)
        ]
        session.execute(insert(Person), people)
        return list(session.scalars(select(Person.id)))


def empty() -> None:
    with transaction() as session:
        for table in (InboxItem, DeliveryAttempt, Message):
            session.execute(delete(table))


def notices(people: list[int], visits: range) -> list[Notice]:
    """Return the reminders of visits, as the site plans them: four people each."""
    at = NOON + timedelta(days=30)
    made = []
    for visit in visits:
        params = {
            "uid": f"v{visit:021}",
            "number": f"V{visit:06}",
            "when": "2026-12-24 12:00",
        }
        made += [
            Notice(
                "visit_t2d", f"visit/{visit}/t2d/{person_id}/1", params, at, at + timedelta(days=2),
                person_id=person_id, subject=("visit", f"v{visit:021}"),
            )
            for person_id in (people[(visit + turn) % PEOPLE] for turn in range(4))
        ]  # fmt: skip
    return made


def planning(engine: str, people: list[int]) -> None:
    """Plan 100,000 rows, 625 visits a transaction, and all of them again."""
    with transaction() as session:
        session.execute(
            insert(Subject),
            [
                {"kind": "visit", "ref": f"v{n:021}", "version": 1, "open": True}
                for n in range(VISITS)
            ],
        )
    parts = [notices(people, range(start, start + AT_ONCE)) for start in range(0, VISITS, AT_ONCE)]
    began = time.perf_counter()
    planned = sum(services.plan(part) for part in parts)
    rate = planned / (time.perf_counter() - began)
    figure(f"planned, {engine}", rate, "rows/s", least=GOALS[engine]["planned"])
    figure(f"planned again, {engine}", sum(map(services.plan, parts)), "rows", most=0)


def due(many: int) -> None:
    """Let so many messages to addresses be due now."""
    for start in range(0, many, 1000):
        services.plan(
            [
                Notice("hello", f"d{n}", {}, clock.now(), clock.now() + timedelta(days=2),
                       address=f"x{n}@example.org")
                for n in range(start, min(start + 1000, many))
            ]
        )  # fmt: skip
    db.session.remove()


def sent(ways: dict[Channel, Way], many: int, pace: Pace) -> float:
    """Send all that is due and return messages a second."""
    due(many)
    began = time.perf_counter()
    while deliver(ways, plain, pace=pace):
        pass
    seconds = time.perf_counter() - began
    done = select(func.count(Message.id)).where(Message.state == State.SENT)
    assert db.session.scalar(done) == many  # noqa: S101 - else no figure
    empty()
    return many / seconds


@contextmanager
def sink() -> Iterator[int]:
    """Run a mail server that keeps nothing, in a process of its own as mail servers are."""
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}"]
    server = subprocess.Popen([*command, "-c", "aiosmtpd.handlers.Sink"])
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError


def raw(port: int, many: int) -> float:
    """Send as many mails by four connections and nothing else; return mails a second."""
    content = b"Subject: x\r\n\r\n" + b"x" * 300 + b"\r\n"

    def one() -> None:
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.ehlo()
            for _turn in range(many // 4):
                server.mail("site@example.org")
                server.rcpt("x@example.org")
                server.data(content)

    threads = [threading.Thread(target=one) for _turn in range(4)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return many / (time.perf_counter() - began)


def by_mail(engine: str) -> None:
    with sink() as port:
        smtp = Smtp(f"smtp://127.0.0.1:{port}", "site@example.org")
        before = raw(port, 2000)
        ours = sent({Channel.EMAIL: smtp}, 2000, Pace())
        after = raw(port, 2000)
    figure(f"raw sink by 4 connections, {engine}", statistics.mean([before, after]), "mails/s")
    figure(f"mails by 4 connections, {engine}", ours, "mails/s")
    ratio = ours / statistics.mean([before, after])
    figure(f"mails against the raw sink, {engine}", ratio, least=0.5)


def lateness(engine: str) -> None:
    """Plan 100 messages a second for 20 seconds and note how late each leaves."""
    late: list[float] = []
    starts = datetime.now(UTC) + timedelta(seconds=3)

    class Noting(Null):
        def send(self, outgoing: Outgoing) -> Sent:
            at = starts + timedelta(seconds=int(outgoing.address[1:].split("@")[0]) / RATE)
            late.append((datetime.now(UTC) - at).total_seconds())
            return Sent(Outcome.ACCEPTED)

    services.plan(
        [
            Notice("hello", f"l{n}", {}, starts + timedelta(seconds=n / RATE),
                   starts + timedelta(hours=1), address=f"l{n}@example.org", urgent=True)
            for n in range(RATE * SECONDS)
        ]
    )  # fmt: skip
    db.session.remove()
    ways: dict[Channel, Way] = {Channel.EMAIL: Noting()}
    while len(late) < RATE * SECONDS:
        began = time.monotonic()
        deliver(ways, plain)
        time.sleep(max(0.0, began + 1 - time.monotonic()))
    late.sort()
    figure(f"lateness at 100/s, median, {engine}", statistics.median(late), "s")
    figure(f"lateness at 100/s, p99, {engine}", late[int(len(late) * 0.99)], "s", most=1.2)
    empty()


def empty_claim(engine: str, people: list[int]) -> None:
    """Ask what is due of a million rows for later days."""
    later = NOON + timedelta(days=30)
    common = {"kind": "hello", "params": {}, "due_at": later, "expire_at": later}
    common |= {"after_close": False, "created_at": NOON, "language": "zh_Hans"}
    for start in range(0, MILLION, 20_000):
        rows = [
            common
            | {
                "dedup_key": f"m{n}", "uid": f"u{n:021}", "next_at": later + timedelta(seconds=n),
                "channel": Channel.EMAIL if n % 2 else Channel.INAPP,
                "person_id": people[n % PEOPLE],
            }
            for n in range(start, start + 20_000)
        ]  # fmt: skip
        with transaction() as session:
            session.execute(insert(Message), rows)
    taken = []
    for _turn in range(200):
        db.session.remove()
        began = time.perf_counter()
        due_lanes(NOON)
        taken.append((time.perf_counter() - began) * 1000)
    figure(f"empty claim of a million, median, {engine}", statistics.median(taken), "ms", most=3)


def measure(engine: str, url: str) -> None:
    app = bare(url)
    with app.app_context():
        people = begin()
        clock.wall = lambda: NOON
        planning(engine, people)
        empty()
        rate = sent({Channel.EMAIL: Null()}, 10_000, Pace())
        figure(f"sent to nowhere, k=10, {engine}", rate, "messages/s", least=GOALS[engine]["null"])
        by_mail(engine)
        clock.wall = lambda: datetime.now(UTC)
        lateness(engine)
        empty_claim(engine, people)
        db.session.remove()
        db.engine.dispose()


def main(engines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as home:
        if "sqlite" in engines:
            measure("sqlite", f"sqlite:///{home}/ledger.db")
        if "postgresql" in engines:
            with private_postgresql(Path(home), fsync=True) as url:
                measure("postgresql", url)


if __name__ == "__main__":
    main(sys.argv[1:] or ["sqlite", "postgresql"])
