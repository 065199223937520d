"""A copy of what is kept: sections of rows with names for people and keys for machines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias

from core.zone import CHINA

Plain: TypeAlias = str | int | bool | None
Cell: TypeAlias = Plain | date | list[str]


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing: a key, a title, what its columns are called, and the rows."""

    key: str
    title: str
    columns: tuple[tuple[str, str], ...]
    """(key, name) of each column."""
    rows: Sequence[tuple[Cell, ...]]

    def newest(self, most: int) -> "Section":
        return replace(self, rows=self.rows[:most])

    def plain_rows(self) -> list[list[Plain]]:
        return [[plain(cell) for cell in row] for row in self.rows]

    def as_dicts(self) -> list[dict[str, Plain]]:
        keys = [key for key, _name in self.columns]
        return [dict(zip(keys, row, strict=True)) for row in self.plain_rows()]


def plain(cell: Cell) -> Plain:
    """Return a value as a file holds it: moments in China's time, days as 2026-11-24."""
    if isinstance(cell, datetime):
        return cell.astimezone(CHINA).isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, list):
        return ", ".join(cell)
    return cell


def as_data(sections: Sequence[Section]) -> dict[str, list[dict[str, Plain]]]:
    """Return the sections for machines: lists of objects by key."""
    return {section.key: section.as_dicts() for section in sections}
