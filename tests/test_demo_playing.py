"""A demonstration that is played ahead: what is due is done, and a real site has no such page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from accounts.models import Person
from accounts.sessions.services import open_session
from app import create_app
from core import clock
from core.db import db, writing
from core.errors import RuleBroken
from core.zone import CHINA
from demo import services as demonstration
from demo.playing import queries, services
from demo.playing.rules import DAWN, DUSK, EVERY, moments
from messages.models import Message
from messages.rules import Channel, State
from places.services import load_own_city
from tests.browser import Browser
from tests.conftest import NOON, settings_for

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@pytest.fixture
def stage(tmp_path: Path, set_clock: object) -> Iterator[Flask]:
    """A demonstration with the small data, at noon."""
    del set_clock
    app = create_app(settings_for(tmp_path, demo=True))
    with app.app_context():
        with writing():
            db.create_all()
        load_own_city()
        demonstration.load("small")
        db.session.remove()
        yield app
        db.session.remove()
        db.engine.dispose()
    clock.shiftable(None)


def browser_of(app: Flask, login: str) -> Browser:
    person_id = db.session.scalar(
        select(Person.id).where(Person.email == f"{login}@demo.example.org")
    )
    assert person_id is not None
    return Browser(app, open_session(person_id, agent="tests"))


@dataclass(frozen=True)
class Noted:
    name: str
    act: Callable[[], object]
    seconds: float = 1


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=9)))
def test_no_reminder_of_two_hours_falls_between_two_moments_of_the_day(
    since: datetime, length: timedelta
) -> None:
    found = [since, *moments(since, since + length)]
    assert found[-1] == since + length
    for before, after in pairwise(found):
        assert before < after
        night = after.astimezone(CHINA).time() <= DAWN or before.astimezone(CHINA).time() >= DUSK
        assert after - before <= EVERY or night or after == since + length


def test_a_task_that_fails_stops_no_other(stage: Flask) -> None:
    done: list[str] = []

    def fail() -> None:
        raise RuntimeError

    tasks = [Noted("bad", fail), Noted("good", lambda: done.append("good")), Noted("tick", int)]
    played = services.play(tasks, timedelta(days=2), tick="tick", often={"bad"})
    assert len(done) == 2  # once a day
    assert set(played.failed) == {"bad"}
    assert len(played.failed) == played.moments
    assert clock.now() == NOON + timedelta(days=2)


def test_the_ledger_is_emptied_at_each_moment(stage: Flask) -> None:
    left = [3]

    def send() -> int:
        left[0] -= 1
        return left[0]

    services.play([Noted("tick", send)], timedelta(minutes=5), tick="tick")
    assert left == [0]


def test_days_that_are_played_remind_and_give_up(stage: Flask) -> None:
    played = stage.test_cli_runner().invoke(args=["demo", "play", "--days", "6"])
    assert played.exit_code == 0, played.output
    assert "6 days in" in played.output
    assert "failed" not in played.output
    assert clock.now() == NOON + timedelta(days=6)
    now = clock.now()
    late = select(func.count(Message.id)).where(
        Message.channel == Channel.INAPP,
        Message.state.in_((State.EXPIRED, State.PENDING)),
        Message.due_at.between(NOON, now - EVERY),
    )
    assert db.session.scalar(late) == 0
    happened = queries.happened(NOON, now)
    kinds = {row.kind for row in happened.messages}
    assert {"visit_t2d", "visit_t2h", "visit_checkin_missing"} <= kinds
    assert sum(row[1] for row in happened.visits) > 0
    assert {"no_show"} <= {row.action for row in happened.deeds}


def test_the_page_moves_the_clock_and_tells_what_happened(stage: Flask) -> None:
    browser = browser_of(stage, "coordinator")
    assert "12:00" in browser.get("/demo/clock").text
    browser.post("/demo/clock", {"hours": "24000"}, status=422)
    assert clock.now() == NOON
    page = browser.post("/demo/clock", {"hours": "24"})
    assert clock.now() == NOON + timedelta(days=1)
    assert "时钟拨好了" in page.text
    assert page.url == "/sign-in/factor", "the code again, as after a night"


@pytest.mark.parametrize("length", [timedelta(), timedelta(days=-1), timedelta(days=401)])
def test_the_clock_goes_ahead_only_and_not_too_far(stage: Flask, length: timedelta) -> None:
    with pytest.raises(RuleBroken):
        services.advance(length)
    assert clock.shift() == timedelta()


def test_volunteers_leave_the_clock_alone(stage: Flask) -> None:
    assert browser_of(stage, "volunteer").get("/demo/clock", status=403)


def test_a_real_site_has_no_such_page_and_no_such_command(app: Flask, tmp_path: Path) -> None:
    assert Browser(app).get("/demo/clock", status=404)
    refused = app.test_cli_runner().invoke(args=["demo", "play"])
    assert (refused.exit_code, "this is a real site" in refused.output) == (1, True)
    with pytest.raises(RuntimeError):
        clock.advance(timedelta(days=1))
