"""What is agreed for a pairing's visits, the steps of a lapse, days without visits."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0036"
down_revision = "0035"

MOMENT = core.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "visit_contracts",
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("first_accompanied", sa.Integer(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.CheckConstraint("every_days BETWEEN 7 AND 90", name=op.f("ck_visit_contracts_every")),
        sa.CheckConstraint(
            "0 <= window_days AND window_days < every_days", name=op.f("ck_visit_contracts_window")
        ),
        sa.CheckConstraint("first_accompanied >= 0", name=op.f("ck_visit_contracts_first")),
        *_to("visit_contracts", pairing_id="pairings", set_by_id="people"),
        sa.PrimaryKeyConstraint("pairing_id", name=op.f("pk_visit_contracts")),
    )
    op.create_table(
        "bad_weather_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        *_to("bad_weather_days", county_id="areas", said_by_id="people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bad_weather_days")),
        sa.UniqueConstraint("uid", name=op.f("uq_bad_weather_days_uid")),
        sa.UniqueConstraint("county_id", "day", name=op.f("uq_bad_weather_days_county_id_day")),
    )
    op.create_table(
        "lapse_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("window_on", sa.Date(), nullable=False),
        sa.Column(
            "step", _enum("step", "remind", "task", "notice", "pause", "end"), nullable=False
        ),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("answer", _enum("check", "well", "wants_visit", "concern"), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)"
            " AND (answer IS NULL) = (answered_by_id IS NULL)",
            name=op.f("ck_lapse_steps_answered"),
        ),
        *_to("lapse_steps", pairing_id="pairings", answered_by_id="people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lapse_steps")),
        sa.UniqueConstraint(
            "pairing_id", "window_on", "step", name=op.f("uq_lapse_steps_pairing_id_window_on_step")
        ),
    )
    op.create_index(
        "ix_lapse_steps_answered_at_pairing_id", "lapse_steps", ["answered_at", "pairing_id"]
    )


def downgrade() -> None:
    for table in ("lapse_steps", "bad_weather_days", "visit_contracts"):
        op.drop_table(table)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def _to(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in columns.items()
    ]
