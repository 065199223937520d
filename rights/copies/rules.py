"""A copy of what is kept: sections of rows with names for people and keys for machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Cell: TypeAlias = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing: a key, a title, what its columns are called, and the rows."""

    key: str
    title: str
    columns: tuple[tuple[str, str], ...]
    """(key, name) of each column."""
    rows: Sequence[tuple[Cell, ...]]

    def as_dicts(self) -> list[dict[str, Cell]]:
        keys = [key for key, _name in self.columns]
        return [dict(zip(keys, row, strict=True)) for row in self.rows]


def as_data(sections: Sequence[Section]) -> dict[str, list[dict[str, Cell]]]:
    """Return the sections for machines: lists of objects by key."""
    return {section.key: section.as_dicts() for section in sections}
