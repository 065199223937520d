"""Seats of a slot that are kept for a group until a day."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0018"
down_revision = "0017"
CHECKS = {
    "seats": "0 <= taken AND taken <= capacity",
    "released": "released_at IS NULL OR taken = capacity",
}
INDEXES = (("released_at", "expires_at"), ("slot_id", "id"), ("org_id", "id"))
OTHERS = (
    ("slot_id", "slots.id"), ("org_id", "organisations.id"), ("made_by_id", "people.id"),
)  # fmt: skip


def upgrade() -> None:
    moment = core.db.UtcDateTime(timezone=True)
    op.create_table(
        "seat_blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("released_at", moment, nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_seat_blocks_{name}"))
            for name, rule in CHECKS.items()
        ),
        *(
            sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_seat_blocks_{column}"))
            for column, to in OTHERS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_blocks")),
        sa.UniqueConstraint("uid", name=op.f("uq_seat_blocks_uid")),
        sa.UniqueConstraint("code", name=op.f("uq_seat_blocks_code")),
    )
    for columns in INDEXES:
        op.create_index(op.f("ix_seat_blocks_" + "_".join(columns)), "seat_blocks", list(columns))
    with op.batch_alter_table("sign_ups") as batch_op:
        batch_op.add_column(sa.Column("block_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_sign_ups_block_id"), "seat_blocks", ["block_id"], ["id"]
        )
        batch_op.create_index(op.f("ix_sign_ups_block_id"), ["block_id"])


def downgrade() -> None:
    with op.batch_alter_table("sign_ups") as batch_op:
        batch_op.drop_index(op.f("ix_sign_ups_block_id"))
        batch_op.drop_constraint(op.f("fk_sign_ups_block_id"), type_="foreignkey")
        batch_op.drop_column("block_id")
    op.drop_table("seat_blocks")
