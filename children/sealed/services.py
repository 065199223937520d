"""Sealing, opening and erasing the sealed part of a child's file.

`opened` asks nobody for leave and leaves no trace: whoever calls it has done both.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update

from accounts.rules import Actor, Role
from children.models import Child
from children.sealed.models import ChildSealed, ErasedKey
from children.sealed.rules import LOOKED_UP, SealedField, in_use, normal
from core import audit, clock, wrapping
from core.crypto import Box, sealer
from core.db import db, transaction
from core.i18n import lazy as _l
from core.parameters import Parameter, value_on
from core.vault import VaultMissing, vault

FIELDS = "children.sealed_fields"
PARAMETERS = (
    Parameter(
        FIELDS,
        [],
        _l(
            "可以登记哪些密封信息：real_name 姓名、guardian_phone 监护人电话、exact_place 住址、"
            "health 健康、family 家庭；空着就一项也不登记"
        ),
        "",
        _l("个人信息保护法第六条：限于最小范围；用哪几项由中心论证后开启"),
        "T",
    ),
)
EDITORS = (Role.CHILD_DIRECTOR, Role.CHILD_SUPERVISOR)
TABLE = ChildSealed.__tablename__


def place(column: str, uid: str) -> str:
    """Return the place a child's text is sealed for."""
    return f"{TABLE}.{column}/{uid}"


def fields_in_use() -> tuple[SealedField, ...]:
    """Return what may be entered today."""
    return in_use(value_on(FIELDS, clock.today()))


def cells(field: SealedField, text: str, box: Box, uid: str) -> dict[str, Any]:
    """Return the columns that hold a text: sealed, and blind where it is looked up."""
    found: dict[str, Any] = {field.value: box.seal(text, place(field, uid)) if text else None}
    if field in LOOKED_UP:
        found[f"{field}_index"] = blind(field, text)
    return found


def blind(field: SealedField, text: str) -> bytes | None:
    """Return what a text is looked up by without being opened; nothing for no text."""
    if not text:
        return None
    seals = sealer()
    half = vault().shared(blind_name(seals.ring.current))
    return seals.blind(seals.ring.current, half, normal(text), f"{TABLE}.{field}")


def blind_name(key_id: int) -> str:
    """Return the name of the half that the indexes under one key are made with."""
    return f"{TABLE}/blind/{key_id}"


def blinds(field: SealedField, text: str) -> list[bytes]:
    """Return what a text may be found by: while keys are changed, rows of both are found."""
    seals = sealer()
    halves = {key_id: vault().found(blind_name(key_id)) for key_id in seals.ring.keys}
    return [
        seals.blind(key_id, half, normal(text), f"{TABLE}.{field}")
        for key_id, half in halves.items()
        if half is not None
    ]


def new_parts(texts: Sequence[tuple[str, Mapping[SealedField, str]]]) -> list[dict[str, Any]]:
    """Return the columns of new sealed parts for children's uids: one write to the vault."""
    uids = [uid for uid, _texts in texts]
    slots = vault().add(uids)
    halves = vault().halves(zip(slots, uids, strict=True))
    found = []
    for (uid, of_child), slot, half in zip(texts, slots, halves, strict=True):
        data_key, box = wrapping.new_key(half, place("data_key", uid))
        row: dict[str, Any] = {"slot": slot, "data_key": data_key}
        for field, text in of_child.items():
            row |= cells(field, text, box, uid)
        found.append(row)
    return found


def opened(child_id: int, fields: Collection[SealedField]) -> dict[SealedField, str]:
    """Return those sealed texts of a child that are on file. Raises Unreadable."""
    return opened_of([child_id], fields).get(child_id, {})


def opened_of(
    child_ids: Iterable[int], fields: Collection[SealedField]
) -> dict[int, dict[SealedField, str]]:
    """Return the same of several children by their ids, in one query. Raises Unreadable."""
    rows = db.session.execute(
        select(ChildSealed.child_id, *columns(fields))
        .join(Child, Child.id == ChildSealed.child_id)
        .where(ChildSealed.child_id.in_(list(child_ids)))
    ).all()
    texts = opened_rows([row[1:] for row in rows], fields)
    named = [
        {field: text for field, text in zip(fields, found, strict=True) if text} for found in texts
    ]
    return dict(zip((row[0] for row in rows), named, strict=True))


def columns(fields: Collection[SealedField]) -> list[Any]:
    """Return the columns that `opened_rows` needs of a list that has joined ChildSealed."""
    texts = [getattr(ChildSealed, field.value) for field in fields]
    return [Child.uid, ChildSealed.slot, ChildSealed.data_key, *texts]


def opened_rows(
    rows: Sequence[Sequence[Any]], fields: Collection[SealedField]
) -> list[tuple[str, ...]]:
    """Open each row's `columns`: its texts in the order of the fields, empty where there is none.

    Raises Unreadable.
    """
    columns = [f"{TABLE}.{field.value}/".encode() for field in fields]
    none = ("",) * len(columns)
    return [
        box.open_row(row[3:], columns, row[0].encode()) if box else none
        for row, box in zip(rows, _boxes(rows), strict=True)
    ]


def _boxes(rows: Sequence[Sequence[Any]]) -> Iterator[Box | None]:
    kept = [row for row in rows if row[2] is not None]
    halves = vault().halves([(row[1], row[0]) for row in kept])
    wrapped = [(row[2], half, row[0]) for row, half in zip(kept, halves, strict=True)]
    boxes = wrapping.all_unwrapped(f"{TABLE}.data_key", wrapped)
    if len(kept) == len(rows):
        return boxes
    return (next(boxes) if row[2] is not None else None for row in rows)


def erase(child_id: int, *, by: Actor) -> None:
    """Make a child's sealed part unreadable for good, in old backups too.

    The row goes with the caller's transaction, the half in the vault within a minute after it
    (`destroy_erased`): a deed that is taken back has destroyed nothing.
    """
    with transaction() as session:
        slot = session.scalar(
            delete(ChildSealed).where(ChildSealed.child_id == child_id).returning(ChildSealed.slot)
        )
        if slot is None:
            return
        session.add(ErasedKey(slot=slot, erased_at=clock.now()))
        uid = session.scalars(select(Child.uid).where(Child.id == child_id)).one()
        audit.record("sealed_erased", "child", uid, by=by.id)


def destroy_erased() -> int:
    """Overwrite in the vault what has been erased; return how many halves. May be repeated."""
    asked = select(ErasedKey.slot).where(ErasedKey.destroyed_at.is_(None)).limit(1000)
    slots = db.session.scalars(asked).all()
    if slots:
        vault().destroy(slots)
        with transaction() as session:
            session.execute(
                update(ErasedKey).where(ErasedKey.slot.in_(slots)).values(destroyed_at=clock.now())
            )
    return len(slots)


def expect_vault() -> None:
    """Raise VaultMissing when the vault is not the one that belongs to this database."""
    last = db.session.execute(
        select(ChildSealed.slot, Child.uid)
        .join(Child, Child.id == ChildSealed.child_id)
        .order_by(ChildSealed.slot.desc())
        .limit(1)
    ).first()
    if last is not None and not vault().holds(last.slot, last.uid):
        raise VaultMissing(f"{vault().path} is not the vault of this database")
