"""Visits that several children have together, and codes that change every minute.

The code that stood in a row goes: what is read out on site is made from the site's key. People
may be at all visits of one occasion at once; each visit so far is an occasion of its own.
"""

import sqlalchemy as sa
from alembic import op

from visits.holds.models import NO_OVERLAP

revision = "0038"
down_revision = "0037"

JOINED = (
    "ALTER TABLE visits ADD COLUMN joined_id INTEGER"
    " CONSTRAINT fk_visits_joined_id REFERENCES visits (id)"
)
LETTING_GO = {
    "sqlite": ("DROP TRIGGER visit_holds_new", "DROP TRIGGER visit_holds_moved"),
    "postgresql": (
        "ALTER TABLE visit_holds DROP CONSTRAINT ex_visit_holds_person_id",
        "ALTER TABLE visit_holds DROP CONSTRAINT ex_visit_holds_child_id",
    ),
}


def _refusal(when: str, name: str) -> str:
    taken = (
        "EXISTS (SELECT 1 FROM visit_holds AS other WHERE other.{whose} = NEW.{whose}"
        " AND other.id IS NOT NEW.id"
        " AND other.busy_from < NEW.busy_until AND other.busy_until > NEW.busy_from)"
    )
    overlaps = " OR ".join(taken.format(whose=whose) for whose in ("person_id", "child_id"))
    return (
        f"CREATE TRIGGER {name} BEFORE {when} ON visit_holds WHEN {overlaps}"
        " BEGIN SELECT RAISE(ABORT, 'two visits at the same time'); END"
    )


def _exclusion(whose: str) -> str:
    return (
        f"ALTER TABLE visit_holds ADD CONSTRAINT ex_visit_holds_{whose} EXCLUDE USING gist"
        f" ({whose} WITH =, tstzrange(busy_from, busy_until, '[)') WITH &&)"
    )


BEFORE = {
    "sqlite": (
        _refusal("INSERT", "visit_holds_new"),
        _refusal("UPDATE OF person_id, child_id, busy_from, busy_until", "visit_holds_moved"),
    ),
    "postgresql": (_exclusion("person_id"), _exclusion("child_id")),
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.execute(JOINED)
    op.create_index(op.f("ix_visits_joined_id"), "visits", ["joined_id"])
    op.drop_column("visits", "code")
    op.add_column("visit_parties", sa.Column("code_step", sa.Integer(), nullable=True))
    op.add_column(
        "visit_holds", sa.Column("occasion", sa.Integer(), nullable=False, server_default="0")
    )
    op.execute("UPDATE visit_holds SET occasion = visit_id")
    for statement in (*LETTING_GO[dialect], *NO_OVERLAP[dialect]):
        op.execute(statement)


def downgrade() -> None:
    """Of visits that were made together only the first keeps its people: they cannot be at two."""
    dialect = op.get_bind().dialect.name
    op.execute("DELETE FROM visit_holds WHERE occasion <> visit_id AND person_id IS NOT NULL")
    for statement in LETTING_GO[dialect]:
        op.execute(statement)
    op.drop_column("visit_holds", "occasion")
    for statement in BEFORE[dialect]:
        op.execute(statement)
    op.drop_column("visit_parties", "code_step")
    op.add_column("visits", sa.Column("code", sa.String(6), nullable=False, server_default=""))
    op.drop_index(op.f("ix_visits_joined_id"), table_name="visits")
    if dialect == "sqlite":
        with op.batch_alter_table("visits") as batch_op:
            batch_op.drop_column("joined_id")
            batch_op.create_check_constraint(op.f("ck_visits_times"), "starts_at < ends_at")
    else:
        op.drop_column("visits", "joined_id")
