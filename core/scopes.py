"""One way to every record: rooms state what somebody may see of a model, pages ask here.

A record is found by its public name together with that condition, in one statement: a missing one
and somebody else's are the same answer after the same work.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Select, select

from core.db import Base, db
from core.errors import NotYours

Scope: TypeAlias = Callable[..., ColumnElement[bool]]
AnyScope = TypeVar("AnyScope", bound=Scope)
Record = TypeVar("Record", bound=Base)
_scopes: dict[type[Base], Scope] = {}


def scope(model: type[Base]) -> Callable[[AnyScope], AnyScope]:
    """Say that a function gives the condition for whoever asks, and roles if it takes any."""

    def mark(condition: AnyScope) -> AnyScope:
        _scopes[model] = condition
        return condition

    return mark


def scopes() -> Mapping[type[Base], Scope]:
    return _scopes


def visible(person: Any, model: type[Base], *roles: str) -> ColumnElement[bool]:
    """Return the condition that a row of the model is one this person may see.

    Raises KeyError for a model nobody has said anything about.
    """
    return _scopes[model](person, *roles)


def find(model: type[Record], uid: str, person: Any, *roles: str) -> Record:
    """Return the record of that public name. Raises NotYours, be it missing or another's."""
    named: ColumnElement[bool] = model.uid == uid  # type: ignore[attr-defined]  # each has one
    asked: Select[Any] = select(model).where(named, visible(person, model, *roles))
    found: Record | None = db.session.scalar(asked)
    if found is None:
        raise NotYours
    return found
