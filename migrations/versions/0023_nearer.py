"""In which county a poster hangs."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0017"


def upgrade() -> None:
    with op.batch_alter_table("campaign_places") as batch_op:
        batch_op.add_column(sa.Column("county_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_campaign_places_county_id"), "areas", ["county_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("campaign_places") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_campaign_places_county_id"), type_="foreignkey")
        batch_op.drop_column("county_id")
