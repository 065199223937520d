"""Which columns hold sealed texts, so that a change of keys finds every one of them by itself.

A room declares its column where it is made: `mapped_column(Text, info=sealing.by("uid"))` says
that the texts are sealed for `table.column/<the row's uid>`. What is sealed in another way (inside
a JSON value, with a key of the row's own) is a Sealed of its own that app.py declares.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.crypto import key_id_of, sealer
from core.db import Base

SEALED_BY = "sealed_by"


def by(row: str) -> dict[str, Any]:
    """Return the `info` of a sealed column whose places are named by another column of the row."""
    return {SEALED_BY: row}


def place(column: sa.Column[Any], row: object) -> str:
    """Return the place a sealed column's text is sealed for."""
    return f"{column.table.name}.{column.name}/{row}"


class Sealed(Protocol):
    """Somewhere sealed texts are kept."""

    @property
    def name(self) -> str: ...

    def used(self, session: Session) -> Counter[int]:
        """Return how many texts each key has sealed, by the key's id."""
        ...

    def reseal(self, session: Session, after: int, size: int) -> tuple[int | None, int]:
        """Seal the next rows behind an id with the current key, as many as `size`.

        Returns the last id looked at (None: there are no more) and how many were sealed anew.
        """
        ...

    def sample(self, session: Session) -> None:
        """Open one text if there is any. Raises Unreadable."""
        ...


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one column: `text` gives a cell's sealed text, `put` the cell with another."""

    column: sa.Column[Any]
    place: Callable[[Any, Any], str | None]
    """Row name and cell to the place; None: nothing sealed is in this cell."""
    row: str
    text: Callable[[Any], str] = lambda cell: cell
    put: Callable[[Any, str], Any] = lambda _cell, sealed: sealed

    @property
    def name(self) -> str:
        return f"{self.column.table.name}.{self.column.name}"

    def used(self, session: Session) -> Counter[int]:
        found: Counter[int] = Counter()
        rows = session.execute(self._asked()).yield_per(1000)
        for _row_id, row, cell in rows:
            if self.place(row, cell) is not None:
                found[key_id_of(self.text(cell))] += 1
        return found

    def reseal(self, session: Session, after: int, size: int) -> tuple[int | None, int]:
        ids = self.column.table.c.id
        asked = self._asked().where(ids > after).order_by(ids).limit(size)
        rows = session.execute(asked.with_for_update()).all()
        done, seals = 0, sealer()
        for row_id, row, cell in rows:
            where = self.place(row, cell)
            if where is None or key_id_of(self.text(cell)) == seals.ring.current:
                continue
            fresh = self.put(cell, seals.seal(seals.open(self.text(cell), where), where))
            change = sa.update(self.column.table).where(ids == row_id)
            session.execute(change.values({self.column.name: fresh}))
            done += 1
        return (rows[-1][0] if rows else None), done

    def sample(self, session: Session) -> None:
        ids = self.column.table.c.id
        for _row_id, row, cell in session.execute(self._asked().order_by(ids.desc()).limit(20)):
            where = self.place(row, cell)
            if where is not None:
                sealer().open(self.text(cell), where)
                return

    def _asked(self) -> Any:
        columns = self.column.table.c
        return sa.select(columns.id, columns[self.row], self.column).where(self.column.is_not(None))


def inside(column: sa.Column[Any], key: str, place_in: Callable[[Mapping[str, Any]], str]) -> Cells:
    """Return the sealed texts under one key of a column's JSON values."""
    return Cells(
        column,
        place=lambda _row, cell: place_in(cell) if key in cell else None,
        row="id",
        text=lambda cell: str(cell[key]),
        put=lambda cell, sealed: {**cell, key: sealed},
    )


_declared: dict[str, Sealed] = {}


def declare(*more: Sealed) -> None:
    """Make known what no column's `info` tells."""
    _declared.update({one.name: one for one in more})


def everything() -> list[Sealed]:
    """Return everything sealed in the database, by name."""
    columns = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if SEALED_BY in column.info
    ]
    found: list[Sealed] = [*map(_cells, columns), *_declared.values()]
    return sorted(found, key=lambda one: one.name)


def _cells(column: sa.Column[Any]) -> Cells:
    return Cells(column, lambda row, _cell: place(column, row), column.info[SEALED_BY])
