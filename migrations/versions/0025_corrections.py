"""Closing reports in versions: a published one can be corrected, and what was before it stays."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0025"
down_revision = "0024"
TABLE = "closing_reports"
OPEN = "published_at IS NULL AND given_up_at IS NULL"
ADDED = {
    "reason": "number >= 1 AND (number = 1 OR reason <> '')",
    "given_up": (
        "(given_up_at IS NULL) = (given_up_by_id IS NULL)"
        " AND (given_up_at IS NULL OR (published_at IS NULL AND number > 1))"
    ),
}
FILLED = ("number", "reason", "reason_en", "version")


def upgrade() -> None:
    moment = core.db.UtcDateTime(timezone=True)
    with op.batch_alter_table(TABLE) as batch_op:
        for name in ("number", "version"):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="1"))
        for name in ("reason", "reason_en"):
            batch_op.add_column(sa.Column(name, sa.String(200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("begun_at", moment, nullable=True))
        batch_op.add_column(sa.Column("given_up_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("given_up_at", moment, nullable=True))
    op.execute(sa.text("UPDATE closing_reports SET begun_at = written_at"))
    with op.batch_alter_table(TABLE) as batch_op:
        batch_op.alter_column("begun_at", existing_type=moment, nullable=False)
        for name in FILLED:
            batch_op.alter_column(name, server_default=None)
        batch_op.create_foreign_key(
            op.f("fk_closing_reports_given_up_by_id"), "people", ["given_up_by_id"], ["id"]
        )
        batch_op.drop_constraint(op.f("uq_closing_reports_campaign_id"), type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_closing_reports_campaign_id_number"), ["campaign_id", "number"]
        )
        for name, rule in ADDED.items():
            batch_op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), rule)
    op.create_index(
        "uq_closing_reports_open",
        TABLE,
        ["campaign_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )


def downgrade() -> None:
    """What is public stays so, without its reason; earlier and unpublished versions go."""
    op.execute(
        sa.text(
            "DELETE FROM closing_reports WHERE (number > 1 AND published_at IS NULL)"
            " OR EXISTS (SELECT 1 FROM closing_reports AS later"
            " WHERE later.campaign_id = closing_reports.campaign_id"
            " AND later.number > closing_reports.number AND later.published_at IS NOT NULL)"
        )
    )
    op.drop_index("uq_closing_reports_open", table_name=TABLE)
    with op.batch_alter_table(TABLE) as batch_op:
        for name in ADDED:
            batch_op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), type_="check")
        batch_op.drop_constraint(op.f("uq_closing_reports_campaign_id_number"), type_="unique")
        batch_op.drop_constraint(op.f("fk_closing_reports_given_up_by_id"), type_="foreignkey")
        for name in (*FILLED, "begun_at", "given_up_by_id", "given_up_at"):
            batch_op.drop_column(name)
        batch_op.create_unique_constraint(op.f("uq_closing_reports_campaign_id"), ["campaign_id"])
