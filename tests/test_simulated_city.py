"""Days of a whole city that pass with missed, doubled, interrupted and broken off runs.

    TONGXING_WHOLE=1 .venv/bin/pytest tests/test_simulated_city.py

lets 400 days pass instead of a few: every message, in the inboxes and outside, has come to exactly
what a model of the rules says (tests/simulated.py).
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import or_, select, update

from accounts.models import Person, RoleGrant
from accounts.queries import actor_for
from accounts.rules import Role
from app import create_app
from campaigns.models import Campaign
from children.consents.models import Consent
from core import clock
from core.db import AnyRow, db, transaction, writing
from core.errors import RuleBroken
from core.fences import everything
from core.parameters import ParameterValue
from core.zone import CHINA
from demo import services as demonstration
from messages.channels.files import Files
from messages.channels.plain import Console
from messages.channels.rules import Carrier, Outgoing, Sent
from messages.delivery import services as delivery
from messages.delivery.leases import services as leases
from messages.delivery.quotas import services as quotas
from messages.delivery.rules import Pace
from messages.delivery.unknowns import services as unknowns
from messages.models import Message
from messages.rules import Outcome, State
from messages.services import A_DAY, GAP_MINUTES, HOLD_ABOVE
from pairings.models import Pairing
from pairings.rules import Stage
from places.services import load_own_city
from tests.builders.visits import LASTS, a_plan, members_of
from tests.conftest import NOON, SetClock, settings_for
from tests.crashes import WHOLE
from tests.factories import saved
from tests.ledger_worker import plain
from tests.ledgers import CHUNK, by_mail
from tests.simulated import (  # fmt: skip
    EXPIRED,
    REPLACED,
    SENT,
    TAKEN_BACK,
    UNKNOWN,
    Life,
    Pass,
    Said,
    changed,
    differences,
    fate,
    planned,
)
from visits import services
from visits.planning.rules import Plan
from visits.rules import CancelReason
from volunteers.models import Evidence

DAYS, SHARE, SEED = (400, 0.10, 6) if WHOLE else (12, 0.07, 6)
"""How many days pass, and which share of the pairings does something on each."""
KINDS = ("whole", "gone", "doubled", "interrupted", "missed")
FIRST = ("whole", *["interrupted"] * 4, "doubled", "missed", "gone")
"""The first days, a Tuesday: so long a trouble that the last reminder overtakes the one before."""
FATES = {SENT, EXPIRED, TAKEN_BACK, REPLACED, UNKNOWN}
ACTS = ("planned", "moved", "cancelled", "interrupted", "gone")
STARTS = (timedelta(hours=9), timedelta(hours=10), timedelta(hours=14, minutes=30))
LASTING = date(2029, 12, 31)
PACE = Pace(batch=5_000)
WITHOUT_LIMITS = {A_DAY: 1_000, GAP_MINUTES: 0, HOLD_ABOVE: 100_000}


class GoneError(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


@dataclass
class Post:
    """Counts what is handed over, and passes it on; the process ends after so many mails."""

    beyond: Carrier
    arrived: Counter[str] = field(default_factory=Counter)
    left: int | None = None

    def send(self, outgoing: Outgoing) -> Sent:
        self.arrived[outgoing.key] += 1
        sent = self.beyond.send(outgoing)
        assert sent.outcome is Outcome.ACCEPTED
        if self.left is not None:
            self.left -= 1
            if not self.left:
                raise GoneError
        return sent


@dataclass
class City:
    """The city at play: who escorts, every visit made here, and those ahead by pairing."""

    chance: random.Random
    post: Post
    escorts: dict[str, int]
    reached: frozenset[int]
    given: list[Said]
    lives: list[Life] = field(default_factory=list)
    ahead: dict[str, Life] = field(default_factory=dict)
    passes: list[Pass] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)


@pytest.fixture
def stage(tmp_path: Path, set_clock: object) -> Iterator[Flask]:
    """The city's invented data, with papers that last and no limit on what somebody gets."""
    del set_clock
    app = create_app(settings_for(tmp_path, demo=True))
    with app.app_context():
        with writing():
            db.create_all()
        load_own_city()
        demonstration.load("city")
        with everything():
            _papers_last()
            yield app
        db.session.remove()
        db.engine.dispose()
    clock.shiftable(None)


