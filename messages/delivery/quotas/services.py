"""How often somebody is disturbed from outside the site: so many a day, and not one after another.

The row's own condition is the lock: of any number of processes no more than the limit get through.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import Executable, Table, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock
from core.db import transaction
from core.zone import CHINA
from messages.models import Quota

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages a day to one person, and the time between two of them."""

    a_day: int
    gap: timedelta


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody has had enough for now: again at a moment, or not today."""

    again_at: datetime | None


def take(
    session: Session, person_ids: Collection[int], now: datetime, limits: Limits
) -> dict[int, Refused]:
    """Count one message to each of the people, and return those who may not have it now."""
    if not person_ids:
        return {}
    day = now.astimezone(CHINA).date()
    given = {"now": now, "before": now - limits.gap, "a_day": limits.a_day}
    granted = set[int]()
    for person_id in sorted(person_ids):  # always in one order: two processes never wait crosswise
        granted |= set(
            session.connection().scalars(
                _counted(session.get_bind().dialect.name), given | {"of": person_id, "day": day}
            )
        )
    refused = set(person_ids) - granted
    if not refused:
        return {}
    rows = session.execute(
        select(Quota.person_id, Quota.sent, Quota.last_at).where(
            Quota.person_id.in_(refused), Quota.day == day
        )
    )
    return {
        row.person_id: Refused(None if row.sent >= limits.a_day else row.last_at + limits.gap)
        for row in rows
    }


@cache
def _counted(dialect: str) -> Executable:
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    table = cast("Table", Quota.__table__)
    added = insert(table).values(
        person_id=bindparam("of"), day=bindparam("day"), sent=1, last_at=bindparam("now")
    )
    again: Executable = added.on_conflict_do_update(
        index_elements=[table.c.person_id, table.c.day],
        set_={"sent": table.c.sent + 1, "last_at": added.excluded.last_at},
        where=(table.c.sent < bindparam("a_day")) & (table.c.last_at <= bindparam("before")),
    ).returning(table.c.person_id)
    return again


def give_back(session: Session, person_ids: Collection[int], now: datetime) -> None:
    """Take back the count of what did not leave after all, in the caller's transaction."""
    day = now.astimezone(CHINA).date()
    for row in session.scalars(
        select(Quota)
        .where(Quota.person_id.in_(person_ids), Quota.day == day)
        .order_by(Quota.person_id)
        .with_for_update()
    ):
        row.sent = max(row.sent - 1, 0)
        row.last_at -= timedelta(days=1)


def forget() -> None:
    """Drop the counts of past days."""
    with transaction() as session:
        session.execute(delete(Quota).where(Quota.day < clock.today() - KEPT))
