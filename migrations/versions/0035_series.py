"""Series of visits, and what became of each of their days."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0035"
down_revision = "0034"

MOMENT = core.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "visit_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(80), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("local_start", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(40), nullable=False),
        sa.Column("policy", _enum("holidaypolicy", "skip", "shift", "keep"), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("place_kind", PLACE_KIND, nullable=False),
        sa.Column("place_text", sa.String(80), nullable=False),
        sa.Column("home_agreed", sa.Boolean(), nullable=False),
        sa.Column("escort_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expanded_until", sa.Date(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=True),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_visit_series_minutes")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_visit_series_{column}")
            )
            for column, other in (
                ("pairing_id", "pairings"), ("escort_id", "people"), ("made_by_id", "people"),
                ("county_id", "areas"), ("township_id", "areas"), ("village_id", "areas"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_series")),
        sa.UniqueConstraint("uid", name=op.f("uq_visit_series_uid")),
    )  # fmt: skip
    op.create_table(
        "visit_occurrences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(16), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column(
            "outcome", _enum("outcome", "planned", "refused", "skipped", "dropped"), nullable=False
        ),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(outcome = 'planned') = (visit_id IS NOT NULL)",
            name=op.f("ck_visit_occurrences_planned"),
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["visit_series.id"], name=op.f("fk_visit_occurrences_series_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_occurrences_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_occurrences")),
        sa.UniqueConstraint("series_id", "key", name=op.f("uq_visit_occurrences_series_id_key")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_visit_occurrences_visit_id")),
    )
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


INDEXES = (
    *(
        (f"ix_visit_series_{column}", "visit_series", [column])
        for column in ("county_id", "township_id", "village_id")
    ),
    ("ix_visit_series_pairing_id_id", "visit_series", ["pairing_id", "id"]),
    ("ix_visit_series_ended_at_expanded_until", "visit_series", ["ended_at", "expanded_until"]),
    ("ix_visit_occurrences_outcome_starts_at_id", "visit_occurrences",
     ["outcome", "starts_at", "id"]),
)  # fmt: skip


def downgrade() -> None:
    op.drop_table("visit_occurrences")
    op.drop_table("visit_series")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=30)


PLACE_KIND = _enum("placekind", "station", "children_house", "school_room", "library", "home")
