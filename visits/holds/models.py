"""When somebody is taken by a visit: a row a person, one for the child, while the visit is open.

The database itself refuses two that overlap (reminders.md §5.2). PostgreSQL does it by exclusion
constraints; SQLite by triggers, which are sound because it has one writer at a time. Ranges are
half open, with the way to the next visit behind them: whoever leaves on time comes on time.
Visits that are made together are one occasion: the same people may be at all of them at once.
"""

from datetime import datetime

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, event
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

EXTENSION = "btree_gist"


class Hold(Base):
    __tablename__ = "visit_holds"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (child_id IS NULL)", name="whose"),
        CheckConstraint("busy_from < busy_until", name="range"),
        Index(None, "person_id", "busy_until"),
        Index(None, "child_id", "busy_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    child_id: Mapped[int | None] = mapped_column(ForeignKey("children.id"))
    occasion: Mapped[int]
    busy_from: Mapped[datetime]
    busy_until: Mapped[datetime]


def _refusal(when: str, name: str) -> str:
    taken = (
        "SELECT 1 FROM visit_holds AS other WHERE other.{whose} = NEW.{whose}"
        " AND other.id IS NOT NEW.id"
        " AND other.busy_from < NEW.busy_until AND other.busy_until > NEW.busy_from"
    )
    elsewhere = f"{taken.format(whose='person_id')} AND other.occasion <> NEW.occasion"
    overlaps = f"EXISTS ({elsewhere}) OR EXISTS ({taken.format(whose='child_id')})"
    return (
        f"CREATE TRIGGER {name} BEFORE {when} ON visit_holds WHEN {overlaps}"
        " BEGIN SELECT RAISE(ABORT, 'two visits at the same time'); END"
    )


def _exclusion(whose: str, unless: str = "") -> str:
    return (
        f"ALTER TABLE visit_holds ADD CONSTRAINT ex_visit_holds_{whose} EXCLUDE USING gist"
        f" ({whose} WITH =, {unless}tstzrange(busy_from, busy_until, '[)') WITH &&)"
    )


NO_OVERLAP = {
    "sqlite": (
        _refusal("INSERT", "visit_holds_new"),
        _refusal(
            "UPDATE OF person_id, child_id, occasion, busy_from, busy_until", "visit_holds_moved"
        ),
    ),
    "postgresql": (_exclusion("person_id", "occasion WITH <>, "), _exclusion("child_id")),
}
"""What makes the database itself refuse; the migration creates the same."""

_extension = DDL(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION}")  # type: ignore[no-untyped-call]  # as SQLAlchemy ships it
event.listen(Hold.__table__, "before_create", _extension.execute_if(dialect="postgresql"))
for _dialect, _statements in NO_OVERLAP.items():
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # as SQLAlchemy ships it
        event.listen(Hold.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
