"""Who saw or changed what: rows that are only ever added, with names of fields, never values."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import DDL, ForeignKey, String, event
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, db


class AuditRow(Base):
    __tablename__ = "audit_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    action: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(60), index=True)
    fields: Mapped[list[str]]
    reason: Mapped[str] = mapped_column(String(300))


ONLY_ADDED = {
    "sqlite": (
        (
            "CREATE TRIGGER audit_rows_kept BEFORE DELETE ON audit_rows"
            " BEGIN SELECT RAISE(ABORT, 'audit rows are only ever added'); END"
        ),
        (
            "CREATE TRIGGER audit_rows_fixed BEFORE UPDATE ON audit_rows"
            " BEGIN SELECT RAISE(ABORT, 'audit rows are only ever added'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION audit_rows_only_added() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'audit rows are only ever added'; END $$"
        ),
        (
            "CREATE TRIGGER audit_rows_kept BEFORE UPDATE OR DELETE ON audit_rows"
            " FOR EACH ROW EXECUTE FUNCTION audit_rows_only_added()"
        ),
    ),
}
"""What makes the database itself refuse a change; migrations create the same triggers."""

for _dialect, _statements in ONLY_ADDED.items():
    for _statement in _statements:
        _trigger = DDL(_statement)  # type: ignore[no-untyped-call]  # as SQLAlchemy ships it
        event.listen(AuditRow.__table__, "after_create", _trigger.execute_if(dialect=_dialect))


def record(
    action: str,
    kind: str,
    ref: object,
    *,
    by: int | None,
    fields: Sequence[str] = (),
    reason: str = "",
) -> None:
    """Add a row to the caller's transaction: the deed and its trace are kept or lost together."""
    db.session.add(
        AuditRow(
            at=clock.now(),
            actor_id=by,
            action=action,
            kind=kind,
            ref=str(ref),
            fields=list(fields),
            reason=reason[:300],
        )
    )
