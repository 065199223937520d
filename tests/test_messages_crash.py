"""Nothing lost, nothing twice: processes that die, and changes that race with sending."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.engine import Connection

from core.db import db, writing
from messages import services
from messages.channels.rules import Outgoing, Sent
from messages.delivery import services as delivery
from messages.delivery.channels import Smtp
from messages.delivery.leases import services as leases
from messages.models import InboxItem, Message
from messages.rules import Channel, Outcome, State
from messages.services import Notice
from tests.builders.people import a_person
from tests.conftest import NOON, SetClock
from tests.ledger_worker import bare, plain
from tests.ledgers import CHUNK, by_mail
from tests.servers import free_port
from tests.sites import ROOT

KILLS, ROWS, RACES = 10, 60, 300


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def ledger(request: pytest.FixtureRequest, site: Flask, tmp_path: Path) -> Iterator[Flask]:
    """An empty ledger on each engine; the address of its database is in the configuration."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    app = bare(url)
    with app.app_context():
        with writing():
            db.create_all()
        db.session.remove()
        yield app
        db.session.remove()
        db.engine.dispose()


def notices(many: int, prefix: str = "k", **given: Any) -> list[Notice]:
    fields: dict[str, Any] = {"params": {}, "due_at": NOON, "address": "x@example.org"}
    fields |= {"kind": "hello", "expire_at": NOON + timedelta(days=2)}
    return [Notice(key=f"{prefix}{n}", **fields | given) for n in range(many)]


def in_state(state: State, prefix: str = "k") -> set[str]:
    """Return the uids of what is in a state."""
    db.session.rollback()
    rows = select(Message.uid).where(Message.state == state)
    return set(db.session.scalars(rows.where(Message.dedup_key.startswith(prefix))))


@dataclass
class Witness:
    """A real mail server's handler that counts what arrives, and acts when enough has."""

    arrived: Counter[str] = field(default_factory=Counter)
    enough: int = 0
    reached: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        head = envelope.content.decode().split("Message-ID: <", 1)[1]
        self.arrived[head.split("@", 1)[0]] += 1
        if self.enough and self.arrived.total() >= self.enough:
            self.reached.set()
        return "250 kept"


@pytest.fixture
def witness() -> Iterator[tuple[Witness, str]]:
    kept, port = Witness(), free_port()
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    yield kept, f"smtp://127.0.0.1:{port}"
    server.stop()


def killed_after(mails: int, ledger: Flask, witness: Witness, smtp_url: str) -> None:
    """Let a process send, and kill it once so many mails have arrived in this round."""
    witness.reached.clear()
    witness.enough = witness.arrived.total() + mails
    url = ledger.config["SQLALCHEMY_DATABASE_URI"]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ledger_worker", url, smtp_url, NOON.isoformat()],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert witness.reached.wait(30), "the worker sent too little"
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stdin.close()


def test_a_killed_process_loses_nothing_and_repeats_nothing(
    ledger: Flask, witness: tuple[Witness, str], set_clock: SetClock
) -> None:
    kept, smtp_url = witness
    pick = random.Random(1407)
    for turn in range(KILLS):
        prefix = f"r{turn}/"
        set_clock(NOON)
        services.plan(notices(ROWS, prefix))
        killed_after(pick.randint(1, ROWS - 2 * CHUNK), ledger, kept, smtp_url)

        set_clock(NOON + 2 * leases.LEASE)
        leases.sweep()
        while delivery.deliver(by_mail(Smtp(smtp_url, "site@example.org")), plain):
            pass
        sent, unknown = in_state(State.SENT, prefix), in_state(State.UNKNOWN, prefix)

        assert len(sent) + len(unknown) == ROWS, "every row is settled or shown to a person"
        assert len(unknown) <= CHUNK
        assert all(kept.arrived[uid] == 1 for uid in sent), "what counts as sent arrived, once"
        assert max(kept.arrived.values()) == 1, "nothing arrived twice"


