"""What is asked every second costs the same however many messages wait for later days."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, insert, select

from core import clock, ids
from core.db import db, transaction, writing
from messages import queries, services
from messages.channels.rules import Crash, Outgoing, Sent
from messages.delivery import services as delivery
from messages.delivery.holds import services as holds
from messages.delivery.leases import services as leases
from messages.delivery.receipts.services import receipt
from messages.delivery.unknowns import services as unknowns
from messages.models import Message
from messages.rules import Channel, Outcome, State
from tests.builders.people import a_person
from tests.conftest import NOON
from tests.crashes import ledger, notices
from tests.ledger_worker import plain
from tests.ledgers import Through

__all__ = ["ledger"]
LATER, SIZE = NOON + timedelta(days=30), 20_000
VERBS = ("SELECT", "UPDATE", "WITH", "DELETE", "INSERT")


class Postman:
    """Answers that nobody can tell, so that look-ups have something to do."""

    def send(self, outgoing: Outgoing) -> Sent:
        return Sent(Outcome.UNKNOWN if outgoing.address.startswith("u") else Outcome.ACCEPTED)


def fill(person_id: int) -> None:
    """Let many messages wait for later, many be over, and some be unknown for long."""
    common = {"kind": "hello", "params": {}, "due_at": LATER, "next_at": LATER}
    common |= {"expire_at": LATER, "person_id": person_id, "after_close": False}
    rows = [
        common
        | {
            "dedup_key": f"later{n}",
            "uid": ids.uid(),
            "channel": Channel.EMAIL if n % 2 else Channel.INAPP,
            "state": State.SENT if n % 4 < 2 else State.PENDING,
        }
        for n in range(SIZE)
    ]
    with transaction() as session:
        session.execute(insert(Message), rows)
    with writing(), db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    db.session.remove()


@contextmanager
def noted() -> Iterator[dict[str, Any]]:
    """Keep every statement that touches messages, with values it was sent with."""
    found: dict[str, Any] = {}

    def note(*context: Any) -> None:
        statement, values, many = context[2], context[3], context[5]
        if "messages" in statement and statement.lstrip().startswith(VERBS) and not many:
            found.setdefault(statement, values)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def everything_hot() -> None:
    """Do what runs every second or with every change."""
    about = ("visit", "v1")
    services.open_subject(*about)
    services.plan(notices(5, subject=about))
    services.plan(notices(5, "u", address="u@example.org"))
    services.plan(notices(1, "p", address=None, person_id=a_person().id))
    ways: Any = {Channel.EMAIL: Through(Postman())}
    delivery.deliver(ways, plain)
    services.change(*about, [], notices(1, "c", subject=about))
    services.close(*about)
    leases.sweep()
    holds.overdue(NOON, 501)
    queries.oldest_overdue()
    queries.counts()
    queries.mailed(["k1/external"])
    unknowns.repeat_elsewhere(ways)
    asked = Through(Postman())
    asked.capabilities = type(asked.capabilities)(Crash.LOOKUP)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "wall", lambda: NOON + timedelta(minutes=6))
        unknowns.look({Channel.EMAIL: asked})
    receipt("x" * 22, State.DELIVERED)
    delivery.deliver(ways, plain)


def test_no_hot_statement_reads_the_whole_table(ledger: Flask) -> None:
    fill(a_person(email="f@example.org", phone="15400000007").id)
    with noted() as statements:
        everything_hot()
    assert len(statements) > 15, "the statements were seen"
    scanning = [one for one, values in statements.items() if _scans(one, values)]
    assert scanning == []


def _scans(statement: str, values: Any) -> bool:
    """Whether the engine would read all rows of `messages` for it."""
    lite = db.engine.dialect.name == "sqlite"
    with writing(), db.engine.connect() as connection:
        plan = connection.exec_driver_sql(
            ("EXPLAIN QUERY PLAN " if lite else "EXPLAIN ") + statement, values
        ).all()
        connection.rollback()
    lines = [str(line[-1]) for line in plan]
    if lite:
        return any(line.startswith("SCAN messages") and "INDEX" not in line for line in lines)
    return any("Seq Scan on messages" in line for line in lines)


def test_a_statement_that_reads_everything_would_be_seen(ledger: Flask) -> None:
    fill(a_person(email="f@example.org", phone="15400000007").id)
    with noted() as statements:
        db.session.scalars(select(Message.id).where(Message.error == "x")).all()
    assert [_scans(one, values) for one, values in statements.items()] == [True]
