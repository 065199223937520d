"""What takes two people names the second one: no erasure and no approval by nobody.

A comparison with NULL holds, so "another than the first" alone let a missing one through.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
ADDED = {
    "erasures": (
        "ck_erasures_carried_out",
        "(carried_out_at IS NULL) = (carried_out_by_id IS NULL)",
    ),
    "assessments": ("ck_assessments_somebody", "state = 'draft' OR approved_by_id IS NOT NULL"),
}
THERE = {
    "erasures": {
        "ck_erasures_about": "(child_id IS NULL) <> (volunteer_id IS NULL)",
        "ck_erasures_two_people": "carried_out_by_id <> asked_by_id",
    },
    "assessments": {
        "ck_assessments_two_people": "approved_by_id <> written_by_id",
        "ck_assessments_approved": (
            "state = 'draft' OR (approved_at IS NOT NULL AND review_on IS NOT NULL)"
        ),
    },
}
"""What SQLite forgets when a table is rebuilt, unless it is said again."""


def _checks(table: str) -> tuple[sa.CheckConstraint, ...]:
    return tuple(sa.CheckConstraint(rule, name=op.f(name)) for name, rule in THERE[table].items())


def upgrade() -> None:
    for table, (name, rule) in ADDED.items():
        with op.batch_alter_table(table, table_args=_checks(table)) as batch_op:
            batch_op.create_check_constraint(op.f(name), rule)


def downgrade() -> None:
    for table, (name, rule) in ADDED.items():
        there = (*_checks(table), sa.CheckConstraint(rule, name=op.f(name)))
        with op.batch_alter_table(table, table_args=there) as batch_op:
            batch_op.drop_constraint(op.f(name), type_="check")
