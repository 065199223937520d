"""Vendors' channels, by which ways people are reached, and what they answer to a reminder."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0032"
down_revision = "0031"
CHANNELS = (
    "inapp", "email", "aliyun_sms", "tencent_sms", "wecom", "wechat", "dingtalk", "console", "file",
)  # fmt: skip
OUTCOMES = ("accepted", "retry", "rejected", "unknown")
ANSWERS = ("comes", "stays")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, core.db.UtcDateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "channel_settings",
        _number("id"),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("channel", _one_of("channel", CHANNELS), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=True),
        sa.Column("receipt_hash", sa.String(64), nullable=True),
        _number("version"),
        _moment("set_at", nullable=False),
        _moment("tested_at"),
        sa.Column("tested", _one_of("outcome", OUTCOMES), nullable=True),
        sa.Column("tested_code", sa.String(60), nullable=False),
        sa.CheckConstraint(
            "enabled = false OR secrets IS NOT NULL", name=op.f("ck_channel_settings_secrets_first")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_settings")),
        sa.UniqueConstraint("uid", name=op.f("uq_channel_settings_uid")),
        sa.UniqueConstraint("channel", name=op.f("uq_channel_settings_channel")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_channel_settings_receipt_hash")),
    )
    _create_contacts()
    _create_answers()


def _create_contacts() -> None:
    op.create_table(
        "contact_points",
        _number("id"),
        sa.Column("uid", sa.String(22), nullable=False),
        _number("person_id"),
        sa.Column("channel", _one_of("channel", CHANNELS), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        _number("place"),
        *(_moment(name) for name in ("verified_at", "opted_out_at", "broken_at")),
        _number("bounce_count"),
        sa.Column("code_hash", sa.String(64), nullable=True),
        _moment("code_until"),
        _number("code_tries"),
        _moment("created_at", nullable=False),
        sa.CheckConstraint(
            "(channel = 'email') = (address IS NULL)", name=op.f("ck_contact_points_address")
        ),
        sa.CheckConstraint("bounce_count >= 0", name=op.f("ck_contact_points_bounces")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_contact_points_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_points")),
        sa.UniqueConstraint("uid", name=op.f("uq_contact_points_uid")),
        sa.UniqueConstraint(
            "person_id", "channel", name=op.f("uq_contact_points_person_id_channel")
        ),
    )
    op.create_table(
        "wx_grants",
        _number("id"),
        _number("person_id"),
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("template", sa.String(64), nullable=False),
        _number("remaining"),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_wx_grants_remaining")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_wx_grants_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wx_grants")),
        sa.UniqueConstraint("reader", "template", name=op.f("uq_wx_grants_reader_template")),
    )
    op.create_index(op.f("ix_wx_grants_person_id"), "wx_grants", ["person_id"])


def _create_answers() -> None:
    op.create_table(
        "visit_answers",
        *(_number(name) for name in ("id", "visit_id", "person_id")),
        _moment("starts_at", nullable=False),
        sa.Column("said", _one_of("said", ANSWERS), nullable=False),
        _moment("answered_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_answers_visit_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_visit_answers_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_answers")),
        sa.UniqueConstraint(
            "visit_id", "person_id", name=op.f("uq_visit_answers_visit_id_person_id")
        ),
    )
    op.create_index(op.f("ix_visit_answers_person_id"), "visit_answers", ["person_id"])


def downgrade() -> None:
    for name in ("visit_answers", "wx_grants", "contact_points", "channel_settings"):
        op.drop_table(name)
