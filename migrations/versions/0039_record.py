"""What worries somebody about a visited child, what became of its needs, and how many parcels."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0039"
down_revision = "0038"

NEED = sa.Enum("none", "met", "new", "changed", name="needchange", native_enum=False, length=30)
STATE = sa.Enum("draft", "raised", name="state", native_enum=False, length=30)
DRAFT = sa.text("state = 'draft'")


def upgrade() -> None:
    with op.batch_alter_table("visit_records") as batch:
        batch.add_column(sa.Column("need_change", NEED, nullable=True))
        batch.add_column(sa.Column("parcels", sa.Integer(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_visit_records_parcels"), "parcels IS NULL OR parcels BETWEEN 1 AND 99"
        )
    op.create_table(
        "visit_concerns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("raised_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'raised') = (raised_at IS NOT NULL)", name=op.f("ck_visit_concerns_raised")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_concerns_visit_id")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["people.id"], name=op.f("fk_visit_concerns_opened_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_concerns")),
        sa.UniqueConstraint("uid", name=op.f("uq_visit_concerns_uid")),
    )
    op.create_index(op.f("ix_visit_concerns_visit_id_id"), "visit_concerns", ["visit_id", "id"])
    op.create_index(
        "uq_visit_concerns_draft", "visit_concerns", ["visit_id", "opened_by_id"], unique=True,
        sqlite_where=DRAFT, postgresql_where=DRAFT,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("visit_concerns")
    with op.batch_alter_table("visit_records") as batch:
        batch.drop_constraint(op.f("ck_visit_records_parcels"), type_="check")
        batch.drop_column("parcels")
        batch.drop_column("need_change")
