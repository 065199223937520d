"""Changes that race with sending, and processes that send at the same moment."""

import threading
from collections import Counter
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.engine import Connection

from core.db import db
from messages import services
from messages.channels.rules import Outgoing, Sent
from messages.delivery import services as delivery
from messages.delivery.leases import services as leases
from messages.models import InboxItem, Message
from messages.rules import Channel, Outcome, State
from messages.services import Notice
from tests.builders.people import a_person
from tests.conftest import NOON
from tests.crashes import WHOLE, in_state, ledger, notices
from tests.ledger_worker import plain
from tests.ledgers import by_mail

__all__ = ["ledger"]
RACES = 3000 if WHOLE else 300


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


def test_whoever_was_told_of_a_visit_hears_that_it_is_off_or_moved(ledger: Flask) -> None:
    """The moment of the change is steered to where sending begins, so that both come first."""
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
            partial(change_after, wait, about, correction, moves=turn % 2 == 1),
        )
        keys = keys_by_uid()
        told = any(keys[uid].startswith(f"n{turn}/") for uid in postman.given)
        corrected = any(key.startswith(wrong) for key in keys.values())
        assert corrected or not told, "a reminder of a visit that is off or moved stays uncorrected"
        outcomes[told] += 1
        wait = wait * 0.8 if told else wait * 1.25 + 0.0002
    assert min(outcomes[True], outcomes[False]) >= RACES // 10, "this was no race"
    assert max(Counter(postman.given).values()) == 1


def change_after(
    wait: float, about: tuple[str, str], correction: list[Notice], *, moves: bool
) -> None:
    threading.Event().wait(wait)
    if moves:
        services.change(*about, [], correction)
    else:
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
