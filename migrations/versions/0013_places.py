"""Places where a campaign's posters hang, how often each code was scanned, closing reports."""

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
    op.create_table(
        "closing_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by_id IS NULL)",
            name=op.f("ck_closing_reports_published"),
        ),
        sa.CheckConstraint(
            "published_by_id <> written_by_id", name=op.f("ck_closing_reports_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_closing_reports_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["people.id"], name=op.f("fk_closing_reports_published_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["people.id"], name=op.f("fk_closing_reports_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing_reports")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_closing_reports_campaign_id")),
    )


def downgrade() -> None:
    op.drop_table("closing_reports")
    op.drop_table("place_scans")
    op.drop_table("campaign_places")
