"""Writing many rows at once, with ids and public names that a seed decides."""

import base64
from collections import defaultdict
from datetime import datetime
from random import Random
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from core.audit import AuditRow
from core.db import Base

CHUNK = 5_000


class Bulk:
    """Collects rows and writes them table by table, those that others point at first."""

    def __init__(self, session: Session, rng: Random, now: datetime) -> None:
        self._session, self._rng, self._now = session, rng, now
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._last: dict[str, int] = {}
        self._blank: dict[str, dict[str, Any]] = {}
        self.written = 0

    def add(self, model: type[Base], **values: Any) -> int:
        """Take a row for the next flush and return the id it will have."""
        row_id: int = values.get("id") or self.reserve(model)
        row = self._blank[model.__tablename__].copy()
        row.update(values, id=row_id)
        if "uid" in row and row["uid"] is None:
            row["uid"] = self.secret(16)
        self._rows[model.__tablename__].append(row)
        return row_id

    def reserve(self, model: type[Base]) -> int:
        """Return an id for a row that is added later."""
        name = model.__tablename__
        if name not in self._blank:
            table = cast("Table", model.__table__)
            self._blank[name] = _blank(table, self._now)
            self._last[name] = self._session.scalar(select(func.max(table.c.id))) or 0
        self._last[name] += 1
        return self._last[name]

    def secret(self, size: int) -> str:
        """Return that many random bytes as URL-safe text: the seed's, guarding nothing real."""
        return base64.urlsafe_b64encode(self._rng.randbytes(size)).decode().rstrip("=")

    def flush(self) -> None:
        for table in Base.metadata.sorted_tables:
            rows = self._rows.pop(table.name, [])
            if table is AuditRow.__table__:
                self._trace(rows)
                continue
            for start in range(0, len(rows), CHUNK):
                self._session.execute(insert(table), rows[start : start + CHUNK])
            self.written += len(rows)

    def _trace(self, rows: list[dict[str, Any]]) -> None:
        """Write audit rows the one way they are written: it gives them number and mark."""
        self._last.pop(AuditRow.__tablename__, None)
        self._blank.pop(AuditRow.__tablename__, None)
        self._session.add_all(AuditRow(**row) for row in rows)
        self._session.flush()
        self.written += len(rows)

    def finish(self) -> None:
        """Write the rest, and let PostgreSQL go on counting behind the ids given here."""
        self.flush()
        if self._session.get_bind().dialect.name != "postgresql":
            return
        for name, last in self._last.items():
            setval = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)")
            self._session.execute(setval, {"table": name, "last": last})


def _blank(table: Table, now: datetime) -> dict[str, Any]:
    """Return what a row of the table holds where nothing is given."""
    return {column.name: _default(column, now) for column in table.columns}


def _default(column: Any, now: datetime) -> Any:
    if column.default is None or column.name == "uid":
        return None
    if not column.default.is_callable:
        return column.default.arg
    found = column.default.arg(None)
    return now if isinstance(found, datetime) else found
