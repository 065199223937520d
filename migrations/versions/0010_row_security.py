"""row-level security around the tables about children."""

from alembic import op

from core.policies import unwall, wall

revision = "0010"
down_revision = "0009"
down_revision = "0006"
TABLES = ("children", "child_free_times", "consents")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES:
        for statement in wall(table):
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in reversed(TABLES):
        for statement in unwall(table):
            op.execute(statement)
