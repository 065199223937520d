"""When people and children are taken by a visit, with the constraint that no two overlap.

Of visits that overlap already the earlier planned one keeps its people: what stands is not called
off by a migration, and whoever moves the other one is told who is busy.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

import core.db
from core.extensions import require
from visits.holds.models import EXTENSION

revision = "0034"
down_revision = "0033"

OPEN = ("planned", "confirmed", "in_progress")
TRAVEL = timedelta(minutes=30)
MOMENT = core.db.UtcDateTime(timezone=True)


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


NO_OVERLAP = {
    "sqlite": (
        _refusal("INSERT", "visit_holds_new"),
        _refusal("UPDATE OF person_id, child_id, busy_from, busy_until", "visit_holds_moved"),
    ),
    "postgresql": (_exclusion("person_id"), _exclusion("child_id")),
}


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        require(bind, EXTENSION)
    op.create_table(
        "visit_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("child_id", sa.Integer(), nullable=True),
        sa.Column("busy_from", MOMENT, nullable=False),
        sa.Column("busy_until", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (child_id IS NULL)", name=op.f("ck_visit_holds_whose")
        ),
        sa.CheckConstraint("busy_from < busy_until", name=op.f("ck_visit_holds_range")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_holds_visit_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_visit_holds_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["children.id"], name=op.f("fk_visit_holds_child_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_holds")),
    )
    with op.batch_alter_table("visit_holds", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_holds_person_id_busy_until"),
            ["person_id", "busy_until"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_visit_holds_child_id_busy_until"),
            ["child_id", "busy_until"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_visit_holds_visit_id"), ["visit_id"], unique=False)
    for statement in NO_OVERLAP[bind.dialect.name]:
        op.execute(statement)
    _take_for_open_visits()


def downgrade() -> None:
    op.drop_table("visit_holds")


def _take_for_open_visits() -> None:
    column, table = sa.column, sa.table
    visits = table(
        "visits", column("id"), column("pairing_id"), column("starts_at", MOMENT),
        column("ends_at", MOMENT), column("state"),
    )  # fmt: skip
    pairings = table("pairings", column("id"), column("child_id"))
    parties = table("visit_parties", column("visit_id"), column("person_id"))
    holds = table(
        "visit_holds", column("visit_id"), column("person_id"), column("child_id"),
        column("busy_from", MOMENT), column("busy_until", MOMENT),
    )  # fmt: skip
    bind, open_now = op.get_bind(), visits.c.state.in_(OPEN)
    span = (visits.c.id, visits.c.starts_at, visits.c.ends_at)
    rows = [
        *bind.execute(
            sa.select(*span, sa.null(), pairings.c.child_id)
            .join(pairings, pairings.c.id == visits.c.pairing_id)
            .where(open_now)
        ),
        *bind.execute(
            sa.select(*span, parties.c.person_id, sa.null())
            .join(parties, parties.c.visit_id == visits.c.id)
            .where(open_now)
        ),
    ]
    taken: dict[tuple[object, object], list[tuple[object, object]]] = {}
    for visit_id, starts_at, ends_at, person_id, child_id in sorted(rows, key=lambda row: row[0]):
        of_one, until = taken.setdefault((person_id, child_id), []), ends_at + TRAVEL
        if any(since < until and starts_at < end for since, end in of_one):
            continue
        of_one.append((starts_at, until))
        values = (visit_id, person_id, child_id, starts_at, until)
        names = ("visit_id", "person_id", "child_id", "busy_from", "busy_until")
        bind.execute(sa.insert(holds).values(dict(zip(names, values, strict=True))))
