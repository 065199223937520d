"""sealed parts of children's files."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0003"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "key_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_checks")),
    )
    op.create_table(
        "erased_child_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("erased_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased_child_keys")),
        sa.UniqueConstraint("slot", name=op.f("uq_erased_child_keys_slot")),
    )
    op.create_table(
        "children_sealed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("data_key", sa.Text(), nullable=False),
        sa.Column("real_name", sa.Text(), nullable=True),
        sa.Column("guardian_phone", sa.Text(), nullable=True),
        sa.Column("exact_place", sa.Text(), nullable=True),
        sa.Column("health", sa.Text(), nullable=True),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("real_name_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("guardian_phone_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["children.id"], name=op.f("fk_children_sealed_child_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_children_sealed")),
        sa.UniqueConstraint("child_id", name=op.f("uq_children_sealed_child_id")),
    )
    for name in ("real_name_index", "guardian_phone_index"):
        op.create_index(op.f(f"ix_children_sealed_{name}"), "children_sealed", [name])


def downgrade() -> None:
    op.drop_table("children_sealed")
    op.drop_table("erased_child_keys")
    op.drop_table("key_checks")
