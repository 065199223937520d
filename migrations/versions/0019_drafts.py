"""Drafts of long forms, and campaigns that are published at an hour."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    moment = core.db.UtcDateTime(timezone=True)
    op.create_table(
        "form_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_form_drafts_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_drafts")),
        sa.UniqueConstraint("person_id", "path", name=op.f("uq_form_drafts_person_id_path")),
    )
    op.create_index(op.f("ix_form_drafts_saved_at"), "form_drafts", ["saved_at"])
    with op.batch_alter_table("campaigns") as batch_op:
        batch_op.add_column(sa.Column("publish_at", moment, nullable=True))
        batch_op.add_column(sa.Column("publish_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_campaigns_publish_by_id"), "people", ["publish_by_id"], ["id"]
        )
        batch_op.create_index(op.f("ix_campaigns_publish_at"), ["publish_at"])


def downgrade() -> None:
    with op.batch_alter_table("campaigns") as batch_op:
        batch_op.drop_index(op.f("ix_campaigns_publish_at"))
        batch_op.drop_constraint(op.f("fk_campaigns_publish_by_id"), type_="foreignkey")
        batch_op.drop_column("publish_by_id")
        batch_op.drop_column("publish_at")
    op.drop_table("form_drafts")
