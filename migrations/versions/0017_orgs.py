"""Where an organisation stands that works, or wants to work, with a county's centre."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0017"
down_revision = "0016"
KINDS = (
    "bureau", "committee_office", "member_unit", "center", "station", "welfare_home", "social_org",
    "university", "partner",
)  # fmt: skip
STATES = (
    "applied", "verified", "agreement_signed", "active", "suspended", "declined", "left",
)  # fmt: skip
CHECKS = {
    "code": "kind <> 'social_org' OR credit_code IS NOT NULL",
    "organisation": "state NOT IN ('active', 'suspended') OR org_id IS NOT NULL",
    "agreement": "state NOT IN ('agreement_signed', 'active') OR agreement_until IS NOT NULL",
    "two_people": "activated_by_id <> verified_by_id",
    "somebody": (
        "state NOT IN ('active', 'suspended')"
        " OR (verified_by_id IS NOT NULL AND activated_by_id IS NOT NULL)"
    ),
}
STILL_OPEN = sa.text("state NOT IN ('declined', 'left')")


def upgrade() -> None:
    op.create_table(
        "org_standings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind", sa.Enum(*KINDS, name="orgkind", native_enum=False, length=30), nullable=False
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("contact_name", sa.String(length=40), nullable=False),
        sa.Column("contact_phone", sa.String(length=11), nullable=False),
        sa.Column("lead_name", sa.String(length=40), nullable=False),
        sa.Column("lead_phone", sa.String(length=11), nullable=False),
        sa.Column(
            "state", sa.Enum(*STATES, name="state", native_enum=False, length=30), nullable=False
        ),
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.Column("agreement_until", sa.Date(), nullable=True),
        sa.Column("applied_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("activated_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_org_standings_{name}"))
            for name, rule in CHECKS.items()
        ),
        *(
            sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_org_standings_{column}"))
            for column, to in (
                ("county_id", "areas.id"),
                ("org_id", "organisations.id"),
                ("verified_by_id", "people.id"),
                ("activated_by_id", "people.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_standings")),
        sa.UniqueConstraint("uid", name=op.f("uq_org_standings_uid")),
        sa.UniqueConstraint("org_id", name=op.f("uq_org_standings_org_id")),
    )
    op.create_index(
        op.f("ix_org_standings_county_id_state_id"), "org_standings", ["county_id", "state", "id"]
    )
    op.create_index(
        "uq_org_standings_open",
        "org_standings",
        ["county_id", "name"],
        unique=True,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    )


def downgrade() -> None:
    op.drop_table("org_standings")
