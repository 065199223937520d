"""The letter a team leaves a child when a pairing ends."""

import sqlalchemy as sa
from alembic import op

import core.db
from core.policies import unwall, wall

revision = "0045"
down_revision = "0044"

NAME = "pairing_letters"
MOMENT = core.db.UtcDateTime(timezone=True)
STATE = sa.Enum(
    "written", "sent_back", "passed", "handed", name="letterstate", native_enum=False, length=30
)
HELD_TO = {
    "checked": "(state = 'written') = (checked_at IS NULL)"
    " AND (checked_at IS NULL) = (checked_by_id IS NULL)",
    "two_people": "checked_by_id <> written_by_id",
    "sent_back": "state <> 'sent_back' OR return_reason <> ''",
    "handed": "(state = 'handed') = (handed_on IS NOT NULL)"
    " AND (handed_on IS NULL) = (handed_by_id IS NULL)",
}
LINKS = {
    "pairing_id": "pairings", "child_id": "children", "written_by_id": "people",
    "checked_by_id": "people", "handed_by_id": "people",
}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("return_reason", sa.String(200), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=True),
        sa.Column("handed_by_id", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{NAME}_{column}"))
            for column, table in LINKS.items()
        ),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{NAME}_{one}")) for one, rule in HELD_TO.items()),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("pairing_id", name=op.f(f"uq_{NAME}_pairing_id")),
    )
    op.create_index(op.f(f"ix_{NAME}_child_id"), NAME, ["child_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in wall(NAME):
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in unwall(NAME):
            op.execute(statement)
    op.drop_table(NAME)
