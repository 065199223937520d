"""Each day of a slot has its own arrival: the moments move from the sign-up to a row for the day.

A row that there was keeps the sign-up's uid, so that hours which were credited under it stay the
day's and are not credited again. Going back, the first arrival and the last leaving are kept, and
only the first day's hours still name the sign-up; the others stay in the volunteer's account.
"""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0026"
down_revision = "0025"
LEFT = "left_at IS NULL OR (arrived_at IS NOT NULL AND arrived_at <= left_at)"
LOCAL_DAY = {
    "sqlite": "date(arrived_at, '+8 hours')",
    "postgresql": "(arrived_at AT TIME ZONE 'Asia/Shanghai')::date",
}
INTO_DAYS = """
INSERT INTO attendances (uid, sign_up_id, day, arrived_at, left_at)
SELECT uid, id, {day}, arrived_at, left_at FROM sign_ups WHERE arrived_at IS NOT NULL
"""
INTO_SIGN_UPS = """
UPDATE sign_ups SET
    arrived_at = (SELECT min(arrived_at) FROM attendances WHERE sign_up_id = sign_ups.id),
    left_at = CASE WHEN state = 'completed'
        THEN (SELECT max(left_at) FROM attendances WHERE sign_up_id = sign_ups.id) END
WHERE id IN (SELECT sign_up_id FROM attendances)
"""
FIRST_HOURS = """
UPDATE hour_entries SET source_ref = (
    SELECT sign_ups.uid FROM attendances JOIN sign_ups ON sign_ups.id = attendances.sign_up_id
    WHERE attendances.uid = hour_entries.source_ref
)
WHERE source = 'slot' AND source_ref IN (
    SELECT attendances.uid FROM attendances
    WHERE attendances.day = (
        SELECT min(one.day) FROM attendances AS one
        JOIN hour_entries AS credited ON credited.source = 'slot' AND credited.source_ref = one.uid
        WHERE one.sign_up_id = attendances.sign_up_id
    )
)
"""


def _moment(name: str, *, nullable: bool) -> sa.Column[object]:
    return sa.Column(name, core.db.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "attendances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("sign_up_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _moment("arrived_at", nullable=False),
        _moment("left_at", nullable=True),
        sa.CheckConstraint(
            "left_at IS NULL OR arrived_at <= left_at", name=op.f("ck_attendances_left")
        ),
        sa.ForeignKeyConstraint(
            ["sign_up_id"], ["sign_ups.id"], name=op.f("fk_attendances_sign_up_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendances")),
        sa.UniqueConstraint("uid", name=op.f("uq_attendances_uid")),
        sa.UniqueConstraint("sign_up_id", "day", name=op.f("uq_attendances_sign_up_id_day")),
    )
    op.create_index(op.f("ix_attendances_left_at"), "attendances", ["left_at"])
    op.execute(INTO_DAYS.format(day=LOCAL_DAY[op.get_bind().dialect.name]))
    with op.batch_alter_table("sign_ups") as batch_op:
        batch_op.drop_constraint(op.f("ck_sign_ups_left"), type_="check")
        batch_op.drop_index(op.f("ix_sign_ups_left_at"))
        for name in ("arrived_at", "left_at"):
            batch_op.drop_column(name)


def downgrade() -> None:
    with op.batch_alter_table("sign_ups") as batch_op:
        for name in ("arrived_at", "left_at"):
            batch_op.add_column(_moment(name, nullable=True))
    op.execute(INTO_SIGN_UPS)
    op.execute(FIRST_HOURS)
    with op.batch_alter_table("sign_ups") as batch_op:
        batch_op.create_index(op.f("ix_sign_ups_left_at"), ["left_at"])
        batch_op.create_check_constraint(op.f("ck_sign_ups_left"), LEFT)
    op.drop_table("attendances")
