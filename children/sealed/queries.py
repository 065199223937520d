"""What a file's page tells of its sealed part: which fields are on file, two of them masked."""

from dataclasses import dataclass, field

from sqlalchemy import select

from accounts.rules import Actor
from children.models import Child
from children.queries import visible
from children.sealed.models import ChildSealed
from children.sealed.rules import LOOKED_UP, SealedField, masked
from children.sealed.services import EDITORS, fields_in_use, opened
from core.crypto import Unreadable
from core.db import db


@dataclass(frozen=True, slots=True)
class Part:
    """A sealed part as its page shows it; `masks` only to those who know the family anyway."""

    in_use: tuple[SealedField, ...]
    filled: tuple[SealedField, ...] = ()
    masks: dict[SealedField, str] = field(default_factory=dict)
    version: int = 0
    writable: bool = False
    readable: bool = True

    @property
    def told(self) -> tuple[SealedField, ...]:
        """The fields to speak of: those that may be entered, and those on file."""
        return tuple(one for one in SealedField if one in self.in_use or one in self.filled)


def part_of(uid: str, actor: Actor) -> Part:
    """Return the sealed part of a child this person answers for; another's looks like none."""
    row = db.session.execute(
        select(
            Child.id,
            visible(actor, *EDITORS).label("writable"),
            ChildSealed.version,
            *(getattr(ChildSealed, one.value).is_not(None).label(one.value) for one in SealedField),
        )
        .outerjoin(ChildSealed, ChildSealed.child_id == Child.id)
        .where(Child.uid == uid, visible(actor))
    ).first()
    if row is None:
        return Part(fields_in_use())
    found = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    filled = tuple(one for one in SealedField if found[one.value])
    seen = [one for one in filled if one in LOOKED_UP] if row.writable else []
    try:
        texts = opened(row.id, seen) if seen else {}
    except Unreadable:
        return Part(fields_in_use(), filled, {}, row.version, bool(row.writable), readable=False)
    masks = {one: masked(one, text) for one, text in texts.items()}
    return Part(fields_in_use(), filled, masks, row.version or 0, bool(row.writable))
