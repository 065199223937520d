"""Two accounts of one visit, made one field by field. Nothing here reads a clock or a database."""

from collections.abc import Mapping
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any

from visits.records.rules import Account

LONGEST = {"did": 1000, "need_changes": 300, "parcel": 100}
"""Texts, which can also be kept both; how long each may be, in characters."""


class Keep(StrEnum):
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


def differing(mine: Account, theirs: Account) -> tuple[str, ...]:
    """Return the names of the fields that do not say the same."""
    names = (field.name for field in fields(Account))
    return tuple(name for name in names if getattr(mine, name) != getattr(theirs, name))


def suggested(name: str, base: Account | None, mine: Account, theirs: Account) -> Keep | None:
    """Return what to keep of a field unless somebody chooses otherwise; None: nobody can tell.

    A worry is never lost. Else whoever has changed what both began with, or filled in what the
    other left empty; two texts are both kept.
    """
    mine_now, theirs_now = getattr(mine, name), getattr(theirs, name)
    begun = getattr(base, name) if base else None
    if name == "concern":
        return Keep.MINE if mine_now else Keep.THEIRS
    if base and begun in {mine_now, theirs_now}:
        return Keep.MINE if theirs_now == begun else Keep.THEIRS
    if name not in LONGEST:
        return None
    if mine_now and theirs_now:
        return Keep.BOTH
    return Keep.MINE if mine_now else Keep.THEIRS


def both(name: str, mine: Account, theirs: Account) -> str:
    """Return two texts as one, what was saved first in front."""
    between = "\n" if name == "did" else "；"
    texts = (getattr(theirs, name), getattr(mine, name))
    return between.join(text for text in texts if text)


def merged(mine: Account, theirs: Account, keep: Mapping[str, Keep]) -> Account:
    """Return one's own account with what is kept of the other's."""
    taken: dict[str, Any] = {
        name: both(name, mine, theirs) if kept is Keep.BOTH else getattr(theirs, name)
        for name, kept in keep.items()
        if kept is not Keep.MINE
    }
    return replace(mine, **taken)
