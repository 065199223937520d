"""Entering sealed texts and removing them, by those of the place who know the family."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from accounts.rules import Actor
from children.models import Child
from children.sealed.models import ChildSealed
from children.sealed.rules import LOOKED_UP, SealedField
from children.sealed.search.services import twin_of
from children.sealed.services import EDITORS, cells, fields_in_use, new_parts, opened, place
from children.services import locked
from core import audit, wrapping
from core.crypto import Box
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.vault import vault


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered; an empty text removes. `seen` is the version on the page, 0 for none.

    `apart`: somebody has made sure that this is not the child of another file.
    """

    changes: Mapping[SealedField, str]
    seen: int = 0
    apart: bool = False


class OnFileAlready(RuleBroken):
    """Name and phone are those of another file; who was told so is kept by `keep_refusal`."""


def enter(uid: str, entry: Entry, *, by: Actor) -> None:
    """Enter sealed texts. Raises NotYours, RuleBroken, OnFileAlready."""
    with transaction() as session:
        child = locked(uid, by, *EDITORS)
        _may_enter(child, entry)
        box = _box(child, entry.seen)
        values: dict[str, Any] = {}
        for field, text in entry.changes.items():
            values |= cells(field, text, box, uid)
        written = session.scalar(
            update(ChildSealed)
            .where(ChildSealed.child_id == child.id, ChildSealed.version == max(entry.seen, 1))
            .values(version=ChildSealed.version + 1, **values)
            .returning(ChildSealed.id)
        )
        if written is None:
            raise _outdated()
        audit.record("sealed_written", "child", uid, by=by.id, fields=sorted(entry.changes))


def keep_refusal(uid: str, *, by: Actor) -> None:
    """Keep that somebody was told of another file, after the entry itself was rolled back.

    Whoever tries out names and phones learns something each time: the place's people see it.
    """
    with transaction():
        audit.record("sealed_twin_told", "child", uid, by=by.id, fields=sorted(LOOKED_UP))


def _may_enter(child: Child, entry: Entry) -> None:
    """Raise when a text is not to be kept, or when the child is on file already."""
    entered = {field for field, text in entry.changes.items() if text}
    if not entry.changes:
        raise RuleBroken(_("什么都没有填，也没有要删去的"))
    if not entered <= set(fields_in_use()):
        raise RuleBroken(_("这一项现在不登记"))
    if not entered & set(LOOKED_UP) or entry.apart:
        return
    texts = opened(child.id, LOOKED_UP) | dict(entry.changes)
    if twin_of(child, {field: text for field, text in texts.items() if text}):
        raise OnFileAlready(
            _(
                "本县已有一份档案登记了同样的姓名和电话，可能是同一个孩子。"
                "请先和县中心核对；确实是另一个孩子，请勾选下面的“已核对”再提交"
            )
        )


def _box(child: Child, seen: int) -> Box:
    """Return the box of a child's own key, made with its first sealed text."""
    with transaction() as session:
        row = session.execute(
            select(ChildSealed.slot, ChildSealed.data_key).where(ChildSealed.child_id == child.id)
        ).first()
        if row is not None:
            slot, data_key = row
        elif seen:
            raise _outdated()
        else:
            (new,) = new_parts([(child.uid, {})])
            insert_once(ChildSealed, child_id=child.id, version=1, **new)
            slot, data_key = new["slot"], new["data_key"]
    return wrapping.unwrapped(data_key, vault().half(slot, child.uid), place("data_key", child.uid))


def _outdated() -> RuleBroken:
    return RuleBroken(_("刚刚有人改过这份档案，请看最新的内容再办"))
