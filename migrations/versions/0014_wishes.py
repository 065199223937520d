"""Small wishes by code, and the claims of those who grant them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
AGES = ("0-5", "6-8", "9-11", "12-14", "15-17")
STATES = ("proposed", "returned", "open", "withdrawn")
SEATS = (
    "held", "waiting", "offered", "confirmed", "arrived", "completed", "abandoned", "no_show",
    "cancelled",
)  # fmt: skip


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("item_en", sa.String(length=120), nullable=False),
        sa.Column("size", sa.String(length=20), nullable=False),
        sa.Column("ages", _one_of("ages", AGES), nullable=False),
        sa.Column("estimate", sa.Integer(), nullable=False),
        sa.Column("state", _one_of("wishstate", STATES), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "capacity = 1 AND 0 <= taken AND taken <= capacity", name=op.f("ck_wishes_one")
        ),
        sa.CheckConstraint("estimate >= 1", name=op.f("ck_wishes_estimate")),
        sa.CheckConstraint(
            "state <> 'open' OR (approved_by_id IS NOT NULL AND approved_by_id <> written_by_id)",
            name=op.f("ck_wishes_second_person"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_wishes_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["organisations.id"], name=op.f("fk_wishes_centre_id")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["people.id"], name=op.f("fk_wishes_written_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["people.id"], name=op.f("fk_wishes_approved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
        sa.UniqueConstraint("uid", name=op.f("uq_wishes_uid")),
        sa.UniqueConstraint("code", name=op.f("uq_wishes_code")),
    )
    op.create_index(
        op.f("ix_wishes_campaign_id_state_taken_id"),
        "wishes",
        ["campaign_id", "state", "taken", "id"],
    )
    op.create_index(op.f("ix_wishes_centre_id_state_id"), "wishes", ["centre_id", "state", "id"])
    op.create_table(
        "wish_claims",
        sa.Column("state", _one_of("seatstate", SEATS), nullable=False),
        sa.Column("party", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=11), nullable=True),
        sa.Column("email", sa.String(length=120), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_by_id", sa.Integer(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "phone IS NOT NULL OR email IS NOT NULL", name=op.f("ck_wish_claims_contact")
        ),
        sa.CheckConstraint("party = 1", name=op.f("ck_wish_claims_party")),
        sa.CheckConstraint(
            "state NOT IN ('arrived', 'completed')"
            " OR (arrived_by_id IS NOT NULL AND arrived_at IS NOT NULL)",
            name=op.f("ck_wish_claims_arrived"),
        ),
        sa.CheckConstraint(
            "state <> 'completed' OR (completed_by_id IS NOT NULL AND completed_at IS NOT NULL"
            " AND completed_by_id <> arrived_by_id)",
            name=op.f("ck_wish_claims_second_person"),
        ),
        sa.ForeignKeyConstraint(["wish_id"], ["wishes.id"], name=op.f("fk_wish_claims_wish_id")),
        sa.ForeignKeyConstraint(
            ["arrived_by_id"], ["people.id"], name=op.f("fk_wish_claims_arrived_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["completed_by_id"], ["people.id"], name=op.f("fk_wish_claims_completed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_claims")),
        sa.UniqueConstraint("uid", name=op.f("uq_wish_claims_uid")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_wish_claims_token_hash")),
        sa.UniqueConstraint("wish_id", "contact", name=op.f("uq_wish_claims_wish_id_contact")),
    )
    op.create_index(op.f("ix_wish_claims_state_expires_at"), "wish_claims", ["state", "expires_at"])
    op.create_index(op.f("ix_wish_claims_code_hash"), "wish_claims", ["code_hash"])


def downgrade() -> None:
    op.drop_table("wish_claims")
    op.drop_table("wishes")
