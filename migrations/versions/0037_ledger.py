"""What a message may pass over, who carried it, limits a person, ways that rest, and holds."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0037"
down_revision = "0036"

CHANNEL = sa.Enum(
    "inapp", "email", "aliyun_sms", "tencent_sms", "wecom", "wechat", "dingtalk", "console", "file",
    name="channel", native_enum=False, length=30,
)  # fmt: skip
WEIGHT = sa.Enum("ordinary", "correction", "urgent", name="weight", native_enum=False, length=30)
REASON = sa.Enum("backlog", "clock", name="holdreason", native_enum=False, length=30)
INDEXES = {
    "ix_messages_here": (["next_at", "id"], "state = 'pending' AND channel = 'inapp'"),
    "ix_messages_outside": (["next_at", "id"], "state = 'pending' AND channel <> 'inapp'"),
    "ix_messages_unknown": (["next_at"], "state = 'unknown'"),
    "ix_messages_unsettled": (["due_at", "id"], "state IN ('unknown', 'dead')"),
    "ix_messages_carried_by": (["carried_by"], "carried_by IS NOT NULL"),
    "ix_messages_provider_id": (["provider_id"], "provider_id IS NOT NULL"),
}
BEFORE = (["next_at", "id"], "state = 'pending'")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, "messages", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def upgrade() -> None:
    for column in (
        sa.Column("weight", WEIGHT, nullable=False, server_default="ordinary"),
        sa.Column("given_up", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("provider_id", sa.String(128), nullable=True),
        sa.Column("carried_by", sa.String(22), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("messages", column)
    op.add_column("delivery_attempts", sa.Column("channel", CHANNEL, nullable=True))
    op.drop_index("ix_messages_waiting", table_name="messages")
    for name, (columns, where) in INDEXES.items():
        _index(name, columns, where)
    op.create_table(
        "message_quotas",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("last_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_message_quotas_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_quotas")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_message_quotas_person_id_day")),
    )
    op.create_index(op.f("ix_message_quotas_day"), "message_quotas", ["day"])
    op.create_table(
        "channel_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", CHANNEL, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resting_until", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_states")),
        sa.UniqueConstraint("channel", name=op.f("uq_channel_states_channel")),
    )
    op.create_table(
        "message_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=True),
        sa.Column("reason", REASON, nullable=False),
        sa.Column("began_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("released_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["released_by"], ["people.id"], name=op.f("fk_message_holds_released_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_holds")),
        sa.UniqueConstraint("standing", name=op.f("uq_message_holds_standing")),
    )


def downgrade() -> None:
    for table in ("message_holds", "channel_states"):
        op.drop_table(table)
    op.drop_index(op.f("ix_message_quotas_day"), table_name="message_quotas")
    op.drop_table("message_quotas")
    for name in INDEXES:
        op.drop_index(name, table_name="messages")
    _index("ix_messages_waiting", *BEFORE)
    op.drop_column("delivery_attempts", "channel")
    for column in ("looks", "carried_by", "provider_id", "given_up", "weight"):
        op.drop_column("messages", column)
