"""Many rows in one statement, past the ORM: its care for each value costs more than the database.

Every value is one of ours or goes as a bound one; names of columns stand here.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

Row: TypeAlias = tuple[Any, ...]
"""What is to be said to somebody, once for both lanes: the values of `GIVEN` in their order."""
SHARED = {
    "subject_id": "int", "subject_version": "int", "after_close": "bool", "kind": "text",
    "person_id": "int", "address": "text", "weight": "text", "language": "text", "params": "json",
    "due_at": "timestamptz", "expire_at": "timestamptz", "created_at": "timestamptz",
}  # fmt: skip
"""The columns that are the same in both lanes, and what PostgreSQL calls their types."""
GIVEN = {
    "key": "text", "here": "text", "here_at": "timestamptz", "outside": "text",
    "outside_at": "timestamptz",
} | SHARED  # fmt: skip
"""`here` and `outside` name the row of a lane, None where there is none; `_at` is when it goes."""
LANES = {"here": ("/inapp", "inapp"), "outside": ("/external", "email")}
"""What a lane adds to the key, and its usual way."""
TOGETHER = 24
"""Rows in one of SQLite's statements: each costs as much as some rows, and binds 999 at most."""
FRESH = {"state": "'pending'", "given_up": "0", "attempts": "0", "looks": "0"}
NAMES = ", ".join(["dedup_key", "channel", "uid", "next_at", *SHARED, *FRESH])
INSERT = f"INSERT INTO messages ({NAMES})"


def uids(many: int) -> Iterator[str]:
    """Yield names that nobody can guess, as `core.ids.uid` makes them, at a part of the price.

    They begin alike, so that those of one plan lie side by side in the unique key: 84 bits of
    each are its own.
    """
    drawn = base64.urlsafe_b64encode(secrets.token_bytes(9 + 11 * many)).decode()
    for start in range(8, 8 + 14 * many, 14):
        yield drawn[:8] + drawn[start : start + 14]


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
    """Add ledger rows unless their like is there, one a lane; return how many are new."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return _add_to_sqlite(connection, rows)
    arrays = tuple(map(_array, zip(*rows, strict=True)))
    return connection.exec_driver_sql(_from_arrays(), arrays).rowcount if rows else 0


def _add_to_sqlite(connection: Connection, rows: Sequence[Row]) -> int:
    """Both lanes of a row go together, so its values are bound once; most rows go by the dozen."""
    here, outside = list(GIVEN).index("here"), list(GIVEN).index("outside")
    parts: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        lanes = ("here",) * (row[here] is not None) + ("outside",) * (row[outside] is not None)
        parts.setdefault(lanes, []).append(row)
    added = 0
    for lanes, part in parts.items():
        whole = len(part) - len(part) % TOGETHER
        for some, many in ((part[:whole], TOGETHER), (part[whole:], 1)):
            bound = [tuple(chain(*some[at : at + many])) for at in range(0, len(some), many)]
            if bound:
                statement = _from_values(lanes, many)
                added += connection.exec_driver_sql(statement, bound).rowcount
    return added


@cache
def _from_values(lanes: tuple[str, ...], many: int) -> str:
    rows = []
    for turn in range(many):
        first = turn * len(GIVEN) + 1
        marks = {name: f"?{number}" for number, name in enumerate(GIVEN, first)}
        rows += [f"({_lane(lane, marks)})" for lane in lanes]
    return f"{INSERT} VALUES {', '.join(rows)} ON CONFLICT DO NOTHING"


@cache
def _from_arrays() -> str:
    arrays = ", ".join(f"%s::{kind}[]" for kind in GIVEN.values())
    names = {name: name for name in GIVEN}
    lanes = " UNION ALL ".join(
        f"SELECT {_lane(lane, names)} FROM given WHERE {lane} IS NOT NULL"  # noqa: S608 - our own names
        for lane in LANES
    )
    given = f"WITH given ({', '.join(GIVEN)}) AS MATERIALIZED (SELECT * FROM unnest({arrays}))"  # noqa: S608 - our own names
    return f"{given} {INSERT} {lanes} ON CONFLICT DO NOTHING"


def _lane(lane: str, marks: dict[str, str]) -> str:
    """Return the values of a lane's row in the order of `NAMES`."""
    ending, channel = LANES[lane]
    own = [f"{marks['key']} || '{ending}'", f"'{channel}'", marks[lane], marks[f"{lane}_at"]]
    return ", ".join([*own, *(marks[name] for name in SHARED), *FRESH.values()])


def _array(values: Sequence[Any]) -> str:
    """Return a column as PostgreSQL reads arrays; the driver asks four patterns of every value."""
    return "{" + ",".join(map(_item, values)) + "}"


def _item(value: Any) -> str:
    if value is None:
        return "NULL"
    text = str(value)
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
