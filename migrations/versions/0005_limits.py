"""how often: windows of counted tries; when a password was set."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "limit_windows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("moments", sa.JSON(), nullable=False),
        sa.Column("until", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_windows")),
        sa.UniqueConstraint("key", name=op.f("uq_limit_windows_key")),
    )
    with op.batch_alter_table("limit_windows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_limit_windows_until"), ["until"], unique=False)
    # not in a batch: that would make the table anew, which rows that name its people forbid
    op.add_column(
        "people", sa.Column("password_set_at", core.db.UtcDateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("people", "password_set_at")
    with op.batch_alter_table("limit_windows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_limit_windows_until"))

    op.drop_table("limit_windows")
