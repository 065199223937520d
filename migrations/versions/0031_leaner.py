"""Indexes that hold only the rows somebody looks for: every other costs a page of each commit."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

LEANER = (
    ("sign_ups", ("block_id",), "block_id IS NOT NULL"),
    ("sign_ups", ("person_id",), "person_id IS NOT NULL"),
    ("messages", ("subject_id", "state"), "subject_id IS NOT NULL"),
    ("messages", ("person_id", "sent_at"), "person_id IS NOT NULL"),
)


def upgrade() -> None:
    op.drop_index(op.f("ix_limit_windows_until"), "limit_windows")
    for table, columns, condition in LEANER:
        name = op.f(f"ix_{table}_{'_'.join(columns)}")
        op.drop_index(name, table)
        where = sa.text(condition)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_sign_ups_promise_hash"), type_="unique")
    asked = sa.text("promise_hash IS NOT NULL")
    op.create_index(
        op.f("ix_sign_ups_promise_hash"), "sign_ups", ["promise_hash"], unique=True,
        sqlite_where=asked, postgresql_where=asked,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index(op.f("ix_sign_ups_promise_hash"), "sign_ups")
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.create_unique_constraint(op.f("uq_sign_ups_promise_hash"), ["promise_hash"])
    for table, columns, _condition in LEANER:
        name = op.f(f"ix_{table}_{'_'.join(columns)}")
        op.drop_index(name, table)
        op.create_index(name, table, columns)
    op.create_index(op.f("ix_limit_windows_until"), "limit_windows", ["until"])
