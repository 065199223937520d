"""Who a message is for is looked up by person alone: sending writes one entry less."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"

WHERE = sa.text("person_id IS NOT NULL")


def _index(name: str, columns: list[str]) -> None:
    op.create_index(name, "messages", columns, sqlite_where=WHERE, postgresql_where=WHERE)


def upgrade() -> None:
    op.drop_index("ix_messages_person_id_sent_at", table_name="messages")
    _index("ix_messages_person_id", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_messages_person_id", table_name="messages")
    _index("ix_messages_person_id_sent_at", ["person_id", "sent_at"])
