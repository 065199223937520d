"""Three voices on a pairing, what is done where they disagree, and who told the child of its end."""

import sqlalchemy as sa
from alembic import op

import core.db
from core.policies import unwall, wall

revision = "0040"
down_revision = "0039"

FENCED = ("pairing_explanations", "pairing_voices", "pairing_voice_tasks")
OCCASIONS = ("months_3", "months_6", "months_12", "end")
MOMENT = core.db.UtcDateTime(timezone=True)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def _base(table: str, person: str) -> tuple[sa.schema.SchemaItem, ...]:
    """Return what every one of the tables has: a pairing, its child, and who wrote it down."""
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column(person, sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pairing_id"], ["pairings.id"], name=op.f(f"fk_{table}_pairing_id")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["children.id"], name=op.f(f"fk_{table}_child_id")),
        sa.ForeignKeyConstraint([person], ["people.id"], name=op.f(f"fk_{table}_{person}")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    _create_explanations()
    _create_voices()
    _create_tasks()
    for table in FENCED:
        op.create_index(op.f(f"ix_{table}_child_id"), table, ["child_id"])
        if op.get_bind().dialect.name == "postgresql":
            for statement in wall(table):
                op.execute(statement)


def _create_explanations() -> None:
    name = "pairing_explanations"
    op.create_table(
        name,
        *_base(name, "entered_by_id"),
        sa.Column(
            "explained_by",
            _enum("explainer", "team", "director", "guardian", "teacher"),
            nullable=True,
        ),
        sa.Column("explained_on", sa.Date(), nullable=True),
        sa.Column("missing", sa.String(200), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.UniqueConstraint("pairing_id", name=op.f(f"uq_{name}_pairing_id")),
        sa.CheckConstraint(
            "(explained_by IS NULL) = (explained_on IS NULL)"
            " AND (explained_by IS NOT NULL OR missing <> '')",
            name=op.f(f"ck_{name}_said"),
        ),
    )


def _create_voices() -> None:
    name = "pairing_voices"
    op.create_table(
        name,
        *_base(name, "entered_by_id"),
        sa.Column("occasion", _enum("occasion", *OCCASIONS), nullable=False),
        sa.Column("voice", _enum("voice", "team", "guardian", "child"), nullable=False),
        *(sa.Column(one, sa.Integer(), nullable=False) for one in ("well", "heard", "again")),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.UniqueConstraint(
            "pairing_id", "occasion", "voice", name=op.f(f"uq_{name}_pairing_id_occasion_voice")
        ),
        sa.CheckConstraint(
            "well BETWEEN 1 AND 5 AND heard BETWEEN 1 AND 5 AND again BETWEEN 1 AND 5",
            name=op.f(f"ck_{name}_faces"),
        ),
    )


def _create_tasks() -> None:
    name, still = "pairing_voice_tasks", sa.text("settled_at IS NULL")
    op.create_table(
        name,
        *_base(name, "settled_by_id"),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("occasion", _enum("occasion", *OCCASIONS), nullable=False),
        sa.Column("trouble", _enum("trouble", "child_unhappy", "apart"), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(300), nullable=False),
        sa.UniqueConstraint("uid", name=op.f(f"uq_{name}_uid")),
        sa.UniqueConstraint("pairing_id", "occasion", name=op.f(f"uq_{name}_pairing_id_occasion")),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL) AND (settled_at IS NULL OR note <> '')",
            name=op.f(f"ck_{name}_settled"),
        ),
    )
    op.create_index(
        "ix_pairing_voice_tasks_open", name, ["id"], sqlite_where=still, postgresql_where=still
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in FENCED:
            for statement in unwall(table):
                op.execute(statement)
    for table in reversed(FENCED):
        op.drop_table(table)
