"""Who was there on the day, and whether they have said that they come."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
MOMENTS = ("arrived_at", "left_at", "asked_at", "promised_at")
LEFT = "left_at IS NULL OR (arrived_at IS NOT NULL AND arrived_at <= left_at)"


def upgrade() -> None:
    with op.batch_alter_table("sign_ups") as batch_op:
        for name in MOMENTS:
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("asked", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("promise_hash", sa.String(length=64), nullable=True))
    with op.batch_alter_table("sign_ups") as batch_op:
        batch_op.alter_column("asked", server_default=None)
        batch_op.create_unique_constraint(op.f("uq_sign_ups_promise_hash"), ["promise_hash"])
        batch_op.create_index(op.f("ix_sign_ups_left_at"), ["left_at"])
        batch_op.create_check_constraint(op.f("ck_sign_ups_left"), LEFT)


def downgrade() -> None:
    with op.batch_alter_table("sign_ups") as batch_op:
        batch_op.drop_constraint(op.f("ck_sign_ups_left"), type_="check")
        batch_op.drop_index(op.f("ix_sign_ups_left_at"))
        batch_op.drop_constraint(op.f("uq_sign_ups_promise_hash"), type_="unique")
        for name in (*MOMENTS, "asked", "promise_hash"):
            batch_op.drop_column(name)
