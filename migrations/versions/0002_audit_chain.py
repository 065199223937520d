"""audit chain: marks on every row, batches, heads, checks.

Rows that were there before are marked with the key this site has now: from here on a change of
them shows; what happened to them before cannot.
"""

import sqlalchemy as sa
from alembic import op

import core.db
from core.audit import ONLY_ADDED, key_now
from core.chain import START, mark

revision = "0002"
down_revision = "0001"

AT_ONCE = 1_000


def upgrade() -> None:
    _free()
    with op.batch_alter_table("audit_rows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("mark", sa.String(length=32), nullable=True))
    _mark_what_is_there()
    with op.batch_alter_table("audit_rows", schema=None) as batch_op:
        batch_op.alter_column("key_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("mark", existing_type=sa.String(length=32), nullable=False)
    _guard()
    op.create_table(
        "audit_seals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("first_id", name=op.f("uq_audit_seals_first_id")),
        sa.UniqueConstraint("last_id", name=op.f("uq_audit_seals_last_id")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_heads")),
        sa.UniqueConstraint("day", name=op.f("uq_audit_heads_day")),
    )
    op.create_table(
        "audit_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("asked_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("begun_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("head", sa.String(length=60), nullable=True),
        sa.Column(
            "fault",
            sa.Enum(
                "changed", "missing", "cut", "rewritten", "key", "batch",
                name="fault", native_enum=False, length=30,
            ),
            nullable=True,
        ),
        sa.Column("bad_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_audit_checks_asked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checks")),
        sa.UniqueConstraint("day", name=op.f("uq_audit_checks_day")),
    )  # fmt: skip
    with op.batch_alter_table("audit_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_checks_ended_at"), ["ended_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("audit_checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_checks_ended_at"))
    for table in ("audit_checks", "audit_heads", "audit_seals"):
        op.drop_table(table)
    _free()
    with op.batch_alter_table("audit_rows", schema=None) as batch_op:
        batch_op.drop_column("mark")
        batch_op.drop_column("key_id")
    _guard()


def _free() -> None:
    """Take off what refuses changes, for as long as this migration's transaction lasts."""
    on_table = " ON audit_rows" if _on_postgresql() else ""
    for name in ("audit_rows_kept", "audit_rows_fixed"):
        op.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def _guard() -> None:
    for statement in ONLY_ADDED[op.get_bind().dialect.name]:
        op.execute(statement)


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _mark_what_is_there() -> None:
    """Mark the rows of before as new ones are: chained on SQLite, each by itself on PostgreSQL."""
    bind, chained = op.get_bind(), not _on_postgresql()
    key_id, key = key_now()
    at, fields = ("at", "fields") if chained else (
        "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')", "fields::text"
    )  # fmt: skip
    rows = sa.text(
        f"SELECT id, {at}, actor_id, action, kind, ref, {fields}, reason FROM audit_rows"  # noqa: S608 - our own words
        " WHERE id > :after ORDER BY id LIMIT :many"
    )
    fill = sa.text("UPDATE audit_rows SET key_id = :key_id, mark = :mark WHERE id = :id")
    before, after = START, 0
    while found := bind.execute(rows, {"after": after, "many": AT_ONCE}).all():
        marked = []
        for row in found:
            made = mark(key, before, row)
            before = made if chained else START
            marked.append({"id": row.id, "key_id": key_id, "mark": made})
        bind.execute(fill, marked)
        after = found[-1].id
