"""A copy of what is kept: sections of rows with names for people and keys for machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from core.zone import CHINA

Plain: TypeAlias = str | int | bool | None
Cell: TypeAlias = Plain | datetime


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing: a key, a title, what its columns are called, and the rows."""

    key: str
    title: str
    columns: tuple[tuple[str, str], ...]
    """(key, name) of each column."""
    rows: Sequence[tuple[Cell, ...]]

    def in_words(self, **words: Mapping[Any, object]) -> "Section":
        """Return the section with the codes of some columns, by key, said in words."""
        known = [words.get(key, {}) for key, _name in self.columns]
        rows = [
            tuple(
                str(names[cell]) if cell in names else cell
                for names, cell in zip(known, row, strict=True)
            )
            for row in self.rows
        ]
        return replace(self, rows=rows)

    def for_files(self) -> list[tuple[Plain, ...]]:
        """Return the rows with moments as 2026-11-24 12:00+08:00."""
        return [tuple(_plain(cell) for cell in row) for row in self.rows]

    def as_dicts(self) -> list[dict[str, Plain]]:
        keys = [key for key, _name in self.columns]
        return [dict(zip(keys, row, strict=True)) for row in self.for_files()]


def _plain(cell: Cell) -> Plain:
    if isinstance(cell, datetime):
        return cell.astimezone(CHINA).isoformat(" ", "minutes")
    return cell


def as_data(sections: Sequence[Section]) -> dict[str, list[dict[str, Plain]]]:
    """Return the sections for machines: lists of objects by key."""
    return {section.key: section.as_dicts() for section in sections}
