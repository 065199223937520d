"""Terms and examinations, days that come back, private calendars, invitations and busy times."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0033"
down_revision = "0032"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, core.db.UtcDateTime(timezone=True), nullable=nullable)


def _one_of(*words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, length=30)


def upgrade() -> None:
    op.add_column("calendar_days", _moment("removed_at", nullable=True))
    _school_times()
    _feeds()
    _busy()


def _school_times() -> None:
    op.create_table(
        "school_times",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("kind", _one_of("term", "exams"), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(120), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        _moment("removed_at", nullable=True),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_school_times_days")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_school_times_area_id")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisations.id"], name=op.f("fk_school_times_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_times")),
        sa.UniqueConstraint("uid", name=op.f("uq_school_times_uid")),
    )
    op.create_index(
        op.f("ix_school_times_area_id_first_day_id"), "school_times", ["area_id", "first_day", "id"]
    )
    op.create_index(op.f("ix_school_times_org_id"), "school_times", ["org_id"])


def _feeds() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(22), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("reach", _one_of("mine", "all"), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        _moment("made_at"),
        _moment("read_at", nullable=True),
        _moment("revoked_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_calendar_feeds_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("uid", name=op.f("uq_calendar_feeds_uid")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )
    op.create_index(op.f("ix_calendar_feeds_person_id"), "calendar_feeds", ["person_id"])
    op.create_table(
        "invitation_wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        _moment("asked_at"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_invitation_wishes_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_wishes")),
        sa.UniqueConstraint("person_id", name=op.f("uq_invitation_wishes_person_id")),
    )


def _busy() -> None:
    op.create_table(
        "busy_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        _moment("loaded_at"),
        _moment("until_at"),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_busy_imports_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_imports")),
        sa.UniqueConstraint("person_id", name=op.f("uq_busy_imports_person_id")),
    )
    op.create_table(
        "busy_times",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        _moment("starts_at"),
        _moment("ends_at"),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_busy_times_times")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_busy_times_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_times")),
    )
    op.create_index(
        op.f("ix_busy_times_person_id_starts_at"), "busy_times", ["person_id", "starts_at"]
    )


def downgrade() -> None:
    for table in ("busy_times", "busy_imports", "invitation_wishes", "calendar_feeds"):
        op.drop_table(table)
    op.drop_table("school_times")
    op.drop_column("calendar_days", "removed_at")
