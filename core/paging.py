"""Lists by keyset: each page begins after the last row of the one before, never by counting."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeAlias, TypeVar

from flask import request, url_for
from sqlalchemy import ColumnElement, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from core.db import AnyRow, AnySelect, db

T = TypeVar("T")
Key: TypeAlias = ColumnElement[Any] | InstrumentedAttribute[Any]
SIZE = 50
GREATEST = 2**63 - 1
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `after` names where the next one begins, None at the end."""

    rows: Sequence[T]
    after: str | None

    @property
    def next_url(self) -> str | None:
        """Return the address of the next page with the same filters."""
        if self.after is None or request.endpoint is None:
            return None
        kept = request.args.to_dict() | (request.view_args or {}) | {"after": self.after}
        return url_for(request.endpoint, **kept)


def page_of(
    query: AnySelect, keys: Sequence[Key], *, after: str | None, size: int = SIZE
) -> Page[AnyRow]:
    """Return the page of a query that follows `after`.

    `keys` are columns that order the list ascending, the last one unique; they are added to the
    query, at the end of each row. Wrap a column in `-` or store its negative for descending lists,
    or give `newest_first` the query. A forged or stale `after` shows the first page.
    """
    given = _read(after, len(keys))
    if given is not None:
        query = query.where(tuple_(*keys) > tuple_(*_typed(keys, given)))
    return _cut(query.order_by(*keys), keys, size)


def newest_first(
    query: AnySelect, keys: Sequence[Key], *, after: str | None, size: int = SIZE
) -> Page[AnyRow]:
    """Return the page of a query that follows `after`, the greatest keys first."""
    given = _read(after, len(keys))
    if given is not None:
        query = query.where(tuple_(*keys) < tuple_(*_typed(keys, given)))
    return _cut(query.order_by(*(key.desc() for key in keys)), keys, size)


def _cut(query: AnySelect, keys: Sequence[Key], size: int) -> Page[AnyRow]:
    rows = db.session.execute(query.add_columns(*keys).limit(size + 1)).all()
    if len(rows) <= size:
        return Page(rows, None)
    return Page(rows[:size], _write(tuple(rows[size - 1])[-len(keys) :]))


def _write(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _read(after: str | None, many: int) -> list[Any] | None:
    if not after:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except ValueError:
        return None
    fits = isinstance(values, list) and len(values) == many
    return values if fits and all(isinstance(value, str | int) for value in values) else None


def _typed(keys: Sequence[Key], values: Sequence[Any]) -> list[Any]:
    """Return the values as the columns hold them; a wrong one becomes the column's least."""
    return [_as(key.type.python_type, value) for key, value in zip(keys, values, strict=True)]


def _as(kind: type[Any], value: Any) -> Any:
    try:
        if issubclass(kind, datetime):
            return datetime.fromisoformat(value).astimezone(UTC)
        found = kind.fromisoformat(value) if issubclass(kind, date) else kind(value)
    except (TypeError, ValueError, OverflowError):
        return _least(kind)
    return found if _storable(found) else _least(kind)


def _storable(value: Any) -> bool:
    """Whether a database can compare with it: no endless number, no NUL, no half a character."""
    if isinstance(value, int):
        return abs(value) <= GREATEST
    return not isinstance(value, str) or not UNSTORABLE.search(value)


def _least(kind: type[Any]) -> Any:
    if issubclass(kind, datetime):
        return datetime(1, 1, 1, tzinfo=UTC)
    return date.min if issubclass(kind, date) else kind()
