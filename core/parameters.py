"""Values that rules use and that law, practice or a centre may change: dated, with their source.

A room declares what it needs with `declare` beside its rules; a row in the table from a day on
overrides the declared value. Marks tell how sure we are: T statute read, P press or official
page, R recalled, A the article, D our own design.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, db


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


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared value: what it is called, what it means and where it comes from."""

    name: str
    default: Any
    meaning: str
    unit: str
    source: str
    mark: str


_declared: dict[str, Parameter] = {}


def declare(*parameters: Parameter) -> None:
    """Make the parameters of a room known."""
    for parameter in parameters:
        _declared[parameter.name] = parameter


def declared() -> list[Parameter]:
    return sorted(_declared.values(), key=lambda parameter: parameter.name)


def values_on(day: date) -> dict[str, Any]:
    """Return every parameter's value on that day, in one query."""
    found = {name: parameter.default for name, parameter in _declared.items()}
    rows = db.session.execute(
        select(ParameterValue.name, ParameterValue.value)
        .where(ParameterValue.effective_from <= day)
        .order_by(ParameterValue.effective_from)
    )
    found.update({name: value["value"] for name, value in rows if name in found})
    return found


def value_on(name: str, day: date) -> Any:
    """Return one parameter's value on that day."""
    row = db.session.scalar(
        select(ParameterValue.value)
        .where(ParameterValue.name == name, ParameterValue.effective_from <= day)
        .order_by(ParameterValue.effective_from.desc())
        .limit(1)
    )
    return row["value"] if row else _declared[name].default
