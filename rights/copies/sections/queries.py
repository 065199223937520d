"""A section of somebody's data, read as it is kept."""

from enum import StrEnum

from core.db import AnySelect, db
from rights.copies.rules import Cell, Section

MOST = 5000
"""Rows of a section: more than anybody has gathered; the newest are kept."""


def section(
    key: str, title: str, columns: tuple[tuple[str, str], ...], asked: AnySelect
) -> Section:
    rows = db.session.execute(asked.limit(MOST)).all()
    return Section(key, title, columns, [tuple(_cell(value) for value in row) for row in rows])


def _cell(value: Cell | StrEnum) -> Cell:
    return value.value if isinstance(value, StrEnum) else value
