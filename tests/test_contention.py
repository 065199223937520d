"""Ten thousand forms for a few slots, from two processes at once: no seat sold twice, no gap."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Integer, cast, func, select, text

from accounts.sessions.services import open_session
from campaigns.models import Slot
from campaigns.numbers.services import recount
from campaigns.rules import Door, SlotKind
from campaigns.seats.rules import SEATED, Act, Party, SeatState, can
from campaigns.signups.models import SignUp
from campaigns.signups.queries import seats_of
from campaigns.signups.seating.services import LOOKED_AT
from core import clock
from core.config import Settings
from core.db import AnyRow, db, transaction
from tests.builders.campaigns import a_campaign, a_slot
from tests.builders.volunteers import an_active_volunteer
from tests.races import ENGINES, site_on
from volunteers.rules import Sex

ROOT = Path(__file__).parent.parent
POSTS = 10_000
PROCESSES = 2
NOTED = {
    "sqlite": (
        (
            "CREATE TRIGGER noted_{name} AFTER {event} ON sign_ups WHEN new.ticket IS NOT NULL"
            " BEGIN INSERT INTO given VALUES (new.slot_id, new.ticket); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION note_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO given VALUES (new.slot_id, new.ticket); RETURN new; END $$"
        ),
        (
            "CREATE TRIGGER noted_{name} AFTER {event} ON sign_ups FOR EACH ROW"
            " WHEN (new.ticket IS NOT NULL) EXECUTE FUNCTION note_{name}()"
        ),
    ),
}
"""The database itself notes each number it is given: a sign-up that comes back gets another."""


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with site_on(request.param, request, tmp_path) as app:
        with transaction() as session:
            session.execute(text("CREATE TABLE given (slot_id INTEGER, ticket INTEGER)"))
            for name, event in (("new", "INSERT"), ("again", "UPDATE OF ticket")):
                for statement in NOTED[request.param]:
                    session.execute(text(statement.format(name=name, event=event)))
        yield app


def hot_slots() -> list[Slot]:
    """Return slots that fill at once: for anybody, for parties, with kept seats."""
    campaign = a_campaign()
    group = {"kind": SlotKind.GROUP_ACTIVITY, "with_children": False, "most_party": 3}
    return [
        a_slot(campaign, capacity=25),
        a_slot(campaign, capacity=40, place="图书室", **group),
        a_slot(campaign, capacity=30, place="车站", least_women=6),
        a_slot(campaign, capacity=30, place="操场", least_experienced=6, least_women=3, **group),
    ]


def known_people() -> list[tuple[int, str]]:
    """Return volunteers with the secrets of their sessions."""
    sexes = [Sex.FEMALE, Sex.MALE] * 12
    people = [an_active_volunteer(sex=sex).person_id for sex in sexes]
    return [(person, open_session(person, agent="tests")) for person in people]


def now_of(slot_ids: list[int]) -> list[AnyRow]:
    """Return of each slot what it counts and what its rows say, all of one moment."""
    of = (SignUp.slot_id == Slot.id) & SignUp.state.in_(SEATED)
    found = db.session.execute(
        select(
            Slot.capacity,
            Slot.taken,
            Slot.women,
            Slot.experienced,
            *(
                select(func.coalesce(func.sum(told), 0)).where(of).scalar_subquery().label(name)
                for name, told in (
                    ("parties", SignUp.party),
                    ("known_women", cast(SignUp.woman, Integer)),
                    ("been_before", cast(SignUp.experienced, Integer)),
                )
            ),
        ).where(Slot.id.in_(slot_ids))
    ).all()
    db.session.rollback()
    return list(found)


def hold_to_the_rows(rows: list[AnyRow]) -> None:
    for row in rows:
        assert 0 <= row.taken <= row.capacity
        assert (row.taken, row.women, row.experienced) == (
            row.parties,
            row.known_women,
            row.been_before,
        )


def crowd(site: Flask, slots: list[Slot]) -> tuple[Counter[str], int]:
    """Let the processes run; return the answers, and how often the slots were looked at."""
    settings: Settings = site.extensions["settings"]
    told: dict[str, Any] = {
        "home": str(settings.home), "database_url": settings.database_url,
        "now": clock.now().isoformat(), "posts": POSTS // PROCESSES,
        "slots": [slot.uid for slot in slots], "known": known_people(),
    }  # fmt: skip
    ids = [slot.id for slot in slots]
    db.session.remove()
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.contention_worker", json.dumps(told | {"number": one})],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for one in range(PROCESSES)
    ]  # fmt: skip
    answers = Counter[str]()
    looks: list[list[AnyRow]] = []

    def follow(worker: "subprocess.Popen[str]") -> None:
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        ready.wait()
        worker.stdin.write("go\n")
        worker.stdin.close()
        with site.app_context():
            for line in worker.stdout:
                if line.startswith("{"):
                    answers.update(json.loads(line))
                else:
                    looks.append(now_of(ids))
            db.session.remove()
        worker.stdout.close()
        worker.wait(timeout=30)

    ready = threading.Barrier(PROCESSES, timeout=120)
    threads = [threading.Thread(target=follow, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for look in looks:
        hold_to_the_rows(look)
    return answers, len(looks)


def hold_the_queue(slot: Slot) -> None:
    """Every number once and none left out, and nobody waits who could sit."""
    given = db.session.scalars(
        text("SELECT ticket FROM given WHERE slot_id = :slot"), {"slot": slot.id}
    ).all()
    assert sorted(given) == list(range(1, slot.queued + 1))
    waiting = db.session.scalars(
        select(SignUp)
        .where(SignUp.slot_id == slot.id, SignUp.state == SeatState.WAITING)
        .order_by(SignUp.ticket)
        .limit(LOOKED_AT)
    )
    for one in waiting:
        party = Party(one.party, woman=one.woman, experienced=one.experienced)
        assert can(party, Act.QUEUE, seats_of(slot, Door.OPEN)) is None


def test_ten_thousand_forms_sell_no_seat_twice_and_leave_no_gap_in_a_queue(site: Flask) -> None:
    slots = hot_slots()

    answers, looks = crowd(site, slots)

    assert sum(answers.values()) == POSTS
    assert answers.keys() <= {"302", "404", "409", "410", "422"}
    assert answers["302"] > POSTS // 2
    assert looks >= POSTS // 100
    hold_to_the_rows(now_of([slot.id for slot in slots]))
    for slot in db.session.scalars(select(Slot)):
        assert slot.queued > POSTS // 100
        hold_the_queue(slot)
    twice = select(SignUp.slot_id).group_by(SignUp.slot_id, SignUp.contact)
    assert db.session.execute(twice.having(func.count() > 1)).all() == []
    assert recount(mend=False) == []
