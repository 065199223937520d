"""Values that rules use and that law, practice or a centre may change: dated, with their source.

A room declares what it needs with `declare` beside its rules; a row in the table from a day on
overrides the declared value. Marks tell how sure we are: T statute read, P press or official
page, R recalled, A the article, D our own design.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, String, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, db

TIME = re.compile(r"(\d{1,2}):(\d\d)", re.ASCII)


class ParameterValue(Base):
    """A value that holds from a day on, until a later row."""

    __tablename__ = "parameter_values"
    __table_args__ = (UniqueConstraint("name", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    effective_from: Mapped[date]
    value: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(String(300))
    set_by: Mapped[int | None]


class Stricter(StrEnum):
    """Which change of a value protects more: the other way is a relaxation."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"
    """It concerns safety, and no direction is plainly the safer one: any change relaxes."""
    NO_MATTER = "no_matter"
    """It does not concern safety: no change relaxes."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared value: what it is called, what it means and where it comes from.

    Who does not say which direction is stricter gets a second person asked for every change.
    """

    name: str
    default: Any
    meaning: str
    unit: str
    source: str
    mark: str
    stricter: Stricter = Stricter.NEITHER


_declared: dict[str, Parameter] = {}


def declare(*parameters: Parameter) -> None:
    """Make the parameters of a room known."""
    for parameter in parameters:
        _declared[parameter.name] = parameter


def relaxes(stricter: Stricter, old: Any, new: Any) -> bool:
    """Whether a new value protects less than the old one; a list protects by what it leaves out.

    Numbers and times of day compare as they are; a list with more in it is the higher one.
    """
    if new == old or stricter is Stricter.NO_MATTER:
        return False
    if stricter is Stricter.NEITHER:
        return True
    if isinstance(old, list):
        more, less = (old, new) if stricter is Stricter.HIGHER else (new, old)
        return any(one not in less for one in more)
    if isinstance(old, str):
        old, new = _time_of_day(old), _time_of_day(new)
        if None in {old, new}:
            return True
    return bool(new > old if stricter is Stricter.LOWER else new < old)


def _time_of_day(text: str) -> tuple[int, int] | None:
    """Return hours and minutes: 9:30 comes before 10:30, whatever their letters say."""
    found = TIME.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def declared() -> list[Parameter]:
    return sorted(_declared.values(), key=lambda parameter: parameter.name)


def values_on(day: date) -> dict[str, Any]:
    """Return every parameter's value on that day, in one query."""
    found = {name: parameter.default for name, parameter in _declared.items()}
    rows = db.session.connection().execute(_ALL_ON_A_DAY, {"day": day})
    found.update({name: value["value"] for name, value in rows if name in found})
    return found


_ALL_ON_A_DAY = (
    select(ParameterValue.name, ParameterValue.value)
    .where(ParameterValue.effective_from <= bindparam("day"))
    .order_by(ParameterValue.effective_from)
)
_ON_A_DAY = (
    select(ParameterValue.value)
    .where(
        ParameterValue.name == bindparam("named"), ParameterValue.effective_from <= bindparam("day")
    )
    .order_by(ParameterValue.effective_from.desc())
    .limit(1)
)


def value_on(name: str, day: date) -> Any:
    """Return one parameter's value on that day."""
    row = db.session.connection().scalar(_ON_A_DAY, {"named": name, "day": day})
    return row["value"] if row else _declared[name].default


def text_on(name: str, day: ColumnElement[date] | date) -> ColumnElement[str]:
    """Return the same of a text inside a statement, for conditions that are asked every time.

    The declared value is looked up when the statement is sent: rooms declare theirs at the start.
    """
    row = (
        select(ParameterValue.value["value"].as_string())
        .where(ParameterValue.name == name, ParameterValue.effective_from <= day)
        .order_by(ParameterValue.effective_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(
        row, bindparam(None, type_=String, callable_=lambda: _declared[name].default)
    )
