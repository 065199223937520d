"""Alerts, requests that take two people, and exports."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "too_many_reveals",
                "decoy_opened",
                "sign_in_flood",
                "audit_broken",
                "export_flood",
                "concern",
                name="alertkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "acknowledged",
                "closed",
                "false_alarm",
                name="alertstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("proposal", sa.String(length=300), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "state <> 'false_alarm' OR (closed_by_id IS NOT NULL AND proposed_by_id IS NOT NULL AND closed_by_id <> proposed_by_id)",
            name=op.f("ck_alerts_two_people"),
        ),
        sa.CheckConstraint("closed_by_id <> about_id", name=op.f("ck_alerts_not_oneself")),
        sa.ForeignKeyConstraint(["about_id"], ["people.id"], name=op.f("fk_alerts_about_id")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["people.id"], name=op.f("fk_alerts_acknowledged_by_id")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_alerts_area_id")),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["people.id"], name=op.f("fk_alerts_closed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["people.id"], name=op.f("fk_alerts_proposed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("key", name=op.f("uq_alerts_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_alerts_uid")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alerts_about_id"), ["about_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_alerts_state_area_id"), ["state", "area_id"], unique=False
        )

    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "approved",
                "declined",
                "withdrawn",
                "expired",
                name="step",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("carried_out_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'approved') = (carried_out_at IS NOT NULL)",
            name=op.f("ck_approvals_carried_out"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'declined') OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_approvals_decided"),
        ),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name=op.f("ck_approvals_two_people")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_approvals_area_id")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_approvals_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people.id"], name=op.f("fk_approvals_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint("uid", name=op.f("uq_approvals_uid")),
    )
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approvals_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_approvals_state_kind"), ["state", "kind"], unique=False
        )
        batch_op.create_index(
            "uq_approvals_open",
            ["kind", "subject"],
            unique=True,
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        )

    op.create_table(
        "exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column(
            "format",
            sa.Enum("xlsx", "csv", name="format", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "queued",
                "making",
                "ready",
                "fetched",
                "expired",
                "refused",
                "failed",
                name="exportstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("claimed_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("made_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("file_name", sa.String(length=43), nullable=True),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approvals.id"], name=op.f("fk_exports_approval_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_exports_asked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        sa.UniqueConstraint("uid", name=op.f("uq_exports_uid")),
    )
    with op.batch_alter_table("exports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exports_approval_id"), ["approval_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_exports_asked_by_id_asked_at"), ["asked_by_id", "asked_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_exports_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("exports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exports_state"))
        batch_op.drop_index(batch_op.f("ix_exports_asked_by_id_asked_at"))
        batch_op.drop_index(batch_op.f("ix_exports_approval_id"))

    op.drop_table("exports")
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_approvals_open",
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        )
        batch_op.drop_index(batch_op.f("ix_approvals_state_kind"))
        batch_op.drop_index(batch_op.f("ix_approvals_asked_by_id"))

    op.drop_table("approvals")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alerts_state_area_id"))
        batch_op.drop_index(batch_op.f("ix_alerts_about_id"))

    op.drop_table("alerts")
