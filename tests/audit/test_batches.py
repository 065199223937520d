"""The audit on PostgreSQL: rows marked by themselves, batches sealed while others write."""

import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from core import audit, checking, heads, seals
from core.audit import AuditRow
from core.checking import Fault, Trouble
from core.db import db, transaction, writing
from core.seals import AuditSeal
from tests.audit.chains import checked, home_of, lose_a_row, some_rows
from tests.races import at_once, site_on

pytestmark = pytest.mark.postgres


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with site_on("postgresql", request, tmp_path) as app:
        yield app


def harm(*statements: str) -> None:
    """Change tables behind the site's back, without what refuses it."""
    db.session.rollback()
    with writing(), db.engine.begin() as raw:
        raw.execute(text("ALTER TABLE audit_rows DISABLE TRIGGER USER"))
        for statement in statements:
            raw.execute(text(statement))


def test_rows_are_sealed_in_batches_and_found_whole(site: Flask) -> None:
    assert seals.seal() == 0
    assert checked(site).trouble is None
    for many in (7, 1, 5):
        some_rows(many)
        assert seals.seal() == many
        assert seals.seal() == 0
    some_rows(2)

    report = checked(site)
    assert (report.rows, report.trouble) == (15, None)
    assert report.head == heads.newest()
    assert report.head is not None
    assert report.head.last_id == 13


@pytest.mark.parametrize(
    ("statement", "trouble"),
    [
        ("UPDATE audit_rows SET ref = 'x' WHERE id = 3", Trouble(3, Fault.CHANGED)),
        ("UPDATE audit_rows SET at = at + interval '1 us' WHERE id = 9", Trouble(9, Fault.CHANGED)),
        ("UPDATE audit_rows SET fields = '[ ]' WHERE id = 1", Trouble(1, Fault.CHANGED)),
        ("UPDATE audit_rows SET key_id = 9 WHERE id = 5", Trouble(5, Fault.KEY)),
        ("DELETE FROM audit_rows WHERE id IN (4, 8)", Trouble(4, Fault.MISSING)),
        ("DELETE FROM audit_rows WHERE id = 10", Trouble(10, Fault.MISSING)),
        ("DELETE FROM audit_rows WHERE id >= 9", Trouble(9, Fault.MISSING)),
        ("UPDATE audit_rows SET id = 99 WHERE id = 2", Trouble(2, Fault.MISSING)),
        ("UPDATE audit_rows SET id = 99 WHERE id = 12", Trouble(99, Fault.CHANGED)),
        ("UPDATE audit_seals SET last_id = 4 WHERE id = 1", Trouble(1, Fault.BATCH)),
        ("UPDATE audit_seals SET gaps = '[[2,2]]' WHERE id = 1", Trouble(2, Fault.CHANGED)),
        ("UPDATE audit_seals SET at = at + interval '1 s' WHERE id = 1", Trouble(1, Fault.BATCH)),
        ("DELETE FROM audit_seals WHERE id = 1", Trouble(1, Fault.BATCH)),
    ],
)
def test_a_change_behind_the_sites_back_is_named(
    site: Flask, statement: str, trouble: Trouble
) -> None:
    for _batch in range(2):
        some_rows(5)
        seals.seal()
    some_rows(2)
    assert checked(site).trouble is None

    harm(statement)

    assert checked(site).trouble == trouble


def test_rows_cut_off_with_their_batch_are_told_by_a_head_that_was_kept(site: Flask) -> None:
    for _batch in range(2):
        some_rows(5)
        seals.seal()
    assert heads.keep(home_of(site))

    harm(
        "DELETE FROM audit_rows WHERE id > 5",
        "DELETE FROM audit_seals WHERE first_id > 5",
        "DELETE FROM audit_heads",
    )

    assert checked(site).trouble == Trouble(6, Fault.CUT)
    assert not heads.keep(home_of(site)), "the file's head is not overwritten"


def test_a_number_that_was_taken_back_is_no_missing_row(site: Flask) -> None:
    some_rows(2)
    for _turn in range(2):
        with pytest.raises(ZeroDivisionError), transaction():
            lose_a_row("lost")
    some_rows(2)
    assert seals.seal() == 4
    assert db.session.scalar(select(AuditSeal.gaps)) == [[3, 4]]
    assert checked(site).trouble is None


def test_a_batch_ends_before_the_rows_that_are_still_on_their_way(site: Flask) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction() as session:
            audit.record("deed", "child", "slow", by=None)
            session.flush()
            begun.set()
            go_on.wait(20)

    def meanwhile() -> None:
        begun.wait(20)
        some_rows(3)
        try:
            assert seals.seal() == 0, "the slow one comes before these"
        finally:
            go_on.set()

    at_once(site, slowly, meanwhile)
    assert seals.seal() == 4
    assert checked(site).trouble is None


def test_while_eight_write_and_two_seal_no_row_is_left_out(site: Flask) -> None:
    writers, turns = 8, 60
    at_work = [True] * writers
    troubles: list[Trouble | None] = []

    def write(who: int) -> None:
        rng = random.Random(who)
        try:
            for _turn in range(turns):
                with suppress(ZeroDivisionError), transaction():
                    some_rows(rng.randint(1, 3))
                    db.session.flush()
                    threading.Event().wait(rng.choice([0, 0, rng.random() / 50]))
                    if rng.random() < 0.2:
                        lose_a_row("lost")
                    some_rows(1)
        finally:
            at_work[who] = False

    def seal() -> None:
        while any(at_work):
            seals.seal()

    def look() -> None:
        while any(at_work):
            db.session.rollback()
            troubles.append(checking.check(home_of(site)).trouble)

    at_once(site, *(lambda who=who: write(who) for who in range(writers)), seal, seal, look)

    seals.seal()
    assert troubles
    assert set(troubles) == {None}
    report = checked(site)
    there = db.session.scalar(select(func.count(AuditRow.id)))
    assert (report.rows, report.trouble) == (there, None)
    assert len(db.session.scalars(select(AuditSeal.id)).all()) > 10
    last = db.session.scalar(select(func.max(AuditRow.id)))
    assert db.session.scalar(select(func.max(AuditSeal.last_id))) == last, "every row is in a batch"