class Postman:
    """A carrier that notes what it was given, from any thread."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def send(self, outgoing: Outgoing) -> Sent:
        self.given.append(outgoing.key)
        return Sent(Outcome.ACCEPTED)


def at_once(app: Flask, *actions: Any) -> None:
    """Do things at the same moment, each in a thread of its own; raise what one raised."""
    gate, raised = threading.Barrier(len(actions)), []

    def work(act: Any) -> None:
        with app.app_context():
            gate.wait()
            try:
                act()
            except BaseException as error:  # noqa: BLE001 - raised again below
                raised.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(act,)) for act in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in raised:
        raise error


def test_whoever_was_told_of_a_visit_hears_that_it_is_off(ledger: Flask) -> None:
    """The moment of cancelling is steered to where sending begins, so that both come first."""
    postman, outcomes, wait = Postman(), Counter[bool](), 0.005
    for turn in range(RACES):
        about, wrong = ("visit", f"v{turn}"), f"c{turn}/"
        services.open_subject(*about)
        services.plan(notices(2, f"n{turn}/", subject=about))
        correction = notices(1, wrong, subject=about, after_close=True)
        db.session.remove()

        at_once(
            ledger,
            partial(delivery.deliver, by_mail(postman), plain),
            partial(close_after, wait, about, correction),
        )
        keys = keys_by_uid()
        told = any(keys[uid].startswith(f"n{turn}/") for uid in postman.given)
        corrected = any(key.startswith(wrong) for key in keys.values())
        assert corrected or not told, "a reminder of a cancelled visit stays uncorrected"
        outcomes[told] += 1
        wait = wait * 0.8 if told else wait * 1.25 + 0.0002
    assert min(outcomes[True], outcomes[False]) >= RACES // 10, "this was no race"
    assert max(Counter(postman.given).values()) == 1


def close_after(wait: float, about: tuple[str, str], correction: list[Notice]) -> None:
    threading.Event().wait(wait)
    services.close(*about, correction)


def keys_by_uid() -> dict[str, str]:
    db.session.rollback()
    rows = db.session.execute(select(Message.uid, Message.dedup_key))
    return {row.uid: row.dedup_key for row in rows}


def test_what_is_planned_for_a_visit_that_is_off_is_not_sent(ledger: Flask) -> None:
    services.open_subject("visit", "v1")
    services.close("visit", "v1")
    services.plan(notices(1, subject=("visit", "v1")))
    services.plan(notices(1, "after", subject=("visit", "v1"), after_close=True))
    postman = Postman()
    delivery.deliver(by_mail(postman), plain)
    assert set(postman.given) == in_state(State.SENT, "after")
    assert len(in_state(State.CANCELLED)) == 1


def test_two_processes_share_what_is_due(ledger: Flask) -> None:
    services.plan(notices(100))
    db.session.remove()
    postman = Postman()
    at_once(ledger, *[lambda: delivery.deliver(by_mail(postman), plain)] * 4)
    while delivery.deliver(by_mail(postman), plain):
        pass
    assert len(postman.given) == len(set(postman.given)) == 100


def test_a_claim_takes_no_more_than_its_limit(ledger: Flask) -> None:
    """Also by the plan that PostgreSQL may choose for a small table: pick anew for each row."""
    services.plan(notices(30))
    db.session.remove()
    if db.engine.dialect.name == "postgresql":
        event.listen(db.engine, "begin", _with_the_worst_plan)
    assert len(leases.claim(NOON, limit=5).external) == 5
    assert len(in_state(State.CLAIMED)) == 5


def _with_the_worst_plan(connection: Connection) -> None:
    for way in ("hashagg", "hashjoin", "mergejoin", "sort", "material"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")


def test_a_change_of_nothing_that_is_known_changes_nothing(ledger: Flask) -> None:
    services.change("visit", "none", [], correction=notices(1))
    assert db.session.scalar(select(func.count(Message.id))) == 0


def test_a_message_on_the_site_is_there_exactly_once(ledger: Flask) -> None:
    services.plan(notices(40, address=None, person_id=a_person(email=None, phone="15400000001").id))
    db.session.remove()
    at_once(ledger, *[lambda: delivery.deliver(by_mail(Postman()), plain)] * 4)
    db.session.rollback()
    assert db.session.scalar(select(func.count(InboxItem.id))) == 40
    assert (
        db.session.scalar(
            select(func.count(Message.id)).where(
                Message.channel == Channel.INAPP, Message.state == State.SENT
            )
        )
        == 40
    )
