"""Filters of a list that somebody keeps under a name."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(20), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("args", sa.String(300), nullable=False),
        sa.Column("saved_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_saved_filters_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint(
            "person_id", "place", "name", name=op.f("uq_saved_filters_person_id_place_name")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_saved_filters_uid")),
    )


def downgrade() -> None:
    op.drop_table("saved_filters")