def _papers_last() -> None:
    with transaction() as session:
        for model in (Consent, Evidence):
            valid: Any = model.valid_until
            session.execute(update(model).where(valid >= NOON.date()).values(valid_until=LASTING))
        active = Pairing.stage == Stage.ACTIVE
        session.execute(update(Pairing).where(active).values(ends_on=LASTING, renew_until=None))
        later = Campaign.visits_until >= NOON.date()
        session.execute(update(Campaign).where(later).values(visits_until=LASTING))
    for name, value in WITHOUT_LIMITS.items():
        saved(
            ParameterValue(
                name=name, effective_from=NOON.date(), value={"value": value}, source="测试"
            )
        )


def the_city(folder: Path) -> City:
    directors = select(RoleGrant.area_id, RoleGrant.person_id).where(
        RoleGrant.role == Role.CHILD_DIRECTOR, RoleGrant.until_on.is_(None)
    )
    at = {row.area_id: row.person_id for row in db.session.execute(directors)}
    pairings = select(Pairing.uid, Pairing.village_id).where(Pairing.stage == Stage.ACTIVE)
    rows = db.session.execute(pairings.order_by(Pairing.id)).all()
    reached = select(Person.id).where(Person.email.is_not(None), Person.disabled_at.is_(None))
    waiting = select(
        Message.dedup_key, Message.next_at, Message.expire_at, Message.created_at
    ).where(Message.state == State.PENDING)
    return City(
        random.Random(SEED),
        Post(Files(folder, "site@example.org")),
        {uid: at[village] for uid, village in rows if village in at},
        frozenset(db.session.scalars(reached)),
        list(_given(db.session.execute(waiting).all())),
    )


def _given(rows: Sequence[AnyRow]) -> Iterator[Said]:
    """Yield what the invented data has planned already."""
    leaves = {row.dedup_key: row.next_at for row in rows}
    for row in rows:
        key, two_hours = row.dedup_key, row.dedup_key.replace("/t2d/", "/t2h/")
        said = Said(key, row.next_at, row.expire_at, row.created_at)
        yield replace(said, replaced=leaves[two_hours]) if two_hours != key else said


