"""Days that pass with missed, doubled and interrupted runs give exactly the expected inboxes.

    TONGXING_WHOLE=1 .venv/bin/pytest tests/test_simulated_days.py

lets 400 days pass instead of 28.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from accounts.queries import actor_for
from core import clock
from core.db import db, transaction
from core.errors import RuleBroken
from messages.delivery import services as delivery
from messages.delivery.leases import services as leases
from messages.models import InboxItem, Message
from messages.rules import Channel
from pairings.models import Pairing
from pairings.rules import Stage
from tests.builders.pairings import a_pairing
from tests.builders.visits import LASTS, SATURDAY, a_plan, an_escort, members_of
from tests.conftest import NOON, SetClock
from tests.crashes import WHOLE
from tests.ledger_worker import plain
from tests.simulated import Life, Pass, changed, differences, fate, planned
from visits import services
from visits.planning.rules import Plan
from visits.rules import CancelReason

pytestmark = pytest.mark.usefixtures("app")
DAYS, PAIRINGS, SEED = (400, 20, 6) if WHOLE else (28, 6, 6)
HOURS = range(24)
ACTS = ("planned", "moved", "cancelled", "interrupted")


@dataclass
class World:
    """Who escorts for which pairing, every visit there has been, and those ahead by pairing."""

    escorts: dict[str, int] = field(default_factory=dict)
    lives: list[Life] = field(default_factory=list)
    ahead: dict[str, Life] = field(default_factory=dict)


def out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the site fail in the transaction that puts messages into the inboxes."""
    put = delivery._put_into_inboxes  # noqa: SLF001 - the middle of a step is where it hurts

    def fail(row_ids: list[int], token: str) -> None:
        with transaction():
            put(row_ids, token)
            raise InterruptedError

    monkeypatch.setattr(delivery, "_put_into_inboxes", fail)


def the_site_works(day: str) -> None:
    for _turn in range(2 if day == "doubled" else 1):
        leases.sweep()
        delivery.deliver({}, plain)


def test_every_message_is_said_once_whatever_befell_the_runs(
    set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, world, happened = random.Random(SEED), World(), Counter[str]()
    passes: list[Pass] = []
    for _n in range(PAIRINGS):
        pairing = a_pairing(stage=Stage.ACTIVE)
        world.escorts[pairing.uid] = an_escort(pairing)
    for n in range(DAYS):
        day = chance.choice(["whole", "whole", "missed", "doubled", "interrupted"])
        acts = chance.randrange(24)
        for hour in HOURS:
            set_clock(NOON + timedelta(days=n, hours=hour, minutes=1))
            if hour == acts:
                somebody_acts(chance, world, passes, happened)
            if day in {"whole", "doubled"}:
                the_site_works(day)
                passes.append(Pass(clock.now()))
            elif day == "interrupted":
                with monkeypatch.context() as broken:
                    out_of_order(broken)
                    try:
                        the_site_works(day)
                        passes.append(Pass(clock.now()))
                    except InterruptedError:
                        passes.append(Pass(clock.now(), inbox=False, whole=False))
                        happened["interrupted"] += 1
            db.session.remove()
    assert all(happened[act] > 2 for act in ACTS), happened
    now = clock.now()
    expected = {
        row.key: fate(row, ended, passes, now) for one in world.lives for row, ended in one.rows
    }
    assert not differences(expected, outbox())[:12]
    said = db.session.scalar(select(func.count(InboxItem.id)))
    assert said == sum(state == "sent" for state in expected.values())


def somebody_acts(
    chance: random.Random, world: World, passes: list[Pass], happened: Counter[str]
) -> None:
    """Plan a visit of every pairing that has none ahead; move or call off some of the others."""
    for uid, escort in world.escorts.items():
        pairing = db.session.scalars(select(Pairing).where(Pairing.uid == uid)).one()
        life = world.ahead.get(uid)
        act = "planned" if life is None else chance.choice(["", "", "", "", "moved", "cancelled"])
        if life is not None and life.start <= clock.now():
            act = "planned"
        try:
            if act:
                carry_out(act, pairing, a_plan(pairing, a_saturday(chance), escort_id=escort),
                          world, passes)  # fmt: skip
                happened[act] += 1
        except RuleBroken:
            happened["refused"] += 1


def carry_out(act: str, pairing: Pairing, plan: Plan, world: World, passes: list[Pass]) -> None:
    """Do it on the site first, then in the model: what the site refuses did not happen."""
    now, uid = clock.now(), pairing.uid
    leader = members_of(pairing)[0][0]
    by = actor_for(leader)
    life = world.ahead.get(uid)
    if act == "planned":
        made = services.plan_visit(uid, plan, by=by)
        life = Life(made, leader, plan.people, plan.starts_at, LASTS)
        world.lives.append(life)
        world.ahead[uid] = life
        planned(life, now)
    elif life is not None and act == "moved":
        services.move(life.uid, plan, version=life.version, by=by)
        told = changed(life, "visit_moved", now, passes, start=plan.starts_at)
        planned(life, now, only_later=told)
    elif life is not None:
        services.cancel(life.uid, CancelReason.WEATHER, by=by)
        changed(life, "visit_cancelled", now, passes)
        del world.ahead[uid]


def a_saturday(chance: random.Random) -> datetime:
    """Return ten o'clock of one of the next Saturdays."""
    weeks = (clock.now() - SATURDAY) // timedelta(days=7) + chance.randint(1, 3)
    return SATURDAY + timedelta(days=7 * weeks)


def outbox() -> dict[str, str]:
    rows = db.session.execute(
        select(Message.dedup_key, Message.state).where(
            Message.channel == Channel.INAPP, Message.dedup_key.startswith("visit/")
        )
    )
    return {key: state.value for key, state in rows}
