"""Where the posters of a campaign hang, and how often each one's code was scanned."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "campaign_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("tag", sa.String(length=8), nullable=False),
        sa.Column("added_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_places_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_places")),
        sa.UniqueConstraint(
            "campaign_id", "name", name=op.f("uq_campaign_places_campaign_id_name")
        ),
        sa.UniqueConstraint("tag", name=op.f("uq_campaign_places_tag")),
        sa.UniqueConstraint("uid", name=op.f("uq_campaign_places_uid")),
    )
    op.create_table(
        "place_scans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["place_id"], ["campaign_places.id"], name=op.f("fk_place_scans_place_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_scans")),
        sa.UniqueConstraint("place_id", "day", name=op.f("uq_place_scans_place_id_day")),
    )


def downgrade() -> None:
    op.drop_table("place_scans")
    op.drop_table("campaign_places")
