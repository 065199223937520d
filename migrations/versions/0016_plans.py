"""Which protections and plans a campaign serves."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    with op.batch_alter_table("campaigns") as batch_op:
        for name in ("protections", "plans"):
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("campaigns") as batch_op:
        for name in ("protections", "plans"):
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("campaigns") as batch_op:
        for name in ("protections", "plans"):
            batch_op.drop_column(name)
