"""Who saw or changed what: rows that are only ever added, with names of fields, never values.

Each row carries a mark that only the holder of the key can make (core.chain). On SQLite, where
writers stand in line anyway, it is made after the mark of the row before, in the transaction of
the deed. PostgreSQL's writers would have to be put in line for that, so there a row is marked by
itself, and core.seals chains batches of rows a few seconds later.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import DDL, ForeignKey, String, event, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, crypto
from core.chain import START, mark, moment, names
from core.db import Base, db

PURPOSE = "audit"
WRITING = 0x7A55
"""The number of the advisory locks by which PostgreSQL's writers tell the rows on their way."""


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
    key_id: Mapped[int]
    mark: Mapped[str] = mapped_column(String(32))


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
            "CREATE OR REPLACE FUNCTION audit_rows_only_added() RETURNS trigger LANGUAGE plpgsql AS"
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


def key_now() -> tuple[int, bytes]:
    """Return the key that marks are made with now, and its id."""
    return crypto.sealer().derived(PURPOSE)


def key_of(key_id: int) -> bytes | None:
    """Return the key with that id, None when this site does not have it."""
    try:
        return crypto.sealer().derived_by(key_id, PURPOSE)
    except crypto.KeyMissing:
        return None


@event.listens_for(Session, "before_flush")
def mark_new_rows(session: Session, _context: object, _instances: object) -> None:
    """Give every new row its number and its mark, however it came into the session."""
    rows = [one for one in session.new if isinstance(one, AuditRow)]
    if not rows:
        return
    key_id, key = key_now()
    for row, (row_id, before) in zip(rows, _places(session, rows), strict=True):
        row.id, row.key_id = row_id, key_id
        raw = (
            row_id, moment(row.at), row.actor_id, row.action, row.kind, row.ref,
            names(row.fields), row.reason,
        )  # fmt: skip
        row.mark = mark(key, before, raw)


def _places(session: Session, rows: Sequence[AuditRow]) -> Iterator[tuple[int, str]]:
    """Yield number and mark before for each row; on SQLite the row's own mark is made meanwhile."""
    if session.get_bind().dialect.name == "postgresql":
        numbers = session.connection().execute(_NUMBERS, {"lock": WRITING, "many": len(rows)})
        yield from ((number, START) for number in numbers.scalars().all())
        return
    row_id, before = session.info.pop("audit_end", None) or _end(session)
    for row in rows:
        row_id += 1
        yield row_id, before
        before = row.mark
    session.info["audit_end"] = row_id, before


_NUMBERS = text(
    "WITH told AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(:lock,"
    " (SELECT last_value - (NOT is_called)::integer FROM audit_rows_id_seq)::integer))"
    " SELECT nextval('audit_rows_id_seq') FROM told, generate_series(1, :many)"
)
"""Numbers for new rows; before it takes any, the transaction tells, until it ends, that all of
its numbers will be greater than the sequence's last one. core.seals stops short of those."""


_LAST = "SELECT id, mark FROM audit_rows ORDER BY id DESC LIMIT 1"


def _end(session: Session) -> tuple[int, str]:
    """Return number and mark of the last row; whoever asks holds the writer's lock."""
    found = session.connection().exec_driver_sql(_LAST).first()  # half the time of a select()
    return (found.id, found.mark) if found else (0, START)


def _forget_the_end(session: Session, *_what: object) -> None:
    """Another may write next, and what is rolled back is not the end any more."""
    session.info.pop("audit_end", None)


for _over in ("after_commit", "after_rollback", "after_soft_rollback"):
    event.listen(Session, _over, _forget_the_end)
