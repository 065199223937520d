"""A list whose process dies goes on where it was: in the end nobody is there twice."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Role
from campaigns.blocks.models import Block
from campaigns.imports import services
from campaigns.imports.models import ImportRow
from campaigns.imports.rules import Fate, State
from campaigns.imports.services import Brought, bring
from campaigns.imports.steps import services as steps
from campaigns.signups.models import SignUp
from core.db import db
from messages.models import Message
from tests.builders.campaigns import a_block, a_campaign, a_slot
from tests.builders.imports import a_csv, brought, fates, rows_of, the_run
from tests.builders.people import a_member_of_staff
from tests.conftest import NOON, SetClock
from tests.races import ENGINES, at_once, site_on


class Killed(BaseException):
    """The process is gone; nothing of ours catches it."""


@pytest.fixture
def block(app: Flask) -> Block:
    return a_block(a_slot(a_campaign(), capacity=100), seats=60)


@pytest.fixture
def lead(block: Block) -> int:
    return a_member_of_staff(Role.ORG_LEAD, org_id=block.org_id)


def dies_at(monkeypatch: pytest.MonkeyPatch, name: str, turn: int) -> None:
    """Let the process die in the middle of a step's turn, the first being 1."""
    real: Callable[..., object] = getattr(steps, name)
    turns = iter(range(1, 10_000))

    def dying(*given: object, **named: object) -> object:
        made = real(*given, **named)
        if next(turns) == turn:
            raise Killed
        return made

    monkeypatch.setattr(steps, name, dying)


def stored() -> int:
    return db.session.scalar(select(func.count()).select_from(ImportRow)) or 0


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_check_that_is_cut_off_goes_on_behind_its_last_chunk(
    turn: int, block: Block, lead: int, monkeypatch: pytest.MonkeyPatch, set_clock: SetClock
) -> None:
    uid = bring(block.uid, Brought(a_csv(rows_of(500)), "csv", "zh_Hans"), by=actor_for(lead))
    with monkeypatch.context() as patch:
        dies_at(patch, "prolong", turn)
        with pytest.raises(Killed):
            steps.go_on()
    run = the_run(uid)
    assert run.state is State.CHECKING
    assert stored() == run.checked == 200 * (turn - 1)

    assert steps.go_on() == 0, "somebody may still be at it"
    set_clock(NOON + timedelta(seconds=61))
    assert steps.go_on() == 1

    run = the_run(uid)
    assert (run.state, run.checked, run.data, stored()) == (State.CHECKED, 500, None, 500)
    assert set(fates(run)) == {Fate.GOOD}


@pytest.mark.parametrize("turn", [1, 7, 20, 21, 45])
def test_placing_that_is_cut_off_places_everybody_once(
    turn: int, block: Block, lead: int, monkeypatch: pytest.MonkeyPatch, set_clock: SetClock
) -> None:
    run = brought(block, a_csv(rows_of(45)), by=lead)
    services.confirm(run.uid, same_names=False, by=actor_for(lead))
    with monkeypatch.context() as patch:
        dies_at(patch, "_seat", turn)
        with pytest.raises(Killed):
            steps.go_on()
    db.session.expire_all()
    assert db.session.get_one(Block, block.id).taken == (turn - 1) // 20 * 20

    set_clock(NOON + timedelta(seconds=61))
    steps.go_on()

    run = the_run(run.uid)
    assert run.state is State.DONE
    assert fates(run) == [Fate.PLACED] * 45
    assert db.session.get_one(Block, block.id).taken == 45
    for model in (SignUp, Message):
        assert db.session.scalar(select(func.count()).select_from(model)) == 45


def test_whoever_comes_back_late_writes_nothing_more(
    block: Block, lead: int, set_clock: SetClock
) -> None:
    uid = bring(block.uid, Brought(a_csv(rows_of(5)), "csv", "zh_Hans"), by=actor_for(lead))
    slow = steps._claimed()  # noqa: SLF001 - the step of a process that has fallen asleep
    assert slow is not None
    set_clock(NOON + timedelta(minutes=2))
    assert steps.go_on() == 1
    steps._check(slow)  # noqa: SLF001 - it wakes up

    assert (stored(), the_run(uid).state) == (5, State.CHECKED)


@pytest.mark.parametrize("engine", ENGINES)
def test_of_many_processes_one_takes_a_step(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as app:
        block = a_block(a_slot(a_campaign(), capacity=100), seats=60)
        lead = a_member_of_staff(Role.ORG_LEAD, org_id=block.org_id)
        run = brought(block, a_csv(rows_of(40)), by=lead)
        services.confirm(run.uid, same_names=False, by=actor_for(lead))

        at_once(app, *[steps.go_on] * 4)

        assert fates(the_run(run.uid)) == [Fate.PLACED] * 40
        assert db.session.get_one(Block, block.id).taken == 40
        assert db.session.scalar(select(func.count()).select_from(SignUp)) == 40
