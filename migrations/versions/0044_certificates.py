"""Certificates of service, the keys that sign them, and batches of them."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0044"
down_revision = "0041"

STATE = sa.Enum(
    "requested", "issued", "superseded", "voided", "declined", "withdrawn",
    name="state", native_enum=False, length=30,
)  # fmt: skip
BATCH = sa.Enum(
    "waiting", "running", "ready", "cancelled", name="state", native_enum=False, length=30
)


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, core.db.UtcDateTime(timezone=True), nullable=nullable)


def _keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("public", sa.String(64), nullable=False),
        sa.Column("private", sa.String(300), nullable=False),
        sa.Column("signs", sa.Boolean(), nullable=True),
        _time("made_at", nullable=False),
        _time("retired_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
        sa.UniqueConstraint("signs", name=op.f("uq_signing_keys_signs")),
        sa.UniqueConstraint("uid", name=op.f("uq_signing_keys_uid")),
    )


def _batches() -> None:
    op.create_table(
        "certificate_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("state", BATCH, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        _time("asked_at", nullable=False),
        _time("claimed_at"),
        _time("touched_at"),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_certificate_batches_days")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_certificate_batches_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_id"], ["areas.id"], name=op.f("fk_certificate_batches_county_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisations.id"], name=op.f("fk_certificate_batches_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batches")),
        sa.UniqueConstraint("uid", name=op.f("uq_certificate_batches_uid")),
    )
    op.create_index(
        op.f("ix_certificate_batches_county_id_id"), "certificate_batches", ["county_id", "id"]
    )
    op.create_index(op.f("ix_certificate_batches_state"), "certificate_batches", ["state"])


def _certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("code", sa.String(22), nullable=False),
        sa.Column("number", sa.String(20), nullable=True),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("state", STATE, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("blocks", sa.Text(), nullable=True),
        sa.Column("signature", sa.String(128), nullable=True),
        sa.Column("key_id", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        _time("asked_at", nullable=False),
        _time("issued_at"),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        _time("fetched_at"),
        _time("ended_at"),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_certificates_days")),
        sa.CheckConstraint(
            "state NOT IN ('issued', 'superseded', 'voided')"
            " OR (number IS NOT NULL AND key_id IS NOT NULL AND issued_at IS NOT NULL)",
            name=op.f("ck_certificates_issued"),
        ),
        *_links(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        *(
            sa.UniqueConstraint(name, name=op.f(f"uq_certificates_{name}"))
            for name in ("code", "number", "replaces_id", "uid")
        ),
    )


def _links() -> list[sa.ForeignKeyConstraint]:
    targets = {
        "batch_id": "certificate_batches", "county_id": "areas", "ended_by_id": "people",
        "issued_by_id": "people", "key_id": "signing_keys", "replaces_id": "certificates",
        "volunteer_id": "volunteers",
    }  # fmt: skip
    return [
        sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_certificates_{name}"))
        for name, table in targets.items()
    ]


def upgrade() -> None:
    _keys()
    _batches()
    _certificates()
    op.create_index(
        op.f("ix_certificates_county_id_state_id"), "certificates", ["county_id", "state", "id"]
    )
    op.create_index(op.f("ix_certificates_volunteer_id"), "certificates", ["volunteer_id"])
    some = sa.text("batch_id IS NOT NULL")
    op.create_index(
        op.f("ix_certificates_batch_id_id"), "certificates", ["batch_id", "id"],
        sqlite_where=some, postgresql_where=some,
    )  # fmt: skip
    asked = sa.text("state = 'requested'")
    valid = sa.text("state = 'issued'")
    op.create_index(
        "uq_certificates_issued", "certificates", ["volunteer_id", "from_on", "until_on"],
        unique=True, sqlite_where=valid, postgresql_where=valid,
    )  # fmt: skip
    op.create_index(
        "uq_certificates_requested", "certificates", ["volunteer_id"], unique=True,
        sqlite_where=asked, postgresql_where=asked,
    )  # fmt: skip


def downgrade() -> None:
    for table in ("certificates", "certificate_batches", "signing_keys"):
        op.drop_table(table)
