"""Nobody is at two visits at once: the database says so, on both engines, whoever asks first."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import OperationalError

from accounts.queries import actor_for
from core.db import db, transaction
from core.errors import RuleBroken
from core.extensions import ExtensionMissing, require
from pairings.models import Pairing
from pairings.rules import Stage
from tests.builders.pairings import a_pairing
from tests.builders.visits import LASTS, SATURDAY, a_plan, a_visit, an_escort, members_of
from tests.races import ENGINES, at_once, site_on
from visits import services
from visits.arrivals.services import check_in_for, check_out_for
from visits.holds import services as holds
from visits.holds.models import EXTENSION, Hold
from visits.holds.services import Claim
from visits.models import Visit
from visits.planning.rules import Why
from visits.queries import attendees
from visits.rules import CancelReason
from visits.services import PlanRefused

WRITERS, TRIES = 4, 400
HALF = timedelta(minutes=30)


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with site_on(request.param, request, tmp_path) as app:
        yield app


def overlaps() -> int:
    """Count the pairs of rows that hold one person, or one child, at the same moment."""
    return db.session.scalar(
        text(
            "SELECT count(*) FROM visit_holds a JOIN visit_holds b ON a.id < b.id"
            " AND (a.person_id = b.person_id OR a.child_id = b.child_id)"
            " AND a.busy_from < b.busy_until AND b.busy_from < a.busy_until"
        )
    ) or 0  # fmt: skip


def held() -> int:
    return db.session.scalar(select(func.count(Hold.id))) or 0


def test_of_1600_tries_by_four_writers_no_two_overlap(both: Flask) -> None:
    pairings = [a_pairing(stage=Stage.ACTIVE) for _turn in range(3)]
    visits = [[a_visit(one).id for _turn in range(WRITERS)] for one in pairings]
    people = [frozenset(person for person, _id in members_of(one)) for one in pairings]
    children = [one.child_id for one in pairings]
    refused: list[Why] = []

    def writing(writer: int) -> Callable[[], None]:
        dice = random.Random(writer)

        def write() -> None:
            for _turn in range(TRIES):
                which = dice.randrange(3)
                start = SATURDAY + dice.randrange(40) * HALF
                until = start + HALF * dice.randint(2, 5)
                others = people[which] | people[dice.randrange(3)]
                claim = Claim(visits[which][writer], others, children[which], start, until)
                try:
                    with transaction():
                        refused.extend(problem.why for problem in holds.take(claim))
                except RuleBroken:  # who was in the way has moved on, three times
                    refused.append(Why.PERSON_BUSY)
                except OperationalError as error:
                    assert "deadlock" in str(error.orig)  # noqa: PT017 - one of two is sent back
                    db.session.rollback()

        return write

    at_once(both, *(writing(writer) for writer in range(WRITERS)))

    assert overlaps() == 0
    assert held() > 0
    assert {Why.CHILD_BUSY, Why.PERSON_BUSY} == set(refused)


def test_back_to_back_is_no_conflict_and_a_minute_less_is(both: Flask) -> None:
    pairing, child = a_pairing(stage=Stage.ACTIVE), a_pairing(stage=Stage.ACTIVE).child_id
    first, second = a_visit(pairing), a_visit(pairing)
    person = members_of(pairing)[0][0]
    end = SATURDAY + LASTS
    minute = timedelta(minutes=1)

    def claim(visit: Visit, since: datetime, child_id: int) -> Claim:
        return Claim(visit.id, frozenset([person]), child_id, since, since + LASTS + HALF)

    with transaction():
        assert holds.take(claim(first, SATURDAY, pairing.child_id)) == []
        found = holds.take(claim(second, end + HALF - minute, child))
        assert [(one.why, one.person_id) for one in found] == [(Why.PERSON_BUSY, person)]
        assert holds.take(claim(second, end + HALF, child)) == []
    assert held() == 4


def test_what_the_rules_overlook_the_constraint_refuses_in_words(
    both: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "problems", lambda _plan, _facts: [])
    pairing = a_pairing(stage=Stage.ACTIVE)
    by, escort = actor_for(members_of(pairing)[0][0]), an_escort(pairing, name="陪同样例")
    plan = a_plan(pairing, escort_id=escort)
    uid = services.plan_visit(pairing.uid, plan, by=by)

    with pytest.raises(PlanRefused) as refusal:
        services.plan_visit(pairing.uid, a_plan(pairing, escort_id=escort), by=by)

    whys = [problem.why for problem in refusal.value.problems]
    assert whys == [Why.CHILD_BUSY, *[Why.PERSON_BUSY] * 3]
    assert any("陪同样例" in reason for reason in refusal.value.reasons)
    db.session.rollback()
    assert db.session.scalars(select(Visit.uid)).all() == [uid]


def a_planned(pairing: Pairing) -> tuple[str, int]:
    escort = an_escort(pairing)
    plan = a_plan(pairing, escort_id=escort)
    by = actor_for(members_of(pairing)[0][0])
    return services.plan_visit(pairing.uid, plan, by=by), escort


def test_a_moved_visit_holds_its_people_at_the_new_time_only(app: Flask) -> None:
    pairing = a_pairing(stage=Stage.ACTIVE)
    uid, escort = a_planned(pairing)
    by = actor_for(members_of(pairing)[0][0])
    later = SATURDAY + timedelta(days=7)

    services.move(uid, a_plan(pairing, later, escort_id=escort), version=1, by=by)

    assert set(db.session.scalars(select(Hold.busy_from))) == {later}
    assert held() == 4


def test_a_visit_that_is_off_or_over_holds_nobody(
    app: Flask, set_clock: Callable[[datetime], None]
) -> None:
    off, over, missed = (a_pairing(stage=Stage.ACTIVE) for _turn in range(3))
    uid, escort = a_planned(off)
    services.cancel(uid, CancelReason.GUARDIAN, by=actor_for(escort))
    assert held() == 0
    uid, escort = a_planned(over)
    a_planned(missed)
    services.confirm(uid, by=actor_for(escort))
    set_clock(SATURDAY)
    visit = db.session.scalars(select(Visit).where(Visit.uid == uid)).one()
    for one in attendees(visit):
        check_in_for(uid, one.party_id, by=actor_for(escort))
    for one in attendees(visit):
        check_out_for(uid, one.party_id, by=actor_for(escort))
    assert held() == 4
    set_clock(SATURDAY + timedelta(days=2))
    services.sweep()
    assert held() == 0


@pytest.mark.postgres
def test_without_the_extension_there_is_a_plain_line(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS tongxing_nobody"))
        connection.execute(text("CREATE ROLE tongxing_nobody"))
        connection.execute(text("SET LOCAL ROLE tongxing_nobody"))
        with pytest.raises(ExtensionMissing, match="CREATE EXTENSION btree_gist"):
            require(connection, EXTENSION)
        connection.rollback()
    with engine.begin() as connection:
        require(connection, EXTENSION)
        require(connection, EXTENSION)
    engine.dispose()
