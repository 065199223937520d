"""What takes two people, and how far a request has come.

A room says what its matters are with `declare`, in app.py. Nothing here reads a clock or a
database.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accounts.rules import Actor, Role
from core.errors import NotYours


class Step(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


EVERYWHERE = frozenset({Role.DPO, Role.ADMIN})
"""Roles that answer for the whole site, wherever they were given."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was made."""

    uid: str
    subject: str
    payload: dict[str, Any]
    reason: str


CarryOut = Callable[[Asked, Actor, Actor], object]
"""What was asked, by whom, approved by whom: does it, in the transaction of the approval."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of request: who may ask, who may approve, how to tell it and how to do it."""

    kind: str
    name: object
    askers: tuple[Role, ...]
    approvers: tuple[Role, ...]
    facts: Callable[[dict[str, Any]], Sequence[tuple[str, str]]]
    carry_out: CarryOut


_declared: dict[str, Matter] = {}


def declare(*matters: Matter) -> None:
    """Make the matters of a room known."""
    _declared.update({matter.kind: matter for matter in matters})


def declared() -> list[Matter]:
    return list(_declared.values())


def matter_of(kind: str) -> Matter:
    """Return the matter of that kind. Raises NotYours when no room knows it."""
    if kind not in _declared:
        raise NotYours
    return _declared[kind]
