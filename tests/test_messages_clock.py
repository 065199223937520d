"""Clocks that leap: nothing goes out early, nothing is given up, and somebody hears of it."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Role
from core import clock
from core.clockwork import TICK, Job, Jobs
from core.db import db
from core.health import Heartbeat
from messages.delivery import services as delivery
from messages.delivery.clocks import services as clocks
from messages.delivery.clocks.services import Watch
from messages.delivery.holds import services as holds
from messages.delivery.leases import services as leases
from messages.models import Hold, InboxItem, Message
from messages.rules import Channel, HoldReason, State
from tests.builders.people import a_member_of_staff, a_person
from tests.conftest import NOON, SetClock
from tests.ledgers import by_mail
from tests.test_messages import Postman, plain
from tests.test_messages_ways import say

DAY = timedelta(days=1)


class Clocks:
    """Both clocks of a machine: one goes, the other can be set besides."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.gone, self.step = 0.0, timedelta()
        patch.setattr(clock, "wall", self.wall)
        patch.setattr(clocks, "time", SimpleNamespace(monotonic=lambda: self.gone))

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.gone) + self.step

    def go(self, seconds: float) -> None:
        self.gone += seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, set_clock: SetClock) -> Clocks:
    return Clocks(monkeypatch)


def tick(watch: Watch, mail: Postman) -> None:
    """Do what the jobs of a site do each second."""
    watch.look()
    delivery.deliver(by_mail(mail), plain, leaves=watch.trusted)
    leases.sweep(expires=watch.trusted)


def states() -> dict[Channel, State]:
    db.session.rollback()
    rows = db.session.execute(select(Message.channel, Message.state))
    return {row.channel: row.state for row in rows}


def test_a_leap_of_two_hours_lets_what_would_leave_wait_a_minute(
    app: Flask, machine: Clocks
) -> None:
    say(person_id=a_person().id, due_at=NOON + timedelta(hours=1))
    watch, mail = Watch(), Postman()
    tick(watch, mail)
    machine.step = timedelta(hours=2)
    for _turn in range(50):
        machine.go(1)
        tick(watch, mail)
    assert mail.given == []
    machine.step = timedelta()  # somebody sets it right within the minute
    for _turn in range(20):
        machine.go(1)
        tick(watch, mail)
    assert mail.given == [], "it was not sent early"
    machine.go(3600)
    tick(watch, mail)
    assert len(mail.given) == 1


def test_a_leap_that_stays_is_the_time_after_a_minute(app: Flask, machine: Clocks) -> None:
    say(person_id=a_person().id, due_at=NOON + timedelta(hours=1))
    watch, mail = Watch(), Postman()
    tick(watch, mail)
    machine.step = timedelta(hours=2)
    for _turn in range(62):
        machine.go(1)
        tick(watch, mail)
    assert len(mail.given) == 1


def test_a_clock_set_back_sends_nothing_twice_and_nothing_early(
    app: Flask, machine: Clocks
) -> None:
    say("a", person_id=a_person().id)
    watch, mail = Watch(), Postman()
    tick(watch, mail)
    machine.step = timedelta(hours=-1)
    say("b", address="b@example.org", due_at=NOON)
    machine.go(1)
    tick(watch, mail)
    assert len(mail.given) == 1
    machine.go(3600)
    tick(watch, mail)
    assert len(mail.given) == 2


def test_a_year_at_once_is_not_believed(app: Flask, machine: Clocks) -> None:
    say(person_id=a_person().id, due_at=NOON + DAY, expire_at=NOON + 3 * DAY)
    watch, mail = Watch(), Postman()
    tick(watch, mail)
    machine.step = timedelta(days=365)
    for _turn in range(180):
        machine.go(1)
        tick(watch, mail)
    assert set(states().values()) == {State.PENDING}, "nothing was given up"
    assert db.session.scalars(select(InboxItem.id)).all() == []
    assert watch.stops_all()
    assert Watch().stops_all(), "a process that starts anew asks as well"
    assert holds.standing().reason is HoldReason.CLOCK

    machine.step = timedelta()
    holds.release(by=actor_for(a_member_of_staff(Role.ADMIN)))
    assert not watch.stops_all()
    machine.go(DAY.total_seconds())
    tick(watch, mail)
    machine.go(61)
    tick(watch, mail)
    assert set(states().values()) == {State.SENT}


def test_a_leap_takes_over_a_hold_that_stands(app: Flask) -> None:
    holds.begin(HoldReason.BACKLOG, 600)
    holds.release(by=actor_for(a_member_of_staff(Role.ADMIN)))
    assert not holds.in_doubt()
    holds.begin(HoldReason.CLOCK, 600)
    assert holds.in_doubt()
    holds.begin(HoldReason.BACKLOG, 700)
    assert holds.standing().reason is HoldReason.CLOCK


def test_no_other_job_runs_in_an_unbelievable_time(app: Flask, machine: Clocks) -> None:
    ran: list[str] = []
    watch = Watch()
    made = Jobs(app, (), Heartbeat(60), watch)
    table = [Job(name, 1, lambda name=name: ran.append(name)) for name in (TICK, "visits")]  # type: ignore[misc]  # a lambda's default
    for step in (timedelta(), timedelta(days=365)):
        machine.step = step
        machine.go(1)
        for job in table:
            made._run(job)  # noqa: SLF001 - as the scheduler does
    assert ran == [TICK, "visits", TICK]


def test_the_demonstrations_own_clock_is_believed(
    app: Flask, machine: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch()
    watch.look()
    monkeypatch.setattr(clock, "shift", lambda: 7 * DAY)
    machine.go(1)
    watch.look()
    assert watch.trusted
    assert db.session.scalars(select(Hold.id)).all() == []


def test_a_sweep_in_doubt_gives_nothing_up(app: Flask, set_clock: SetClock) -> None:
    say(address="x@example.org", expire_at=NOON + DAY)
    set_clock(NOON + 2 * DAY)
    leases.sweep(expires=False)
    assert states() == {Channel.EMAIL: State.PENDING}
    leases.sweep()
    assert states() == {Channel.EMAIL: State.EXPIRED}
