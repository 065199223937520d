"""Heads of the audit: the last row's number and mark, kept where the table's editor is not.

Whoever cuts the end off the table leaves a chain that is whole. Each day's head is therefore kept
in a table of its own, in a file that is only added to, and on the auditor's paper; a second file
holds the newest one. A head that is not in the chain any more is never overwritten.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.audit import AuditRow
from core.db import Base, db, insert_once, transaction
from core.seals import AuditSeal

DAILY, NEWEST = "audit_heads", "audit_head"


class Head(NamedTuple):
    """The end of the chain at some moment: of rows on SQLite, of batches on PostgreSQL."""

    last_id: int
    mark: str

    def __str__(self) -> str:
        return f"{self.last_id}:{self.mark}"


class AuditHead(Base):
    """The head that a day began with."""

    __tablename__ = "audit_heads"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    at: Mapped[datetime]
    last_id: Mapped[int]
    mark: Mapped[str] = mapped_column(String(32))


def parsed(text: str) -> Head | None:
    """Return the head that somebody wrote down as `number:mark`, spaces in it or not."""
    number, _colon, mark = "".join(text.split()).partition(":")
    whole = number.isascii() and number.isdigit() and len(mark) == 32
    return Head(int(number), mark.lower()) if whole else None


def newest() -> Head | None:
    """Return the end of the chain now, None while there is none."""
    last, mark = _columns()
    found = db.session.execute(select(last, mark).order_by(last.desc()).limit(1)).first()
    return Head(*found) if found else None


def stands(head: Head) -> bool:
    """Whether the chain still goes through that head."""
    last, mark = _columns()
    return db.session.scalar(select(mark).where(last == head.last_id)) == head.mark


def _columns() -> tuple["Mapped[int]", "Mapped[str]"]:
    if db.session.get_bind().dialect.name == "postgresql":
        return AuditSeal.last_id, AuditSeal.mark
    return AuditRow.id, AuditRow.mark


def saved(home: Path) -> list[Head]:
    """Return every head that was kept, in the table and in the files."""
    rows = db.session.execute(select(AuditHead.last_id, AuditHead.mark))
    return [*(Head(*row) for row in rows), *_of_file(home / DAILY), *_of_file(home / NEWEST)]


def keep(home: Path) -> bool:
    """Keep the head of now, and the first of a day; False when an older one is not in the chain."""
    before = [*_of_file(home / NEWEST)]  # read before the chain is: what it names must be there
    head = newest()
    if not all(stands(one) for one in before):
        return False
    if head is None:
        return True
    if before != [head]:
        _replace(home / NEWEST, str(head))
    if db.session.scalar(select(AuditHead.id).where(AuditHead.day == clock.today())) is None:
        _keep_first_of_day(home, head)
    return True


def _keep_first_of_day(home: Path, head: Head) -> None:
    """Keep it in the table and, by the process that was first, in the file that only grows."""
    day, at = clock.today(), clock.now()
    with transaction():
        values = {"day": day, "at": at, "last_id": head.last_id, "mark": head.mark}
        first = insert_once(AuditHead, **values) is not None
    if first:
        with (home / DAILY).open("a", encoding="ascii") as file:
            file.write(f"{day} {head}\n")


def of_days(many: int) -> Sequence[AuditHead]:
    """Return the heads of the last days that have one, the newest first."""
    newest_days = select(AuditHead).order_by(AuditHead.day.desc()).limit(many)
    return db.session.scalars(newest_days).all()


def _of_file(path: Path) -> Iterator[Head]:
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        head = parsed(line.split(" ")[-1])
        if head:
            yield head


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(text + "\n", encoding="ascii")
    fresh.replace(path)
