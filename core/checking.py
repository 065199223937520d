"""Whether the audit is still what was written: the first row that is not, in one pass.

Rows are read as bare columns in one snapshot, a few thousand at a time, so that a million cost
seconds and no memory. Heads are read before the snapshot: what they name must be in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, String, Text, func, select, true, type_coerce
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from core import audit, chain, heads
from core.audit import AuditRow
from core.chain import START
from core.db import AnySelect, db
from core.heads import Head
from core.seals import AuditSeal

CHUNK = 5_000
AT, KEY_ID, MARK = 1, 8, 9
"""Where a bare row has these."""


class Fault(StrEnum):
    """What is wrong with a row."""

    CHANGED = "changed"
    """It is not what was written, was put in, or stands in another's place."""
    MISSING = "missing"
    """It was taken away."""
    CUT = "cut"
    """It and all that followed were taken away: a head that was kept is not there any more."""
    REWRITTEN = "rewritten"
    """Its mark is right and yet not the one that was kept: somebody with the key wrote it anew."""
    KEY = "key"
    """It was marked with a key that this site does not have."""
    BATCH = "batch"
    """The seal of the batch that begins with it was changed or taken away."""


@dataclass(frozen=True, slots=True)
class Trouble:
    row_id: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Report:
    """What a check has found: how many rows, where the chain ends, and the first bad row."""

    rows: int
    head: Head | None
    trouble: Trouble | None


def check(home: Path, given: Sequence[Head] = ()) -> Report:
    """Check every row, every batch and every head that was kept or is given."""
    kept = [*heads.saved(home), *given]
    with _snapshot() as connection:
        walk = _Walk(connection, kept)
        batches = connection.dialect.name == "postgresql"
        trouble = walk.batches() if batches else walk.rows()
        return Report(walk.seen, walk.head, trouble)


def _snapshot() -> Connection:
    """Return a connection that sees one moment of the database from its first question on."""
    connection = db.engine.connect()
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


