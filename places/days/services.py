"""Loading holidays and makeup workdays from a file, all of it or nothing, and looking ahead."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from core.logs import log
from places.days import queries
from places.days.models import CalendarDay
from places.days.rules import DayKind

OWN_DAYS = Path(__file__).parent.parent / "data" / "days.csv"
COLUMNS = ("day", "kind", "name", "source", "confirmed")
LONGEST = {"name": 40, "source": 120}


def load(file: Path) -> int:
    """Load the days of a CSV file; return how many were entered. Raises RuleBroken with the line.

    Announced days take the place of what is known, and of all that was only expected of their
    year. Expected days only fill gaps (see `expect`).
    """
    rows = list(_rows(file))
    announced = [row for row in rows if row["confirmed"]]
    with transaction() as session:
        for year in sorted({row["day"].year for row in announced}):
            expected = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
            session.execute(delete(CalendarDay).where(expected, CalendarDay.confirmed.is_(False)))
        filled = _fill(session, rows)
        for row in announced:
            session.merge(CalendarDay(**row, removed_at=None))
    return len(announced) + filled


def expect(file: Path) -> int:
    """Enter a file's expected days that nobody knows of yet; return how many. Raises RuleBroken.

    A day that people entered, confirmed or took away stays as it is, and so does a year of which
    anything was announced: what an official list leaves out is no holiday.
    """
    with transaction() as session:
        return _fill(session, list(_rows(file)))


def check() -> int:
    """Warn when days that plans are made for are only expected; return how many such days.

    A year of which nothing was announced counts as one more: our own list may end before it.
    """
    found = queries.doubtful()
    if found:
        log.warning("days not announced", days=len(found.days), years=list(found.years))
    return len(found.days) + len(found.years)


def _fill(session: Session, rows: list[dict[str, Any]]) -> int:
    """Enter expected days; the key of a day that is known is the lock."""
    announced = queries.announced({row["day"].year for row in rows})
    fresh = [row for row in rows if not row["confirmed"] and row["day"].year not in announced]
    if not fresh:
        return 0
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    added = insert(CalendarDay).values(fresh).on_conflict_do_nothing().returning(CalendarDay.day)
    return len(session.scalars(added).all())


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    reader = csv.DictReader(_text(file).splitlines())
    seen: set[date] = set()
    try:
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            raise RuleBroken(_("第 1 行：列应为 %(columns)s", columns=", ".join(COLUMNS)))
        for row in reader:
            yield _values(row, seen)
    except (ValueError, csv.Error) as error:
        line = reader.line_num
        raise RuleBroken(_("第 %(line)d 行：%(error)s", line=line, error=error)) from error


def _text(file: Path) -> str:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise RuleBroken(_("第 %(line)d 行：%(error)s", line=line, error="UTF-8?")) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise RuleBroken(_("第 %(line)d 行：%(error)s", line=line, error="NUL"))
    return text


def _values(row: dict[str, Any], seen: set[date]) -> dict[str, Any]:
    """Return a row's values and note its day. Raises ValueError with what is wrong."""
    texts = {name: (row[name] or "").strip() for name in COLUMNS}
    for name, longest in LONGEST.items():
        if not 0 < len(texts[name]) <= longest:
            raise ValueError(_("%(column)s 应有 1 到 %(most)d 个字", column=name, most=longest))
    if texts["confirmed"] not in {"0", "1"}:
        raise ValueError(_("confirmed 应为 0 或 1"))
    day = date.fromisoformat(texts["day"])
    if day in seen:
        raise ValueError(_("这一天出现了两次"))
    seen.add(day)
    return texts | {
        "day": day,
        "kind": DayKind(texts["kind"]),
        "confirmed": texts["confirmed"] == "1",
    }
