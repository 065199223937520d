"""Many rows in one statement, past the ORM: its care for each value costs more than the database.

Every value is one of ours or goes as a bound one; names of columns stand here.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

Row: TypeAlias = tuple[Any, ...]
TYPES = {
    "dedup_key": "text", "subject_id": "int", "subject_version": "int", "after_close": "bool",
    "kind": "text", "person_id": "int", "address": "text", "uid": "text", "channel": "text",
    "weight": "text", "given_up": "int", "language": "text", "params": "json",
    "due_at": "timestamptz", "next_at": "timestamptz", "expire_at": "timestamptz", "state": "text",
    "attempts": "int", "looks": "int", "created_at": "timestamptz",
}  # fmt: skip
"""The columns in the order of a row's values, and what PostgreSQL calls their types."""


def uids(many: int) -> Iterator[str]:
    """Yield names that nobody can guess, as `core.ids.uid` makes them, at a part of the price."""
    drawn = secrets.token_bytes(16 * many)
    for start in range(0, 16 * many, 16):
        yield base64.urlsafe_b64encode(drawn[start : start + 16])[:22].decode()


def moments(session: Session) -> Callable[[datetime], str]:
    """Return how the engine at hand writes a moment."""
    suffix = "" if session.get_bind().dialect.name == "sqlite" else "+00"

    @cache
    def written(moment: datetime) -> str:
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}{suffix}"

    return written


def as_json(params: dict[str, Any]) -> str:
    return json.dumps(params)


def add(session: Session, rows: Sequence[Row]) -> int:
    """Add rows unless their like is there; return how many are new."""
    names = ", ".join(TYPES)
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(TYPES))
        statement = f"INSERT INTO messages ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
        return connection.exec_driver_sql(statement, list(rows)).rowcount
    columns = [list(column) for column in zip(*rows, strict=True)]
    arrays = ", ".join(f"%s::{kind}[]" for kind in TYPES.values())
    statement = (
        f"INSERT INTO messages ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
    )
    return connection.exec_driver_sql(statement, tuple(columns)).rowcount
