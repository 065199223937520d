"""pictures of campaigns."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "campaign_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(length=120), nullable=False),
        sa.Column("alt_en", sa.String(length=200), nullable=False),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["people.id"], name=op.f("fk_campaign_pictures_added_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_pictures_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_pictures")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_campaign_pictures_campaign_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_campaign_pictures_uid")),
    )


def downgrade() -> None:
    op.drop_table("campaign_pictures")
