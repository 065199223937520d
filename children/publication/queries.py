"""Children as a story's gate knows them: found by their code, told by it, and nothing more."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from accounts.rules import Actor
from children.models import Child
from children.queries import visible
from children.rules import AgeBand
from core.db import db


def by_code(code: str, actor: Actor) -> list[tuple[int, AgeBand]]:
    """Return id and age band of each child of that code that somebody answers for."""
    rows = db.session.execute(
        select(Child.id, Child.age_band)
        .where(Child.alias == code, Child.erased_on.is_(None), visible(actor))
        .limit(2)
    )
    return [(row.id, row.age_band) for row in rows]


def codes(ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return code and file of the children among these that whoever asks may see."""
    rows = db.session.execute(
        select(Child.id, Child.alias, Child.uid).where(Child.id.in_(list(ids)))
    )
    return {row.id: {"code": row.alias, "file": row.uid} for row in rows}
