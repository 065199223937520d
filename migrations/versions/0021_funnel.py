"""One counter for every look at a campaign, which the scans of posters become part of."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
STEPS = ("viewed", "opened", "held")
KEY = ["campaign_id", "day", "step", "source", "area_id"]
INTO_COUNTS = """
INSERT INTO funnel_counts (campaign_id, day, step, source, area_id, count)
SELECT campaigns.id, place_scans.day, 'viewed', campaign_places.tag, campaigns.area_id,
       place_scans.count
FROM place_scans
JOIN campaign_places ON campaign_places.id = place_scans.place_id
JOIN campaigns ON campaigns.id = campaign_places.campaign_id
"""
INTO_SCANS = """
INSERT INTO place_scans (place_id, day, count)
SELECT campaign_places.id, funnel_counts.day, SUM(funnel_counts.count)
FROM funnel_counts
JOIN campaign_places ON campaign_places.tag = funnel_counts.source
WHERE funnel_counts.step = 'viewed'
GROUP BY campaign_places.id, funnel_counts.day
"""


def upgrade() -> None:
    op.create_table(
        "funnel_counts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "step", sa.Enum(*STEPS, name="step", native_enum=False, length=30), nullable=False
        ),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_funnel_counts_count")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_funnel_counts_area_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_funnel_counts_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funnel_counts")),
        sa.UniqueConstraint(*KEY, name=op.f("uq_funnel_counts_" + "_".join(KEY))),
    )
    op.execute(INTO_COUNTS)
    op.drop_table("place_scans")
    with op.batch_alter_table("sign_ups") as batch_op:
        batch_op.add_column(
            sa.Column("source", sa.String(length=8), nullable=False, server_default="")
        )
    with op.batch_alter_table("sign_ups") as batch_op:
        batch_op.alter_column("source", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("sign_ups") as batch_op:
        batch_op.drop_column("source")
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
    op.execute(INTO_SCANS)
    op.drop_table("funnel_counts")
