"""Access by request: grants, reveals, decoys."""

import sqlalchemy as sa
from alembic import op

import core.db
from core.policies import wall

revision = "0007"
down_revision = "0006"

TABLES = ("access_grants", "reveals", "decoy_children")
REASONS = ("visit", "call_guardian", "safety", "consent", "aid", "correction", "other")


def upgrade() -> None:
    op.create_table(
        "access_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(*REASONS, name="reason", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "active",
                "declined",
                "expired",
                "revoked",
                name="grantstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("requested_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=200), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=True),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "decided_by_id <> requested_by_id", name=op.f("ck_access_grants_two_people")
        ),
        sa.CheckConstraint(
            "state <> 'active' OR (decided_by_id IS NOT NULL AND expires_at IS NOT NULL)",
            name=op.f("ck_access_grants_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["child_id"],
            ["children.id"],
            name=op.f("fk_access_grants_child_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["county_id"], ["areas.id"], name=op.f("fk_access_grants_county_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people.id"], name=op.f("fk_access_grants_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["people.id"], name=op.f("fk_access_grants_ended_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["people.id"], name=op.f("fk_access_grants_requested_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["township_id"], ["areas.id"], name=op.f("fk_access_grants_township_id")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["areas.id"], name=op.f("fk_access_grants_village_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grants")),
        sa.UniqueConstraint("uid", name=op.f("uq_access_grants_uid")),
    )
    with op.batch_alter_table("access_grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_grants_child_id"), ["child_id"])
        batch_op.create_index(batch_op.f("ix_access_grants_county_id"), ["county_id"])
        batch_op.create_index(batch_op.f("ix_access_grants_township_id"), ["township_id"])
        batch_op.create_index(batch_op.f("ix_access_grants_village_id"), ["village_id"])
        batch_op.create_index(
            batch_op.f("ix_access_grants_requested_by_id_child_id_state"),
            ["requested_by_id", "child_id", "state"],
        )
        batch_op.create_index(
            batch_op.f("ix_access_grants_state_county_id_id"), ["state", "county_id", "id"]
        )
    op.create_table(
        "reveals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "ground",
            sa.Enum("standing", "visit", "grant", name="ground", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("grant_id", sa.Integer(), nullable=True),
        sa.Column(
            "reason", sa.Enum(*REASONS, name="reason", native_enum=False, length=30), nullable=False
        ),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["children.id"], name=op.f("fk_reveals_child_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["access_grants.id"], name=op.f("fk_reveals_grant_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reveals_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveals")),
    )
    with op.batch_alter_table("reveals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reveals_child_id"), ["child_id"])
        batch_op.create_index(batch_op.f("ix_reveals_person_id_at"), ["person_id", "at"])
    op.create_table(
        "decoy_children",
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("planted_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"],
            ["children.id"],
            name=op.f("fk_decoy_children_child_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("child_id", name=op.f("pk_decoy_children")),
    )

    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            for statement in wall(table):
                op.execute(statement)


def downgrade() -> None:
    op.drop_table("decoy_children")
    op.drop_table("reveals")
    op.drop_table("access_grants")
