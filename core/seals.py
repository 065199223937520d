"""Batches of audit rows, each chained to the one before: for PostgreSQL, a few seconds late.

Numbers are given out before a transaction commits, so rows may appear in another order than
theirs, and a number may never appear at all. A batch ends before the lowest number that a running
transaction may still bring (each tells by an advisory lock, core.audit), so no row can come late;
and it names the numbers that were never used, so a row that is missing later was taken away.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import JSON, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from core import chain, clock
from core.audit import WRITING, AuditRow, key_now
from core.chain import START
from core.db import Base, db, insert_once, transaction

AT_ONCE = 50_000
"""Rows in one batch at most: memory stays flat after a long stop."""


class AuditSeal(Base):
    """A batch: every number from the first to the last belongs to it, but for the gaps."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(unique=True)
    last_id: Mapped[int] = mapped_column(unique=True)
    gaps: Mapped[list[list[int]]] = mapped_column(JSON)
    at: Mapped[datetime]
    key_id: Mapped[int]
    mark: Mapped[str] = mapped_column(String(32))


def seal() -> int:
    """Seal the rows that are settled; return how many. Several processes may try at once."""
    with transaction() as session:
        if session.get_bind().dialect.name != "postgresql":
            return 0
        newest = select(AuditSeal.last_id, AuditSeal.mark).order_by(AuditSeal.last_id.desc())
        last_id, before = session.execute(newest.limit(1)).first() or (0, START)
        settled = _settled()  # asked first: whatever it allows has been committed by now
        rows = session.execute(
            select(AuditRow.id, AuditRow.mark)
            .where(AuditRow.id > last_id, AuditRow.id <= settled)
            .order_by(AuditRow.id)
            .limit(AT_ONCE)
        )
        found = rows.all()
        return len(found) if found and _add(last_id + 1, before, found) else 0


def _add(first_id: int, before: str, rows: Iterable[tuple[int, str]]) -> bool:
    marks = list(rows)
    gaps = gaps_of(first_id, [row_id for row_id, _mark in marks])
    key_id, key = key_now()
    last_id, at = marks[-1][0], clock.now()
    covers = (first_id, last_id, gaps, chain.moment(at), key_id)
    made = insert_once(
        AuditSeal, first_id=first_id, last_id=last_id, gaps=gaps, at=at, key_id=key_id,
        mark=chain.seal(key, before, covers, marks),
    )  # fmt: skip
    return made is not None


def gaps_of(first_id: int, ids: Iterable[int]) -> list[list[int]]:
    """Return the stretches of numbers from the first on that are not among the ids, in order."""
    gaps, expected = [], first_id
    for row_id in ids:
        if row_id > expected:
            gaps.append([expected, row_id - 1])
        expected = row_id + 1
    return gaps


def _settled() -> int:
    """Return the greatest number up to which every row is there that will ever be."""
    # in this order: a transaction that is not seen at work takes its numbers after this one
    last: int = db.session.execute(text("SELECT last_value FROM audit_rows_id_seq")).scalar_one()
    locks = text(
        "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = :lock"
        " AND objsubid = 2 AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    at_work: Sequence[int] = db.session.scalars(locks, {"lock": WRITING}).all()
    return min(last, *at_work) if at_work else last
