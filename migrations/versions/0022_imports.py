"""Lists of members that are brought for a group's seats."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0022"
down_revision = "0021"
STATES = ("checking", "checked", "refused", "confirming", "done", "undone", "expired")
FATES = (
    "good", "same_name", "placed", "already", "twice", "header", "id_number", "no_name", "bad_name",
    "no_contact", "bad_phone", "bad_email", "bad_language", "too_often", "full", "closed",
)  # fmt: skip
RUN_INDEXES = (("by_id", "block_id", "id"), ("block_id",), ("state", "touched_at"))


def upgrade() -> None:
    moment = core.db.UtcDateTime(timezone=True)
    op.create_table(
        "import_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("ending", sa.String(length=4), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column(
            "state", sa.Enum(*STATES, name="state", native_enum=False, length=30), nullable=False
        ),
        sa.Column("claimed_at", moment, nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("same_names", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("touched_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["block_id"], ["seat_blocks.id"], name=op.f("fk_import_runs_block_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_import_runs_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
        sa.UniqueConstraint("uid", name=op.f("uq_import_runs_uid")),
    )
    for columns in RUN_INDEXES:
        op.create_index(op.f("ix_import_runs_" + "_".join(columns)), "import_runs", list(columns))
    op.create_table(
        "import_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.String(length=120), nullable=False)
            for name in ("name", "phone", "email", "language")
        ),
        sa.Column("contact", sa.String(length=120), nullable=True),
        sa.Column("spoken", sa.String(length=10), nullable=False),
        sa.Column(
            "fate", sa.Enum(*FATES, name="fate", native_enum=False, length=30), nullable=False
        ),
        sa.Column("other", sa.Integer(), nullable=True),
        sa.Column("placed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["import_runs.id"], name=op.f("fk_import_rows_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_import_rows_run_id_number")),
    )
    op.create_index(
        op.f("ix_import_rows_run_id_fate_number"), "import_rows", ["run_id", "fate", "number"]
    )


def downgrade() -> None:
    op.drop_table("import_rows")
    op.drop_table("import_runs")
