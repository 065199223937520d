"""What tests of crashes and races share: an empty ledger on each engine, and an outside witness."""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from core.db import db, writing
from messages.channels.smtp import Smtp
from messages.delivery import services as delivery
from messages.delivery.leases import services as leases
from messages.models import Message
from messages.rules import Channel, State
from messages.services import Notice
from tests.conftest import NOON, SetClock
from tests.ledger_worker import bare, plain
from tests.servers import free_port

WHOLE = os.environ.get("TONGXING_WHOLE") == "1"
"""Whether as many trials are made as the figures are stated for, and not as CI has time for."""
CHUNK = Smtp.capabilities.chunk
TRIALS, ROWS = 200 if WHOLE else 20, 60
SENDER = "site@example.org"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def ledger(request: pytest.FixtureRequest, site: Flask, tmp_path: Path) -> Iterator[Flask]:
    """An empty ledger on each engine; the address of its database is in the configuration."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    with an_empty_ledger(url) as app:
        yield app


@contextmanager
def an_empty_ledger(url: str) -> Iterator[Flask]:
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
    """A real mail server's handler that counts what arrives, and tells when enough has."""

    arrived: Counter[str] = field(default_factory=Counter)
    enough: int = 0
    reached: threading.Event = field(default_factory=threading.Event)

    def begin(self, mails: int) -> None:
        """Wait from now on for so many."""
        self.reached.clear()
        self.enough = self.arrived.total() + mails

    def wait(self) -> None:
        assert self.reached.wait(30), "too little was sent"

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
