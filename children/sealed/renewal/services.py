"""What a change of keys means for the sealed parts: data keys wrapped anew, indexes made anew."""

from collections import Counter
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from children.models import Child
from children.sealed.models import ChildSealed
from children.sealed.rules import LOOKED_UP
from children.sealed.services import TABLE, blind, place
from core import wrapping
from core.crypto import Unreadable, key_id_of, sealer
from core.db import AnyRow
from core.vault import vault

ASKED = select(
    ChildSealed.id,
    Child.uid,
    ChildSealed.slot,
    ChildSealed.data_key,
    *(getattr(ChildSealed, field.value) for field in LOOKED_UP),
).join(Child, Child.id == ChildSealed.child_id)


class SealedParts:
    """The sealed parts of children's files, for core.sealing."""

    name = f"{TABLE}.data_key"

    def used(self, session: Session) -> Counter[int]:
        return Counter(map(key_id_of, session.scalars(select(ChildSealed.data_key))))

    def reseal(self, session: Session, after: int, size: int) -> tuple[int | None, int]:
        """Wrap the next rows' keys anew; what cannot be opened any more is left as it is."""
        asked = ASKED.where(ChildSealed.id > after).order_by(ChildSealed.id).limit(size)
        rows = session.execute(asked.with_for_update(of=ChildSealed)).all()
        old = [row for row in rows if key_id_of(row.data_key) != sealer().ring.current]
        halves = vault().halves((row.slot, row.uid) for row in old) if old else []
        done = 0
        for row, half in zip(old, halves, strict=True):
            try:
                values = _anew(row, half)
            except Unreadable:  # erased, and brought back by a backup
                continue
            session.execute(update(ChildSealed).where(ChildSealed.id == row.id).values(**values))
            done += 1
        return (rows[-1].id if rows else None), done

    def sample(self, session: Session) -> None:
        row = session.execute(ASKED.order_by(ChildSealed.id.desc()).limit(1)).first()
        if row is not None:
            wrapping.unwrapped(
                row.data_key, vault().half(row.slot, row.uid), place("data_key", row.uid)
            )


def _anew(row: AnyRow, half: bytes | None) -> dict[str, Any]:
    where, sealed = place("data_key", row.uid), row._mapping  # noqa: SLF001 - the documented way
    box = wrapping.unwrapped(row.data_key, half, where)
    values: dict[str, Any] = {"data_key": wrapping.wrapped_anew(row.data_key, half, where)}
    for field in LOOKED_UP:
        text = sealed[field.value]
        opened = box.open(text, place(field, row.uid)) if text else ""
        values[f"{field}_index"] = blind(field, opened)
    return values