class _Walk:
    """One way through the table from its first row to its last."""

    def __init__(self, connection: Connection, kept: Sequence[Head]) -> None:
        self._connection, self._dialect = connection, connection.dialect.name
        self._kept: dict[int, set[str]] = {}
        for head in kept:
            self._kept.setdefault(head.last_id, set()).add(head.mark)
        self._keys: dict[int, bytes | None] = {}
        self.seen = 0
        self.head: Head | None = None

    def rows(self) -> Trouble | None:
        """Follow the chain of rows: each number one more, each mark after the one before."""
        before, expected = START, 1
        for row in self._read():
            row_id, mark = row[0], row[MARK]
            if row_id > expected:
                return Trouble(expected, Fault.MISSING)
            fault = self._fault(before, row) or self._unlike_kept(row_id, mark)
            if fault:
                return Trouble(row_id, fault)
            before, expected = mark, row_id + 1
            self.seen += 1
        if self.seen:
            self.head = Head(expected - 1, before)
        return self._cut()

    def batches(self) -> Trouble | None:
        """Follow the chain of batches; rows that no batch holds yet stand by themselves."""
        before, expected = START, 1
        rows = _Peekable(self._read())
        for seal in self._seals():
            if seal.first_id != expected:
                return Trouble(expected, Fault.BATCH)
            marks: list[tuple[int, str]] = []
            trouble = self._take(rows, seal.last_id, marks) or _unlike(seal, marks)
            if trouble or not self._is_sealed(before, seal, marks):
                return trouble or Trouble(seal.first_id, Fault.BATCH)
            fault = self._unlike_kept(seal.last_id, seal.mark)
            if fault:
                return Trouble(seal.first_id, fault)
            before, expected = seal.mark, seal.last_id + 1
            self.head = Head(seal.last_id, seal.mark)
        return self._take(rows, None, None) or self._cut()

    def _take(
        self, rows: "_Peekable", last_id: int | None, marks: list[tuple[int, str]] | None
    ) -> Trouble | None:
        """Check rows up to a number, and note the marks of those that a batch holds."""
        while rows.next and (last_id is None or rows.next[0] <= last_id):
            row = rows.take()
            fault = self._fault(START, row)
            if fault:
                return Trouble(row[0], fault)
            if marks is not None:
                marks.append((row[0], row[MARK]))
            self.seen += 1
        return None

    def _fault(self, before: str, row: Sequence[Any]) -> Fault | None:
        if row[AT] is None:  # what is there cannot even be read
            return Fault.CHANGED
        key = self._key(row[KEY_ID])
        if key is None:
            return Fault.KEY
        try:
            same = chain.mark(key, before, row[:KEY_ID]) == row[MARK]
        except TypeError:  # something else than a text where a text belongs
            return Fault.CHANGED
        return None if same else Fault.CHANGED

    def _key(self, key_id: int) -> bytes | None:
        try:
            return self._keys[key_id]
        except KeyError:
            return self._keys.setdefault(key_id, audit.key_of(key_id))

    def _is_sealed(self, before: str, seal: Any, marks: Sequence[tuple[int, str]]) -> bool:
        key = self._key(seal.key_id)
        covers = (seal.first_id, seal.last_id, seal.gaps, chain.moment(seal.at), seal.key_id)
        return key is not None and chain.seal(key, before, covers, marks) == seal.mark

    def _unlike_kept(self, last_id: int, mark: str) -> Fault | None:
        if last_id not in self._kept or self._kept[last_id] == {mark}:
            return None
        return Fault.REWRITTEN

    def _cut(self) -> Trouble | None:
        last_id = self.head.last_id if self.head else 0
        if max(self._kept, default=0) <= last_id:
            return None
        return Trouble(last_id + 1, Fault.CUT)

    def _read(self) -> Iterator[Any]:
        """Yield the bare columns of every row, the lowest number first."""
        after = None
        while True:
            rows = self._chunk(after)
            yield from rows
            if not rows:
                return
            after = rows[-1][0]

    def _chunk(self, after: int | None) -> Sequence[Any]:
        """Return the rows after a number; one that cannot even be read comes without its texts."""
        query = _bare(self._dialect).where(_behind(after))
        try:
            return self._bare_rows(query.limit(CHUNK))
        except DBAPIError:
            if self._dialect != "sqlite":  # which keeps bytes that are no text
                raise
            return self._one_by_one(after)

    def _bare_rows(self, query: AnySelect) -> Sequence[Any]:
        """Return the driver's own tuples: rows with names would take a seventh of the time."""
        with self._connection.execute(query) as result:
            return result.cursor.fetchall()

    def _one_by_one(self, after: int | None) -> Sequence[Any]:
        ids = select(AuditRow.id).where(_behind(after)).order_by(AuditRow.id).limit(CHUNK)
        found = []
        for row_id in self._connection.scalars(ids).all():
            query = _bare(self._dialect).where(AuditRow.id == row_id)
            try:
                found.append(self._connection.execute(query).one())
            except DBAPIError:
                return [*found, (row_id, None, None, None, None, None, None, None, None, "")]
        return found

    def _seals(self) -> Iterator[Any]:
        table, after = AuditSeal.__table__.c, 0
        while True:
            query = select(*table).where(table.last_id > after).order_by(table.last_id)
            found = self._connection.execute(query.limit(CHUNK)).all()
            yield from found
            if not found:
                return
            after = found[-1].last_id


class _Peekable:
    """Rows, of which the next one may be looked at before it is taken."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._rows = rows
        self.next = next(rows, None)

    def take(self) -> Any:
        taken, self.next = self.next, next(self._rows, None)
        return taken


def _behind(after: int | None) -> ColumnElement[bool]:
    return true() if after is None else AuditRow.id > after


def _unlike(seal: Any, marks: Sequence[tuple[int, str]]) -> Trouble | None:
    """Return the first number that is in the batch and not in the table, or the other way."""
    there = {row_id for row_id, _mark in marks}
    unused = {one for first, last in seal.gaps for one in range(first, last + 1)}
    sealed = set(range(seal.first_id, seal.last_id + 1)) - unused
    differing = sealed ^ there
    if not differing:
        return None
    first = min(differing)
    return Trouble(first, Fault.MISSING if first in sealed else Fault.CHANGED)


def _bare(dialect: str) -> AnySelect:
    """Return the query for rows as chain.Raw has them, with the id of the key and the mark."""
    at: Any = type_coerce(AuditRow.at, String)
    fields: Any = type_coerce(AuditRow.fields, String)
    if dialect == "postgresql":
        at = func.to_char(func.timezone("UTC", AuditRow.at), "YYYY-MM-DD HH24:MI:SS.US")
        fields = sa.cast(AuditRow.fields, Text)
    row = AuditRow
    return select(
        row.id, at, row.actor_id, row.action, row.kind, row.ref, fields, row.reason, row.key_id,
        row.mark,
    ).order_by(row.id)  # fmt: skip
