"""Four tiers of what is known about a child, declared on each column and kept at rendering.

PUBLIC: told outside as a count by county or above, never of one child. ALIAS: what a paired
volunteer knows a child by. NEED_TO_KNOW: for those who answer for the place it lives in. SEALED:
encrypted; opened by a request of its own, never by loading a row (domain.md §3).
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, case, inspect
from sqlalchemy.orm import InstrumentedAttribute

from core.db import Base


class Tier(IntEnum):
    """How close somebody has to be; a reader of one tier reads those before it too."""

    PUBLIC = 0
    ALIAS = 1
    NEED_TO_KNOW = 2
    SEALED = 3


class Hidden(Exception):
    """A page asked for something its reader's tier does not reach: a mistake of ours."""


def at(tier: Tier) -> dict[str, Any]:
    """Return the `info` of a column of that tier."""
    return {"tier": tier}


def declare(model: type[Base], tiers: Mapping[Tier, str]) -> None:
    """Set the tiers of a model's columns, named in one text a tier, as one table beside it."""
    columns = cast("Table", model.__table__).columns
    for tier, names in tiers.items():
        for name in names.split():
            columns[name].info["tier"] = tier


def staff_only(condition: ColumnElement[bool], column: InstrumentedAttribute[Any]) -> Any:
    """Return a column of a list that is empty in the rows where the condition does not hold."""
    return case((condition, column)).label(column.key)


def tier_of(column: InstrumentedAttribute[Any]) -> Tier:
    """Return the tier a column declares. Raises KeyError when it declares none."""
    found: Tier = column.property.columns[0].info["tier"]
    return found


class Shown:
    """A record as one tier may read it: everything further in raises, nothing can be written."""

    __slots__ = ("_reach", "_row")

    def __init__(self, row: Base, reach: Tier) -> None:
        object.__setattr__(self, "_row", row)
        object.__setattr__(self, "_reach", reach)

    def __getattr__(self, name: str) -> Any:
        row: Base = object.__getattribute__(self, "_row")
        if name not in inspect(type(row)).column_attrs:
            raise AttributeError(name)
        if tier_of(getattr(type(row), name)) > object.__getattribute__(self, "_reach"):
            raise Hidden(name)
        return getattr(row, name)

    def __setattr__(self, name: str, value: object) -> None:
        raise Hidden(name)
