"""The chain of the audit on SQLite: whatever is done to the file, the first bad row is named."""

import random
import shutil
import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask

from core import audit, heads
from core.chain import mark
from core.checking import Fault, Trouble, check
from core.db import db, transaction
from tests.audit.chains import behind_its_back, checked, home_of, lose_a_row, some_rows
from tests.conftest import AtMost

ROWS = 40
Harm = Callable[[sqlite3.Connection, random.Random], int]


def test_an_untouched_audit_is_found_whole(app: Flask) -> None:
    assert checked(app).trouble is None
    some_rows(ROWS)
    report = checked(app)
    assert (report.rows, report.trouble) == (ROWS, None)
    assert report.head == heads.newest()


def test_what_is_rolled_back_leaves_no_hole(app: Flask) -> None:
    some_rows(2)
    with pytest.raises(ZeroDivisionError), transaction():
        lose_a_row("lost")
    with transaction() as session:
        audit.record("deed", "child", "kept", by=None)
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            lose_a_row("undone")
        audit.record("deed", "child", "kept, too", by=None)

    assert (checked(app).rows, checked(app).trouble) == (4, None)


def test_a_transaction_asks_once_where_the_chain_ends(app: Flask, at_most: AtMost) -> None:
    some_rows(1)
    with at_most(4), transaction() as session:  # the end of the chain, and an insert a flush
        for turn in range(3):
            audit.record("deed", "child", str(turn), by=None)
            session.flush()


def _edit(raw: sqlite3.Connection, rng: random.Random) -> int:
    row_id = rng.randint(1, ROWS)
    column, value = rng.choice(
        [
            ("at", "2026-11-24 04:00:00.000001"),
            ("at", b"2026-11-24 04:00:00.000000"),
            ("actor_id", 7),
            ("action", "deed_9"),
            ("kind", "visit"),
            ("ref", f"ref{ROWS}"),
            ("ref", b"\xff"),
            ("fields", '["name",  "x"]'),
            ("fields", "[ ]"),
            ("reason", " "),
            ("reason", sqlite3.Binary(b"")),
            ("key_id", 2),
            ("mark", "0" * 32),
        ]
    )
    change = f"UPDATE audit_rows SET {column} = ? WHERE id = ?"  # noqa: S608 - of the list above
    raw.execute(change, (value, row_id))
    return row_id


def _unreadable(raw: sqlite3.Connection, rng: random.Random) -> int:
    row_id = rng.randint(1, ROWS)
    raw.execute("UPDATE audit_rows SET ref = CAST(x'ff' AS TEXT) WHERE id = ?", (row_id,))
    return row_id


def _move_a_letter(raw: sqlite3.Connection, rng: random.Random) -> int:
    """Move a letter from one field into the next: together they read the same."""
    row_id = rng.randint(1, ROWS)
    raw.execute(
        "UPDATE audit_rows SET action = substr(action, 1, 5), kind = substr(action, 6) || kind"
        " WHERE id = ?",
        (row_id,),
    )
    return row_id


def _delete(raw: sqlite3.Connection, rng: random.Random) -> int:
    first = rng.randint(1, ROWS - 1)
    last = rng.randint(first, ROWS - 1)
    raw.execute("DELETE FROM audit_rows WHERE id BETWEEN ? AND ?", (first, last))
    return first


def _swap(raw: sqlite3.Connection, rng: random.Random) -> int:
    one, other = sorted(rng.sample(range(1, ROWS + 1), 2))
    for was, becomes in ((one, -1), (other, one), (-1, other)):
        raw.execute("UPDATE audit_rows SET id = ? WHERE id = ?", (becomes, was))
    return one


def _insert(raw: sqlite3.Connection, rng: random.Random) -> int:
    row_id = rng.choice([0, ROWS + 1])
    raw.execute(
        "INSERT INTO audit_rows (id, at, actor_id, action, kind, ref, fields, reason, key_id, mark)"
        " SELECT ?, at, actor_id, action, kind, ref, fields, reason, key_id, mark"
        " FROM audit_rows WHERE id = ?",
        (row_id, rng.randint(1, ROWS)),
    )
    return row_id


def _close_the_gap(raw: sqlite3.Connection, rng: random.Random) -> int:
    """Delete a row and move all that follow up by one."""
    row_id = rng.randint(1, ROWS - 1)
    raw.execute("DELETE FROM audit_rows WHERE id = ?", (row_id,))
    for later in range(row_id + 1, ROWS + 1):
        raw.execute("UPDATE audit_rows SET id = ? WHERE id = ?", (later - 1, later))
    return row_id


def _cut(raw: sqlite3.Connection, rng: random.Random) -> int:
    first = rng.randint(1, ROWS)
    raw.execute("DELETE FROM audit_rows WHERE id >= ?", (first,))
    return first


HARMS: tuple[Harm, ...] = (
    _edit, _edit, _edit, _unreadable, _move_a_letter, _delete, _swap, _insert, _close_the_gap, _cut,
)  # fmt: skip


def test_of_two_hundred_changes_in_the_file_all_are_found_and_the_row_is_named(app: Flask) -> None:
    some_rows(ROWS)
    assert heads.keep(home_of(app))
    assert checked(app).trouble is None
    file, whole = home_of(app) / "tongxing.db", home_of(app) / "whole.db"
    with behind_its_back(app) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(file, whole)
    rng, found, accused = random.Random(20261125), 0, 0
    for turn in range(200):
        with behind_its_back(app) as raw:
            bad = HARMS[turn % len(HARMS)](raw, rng)
        trouble = checked(app).trouble
        assert trouble is not None, (turn, HARMS[turn % len(HARMS)])
        assert trouble.row_id == bad, (turn, HARMS[turn % len(HARMS)], trouble)
        found += 1
        db.session.remove()
        db.engine.dispose()
        for leftover in file.parent.glob("tongxing.db*"):
            leftover.unlink()
        shutil.copy(whole, file)
        accused += checked(app).trouble is not None
    whole.unlink()
    assert (found, accused) == (200, 0)


def test_a_chain_written_anew_with_the_key_is_told_by_a_head_that_was_kept(app: Flask) -> None:
    some_rows(3)
    kept = heads.newest()
    assert kept
    with behind_its_back(app) as raw:
        (_key_id, key), before = audit.key_now(), ""
        raw.execute("UPDATE audit_rows SET ref = 'another' WHERE id = 2")
        for row in raw.execute(
            "SELECT id, at, actor_id, action, kind, ref, fields, reason FROM audit_rows"
        ).fetchall():
            before = mark(key, before, row)
            raw.execute("UPDATE audit_rows SET mark = ? WHERE id = ?", (before, row[0]))

    assert checked(app).trouble is None, "nothing but a head can tell"
    assert check(home_of(app), [kept]).trouble == Trouble(3, Fault.REWRITTEN)