def test_every_message_of_a_city_comes_to_what_the_rules_say(
    stage: Flask, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    city, began = the_city(tmp_path / "mails"), time.monotonic()
    beyond = [city.post.beyond, Console()]
    monkeypatch.setattr("messages.channels.plain.sys", SimpleNamespace(stdout=StringIO()))
    for n in range(DAYS):
        kind = FIRST[n] if n < len(FIRST) else city.chance.choice(KINDS)
        kind = "whole" if n == DAYS - 1 else kind  # what the last process took with it is freed
        acts = city.chance.randrange(24)
        city.post.beyond = beyond[n % 2]
        for hour in range(24):
            set_clock(NOON + timedelta(days=n, hours=hour, minutes=1))
            if hour == acts:
                people_act(city)
            a_run(kind, city, monkeypatch)
            db.session.remove()
        if WHOLE and n % 10 == 9:
            print(f"{n + 1} days, {time.monotonic() - began:.0f} s, {city.happened}", flush=True)  # noqa: T201 - the long run's log
    assert all(city.happened[act] > 2 for act in ACTS), city.happened
    nothing_else_was_said(city)


def nothing_else_was_said(city: City) -> None:
    """Compare the ledger, and the post's own count, with the model."""
    now = clock.now()
    rows = [pair for one in city.lives for pair in one.rows]
    expected = {
        row.key: fate(row, ended, city.passes, now)
        for row, ended in [*((row, None) for row in city.given), *rows]
    }
    found, carriers = {}, set()
    for row in db.session.execute(
        select(Message.dedup_key, Message.state, Message.uid, Message.carried_by).where(
            or_(Message.created_at > NOON, Message.dedup_key.in_([one.key for one in city.given]))
        )
    ):
        found[row.dedup_key] = row.state.value
        if row.dedup_key.endswith("/external") and row.state is State.SENT:
            carriers.add(row.carried_by or row.uid)
    if WHOLE:
        print(len(expected), Counter(expected.values()), sum(city.post.arrived.values()))  # noqa: T201
    assert set(expected.values()) >= FATES
    assert not differences(expected, found)[:12]
    assert set(city.post.arrived.values()) == {1}, "nothing left twice"
    assert carriers <= set(city.post.arrived), "what counts as sent has left"


# --- the site works ------------------------------------------------------------------------


def a_run(kind: str, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an hour's run happen, or not, as the day will have it, and note how far it came."""
    now, before = clock.now(), set(city.post.arrived)
    if kind == "missed":
        return
    with monkeypatch.context() as broken:
        if kind == "interrupted":
            broken.setattr(delivery, "_put_into_inboxes", _fail)
        if kind == "gone":
            city.post.left = city.chance.randrange(1, 2 * CHUNK)
            broken.setattr(delivery, "_keep_now", lambda *given: city.post.left and KEEP(*given))
        try:
            for _turn in range(2 if kind == "doubled" else 1):
                the_site_works(city)
            city.passes.append(Pass(now))
        except InterruptedError:
            city.passes.append(Pass(now, inbox=False, whole=False))
            city.happened["interrupted"] += 1
        except GoneError:
            db.session.rollback()
            city.passes.append(_broken_off(now, set(city.post.arrived) - before))
            city.happened["gone"] += 1
    city.post.left = None


def the_site_works(city: City) -> None:
    leases.sweep()
    while delivery.deliver(by_mail(city.post), plain, pace=PACE):
        pass
    unknowns.look(by_mail(city.post))
    unknowns.repeat_elsewhere(by_mail(city.post))
    quotas.forget()


def _fail(row_ids: list[int], token: str) -> None:
    with transaction():
        PUT(row_ids, token)
        raise InterruptedError


PUT, KEEP = delivery._put_into_inboxes, delivery._keep_now  # noqa: SLF001 - the middle of a step is where it hurts


def _broken_off(now: datetime, handed: set[str]) -> Pass:
    """Note what the process had handed over, and the chunk that went with it: not one row more."""
    lost = set(db.session.scalars(select(Message.dedup_key).where(Message.state == State.SENDING)))
    assert len(lost) <= MOST_LOST
    out = or_(Message.uid.in_(handed), Message.carried_by.in_(handed))
    keys = set(db.session.scalars(select(Message.dedup_key).where(out))) - lost
    return Pass(now, whole=False, handed=frozenset(keys), lost=frozenset(lost))


MOST_LOST = CHUNK


# --- people act ----------------------------------------------------------------------------


def people_act(city: City) -> None:
    """Let some of the pairings plan, move or call off a visit."""
    uids = sorted(city.escorts)
    for uid in city.chance.sample(uids, round(len(uids) * SHARE)):
        life = city.ahead.get(uid)
        over = life is None or life.start <= clock.now()
        act = "planned" if over else city.chance.choice(["", "moved", "cancelled"])
        if act:
            pairing = db.session.scalars(select(Pairing).where(Pairing.uid == uid)).one()
            plan = a_plan(pairing, a_start(city), escort_id=city.escorts[uid])
            try:
                carry_out(act, pairing, plan, city)
                city.happened[act] += 1
            except RuleBroken:
                city.happened["refused"] += 1


def a_start(city: City) -> datetime:
    """Return a time on a Saturday or Sunday of this week or the next two."""
    today = clock.now().astimezone(CHINA)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight + timedelta(days=city.chance.choice((5, 6)) - today.weekday())
    return day + timedelta(weeks=city.chance.randint(0, 2)) + city.chance.choice(STARTS)


def carry_out(act: str, pairing: Pairing, plan: Plan, city: City) -> None:
    """Do it on the site first, then in the model: what the site refuses did not happen."""
    now, uid = clock.now(), pairing.uid
    leader = members_of(pairing)[0][0]
    by, life = actor_for(leader), city.ahead.get(uid)
    if act == "planned":
        made = services.plan_visit(uid, plan, by=by)
        life = Life(made, leader, plan.people, plan.starts_at, LASTS, city.reached & plan.people)
        city.lives.append(life)
        city.ahead[uid] = life
        planned(life, now)
    elif life is not None and act == "moved":
        services.move(life.uid, plan, version=life.version, by=by)
        told = changed(life, "visit_moved", now, city.passes, start=plan.starts_at)
        planned(life, now, only_later=told)
    elif life is not None:
        services.cancel(life.uid, CancelReason.WEATHER, by=by)
        changed(life, "visit_cancelled", now, city.passes)
        del city.ahead[uid]
