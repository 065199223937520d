"""Who counts as a student until when: domains, mails under way, lists of digests, links."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0023"
down_revision = "0022"
WAYS = ("mail", "roster", "vouch")
STANDING = sa.text("ended_at IS NULL")
CHECKS = {
    "days": "since <= until",
    "another": "vouched_by_id <> person_id",
    "somebody": "(how = 'vouch') = (vouched_by_id IS NOT NULL)",
}


def _to(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, to in columns.items()
    ]


def upgrade() -> None:
    _statuses()
    _domains()
    _mails()
    _roster()
    _vouches()


def _statuses() -> None:
    op.create_table(
        "student_statuses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.Enum(*WAYS, name="how", native_enum=False, length=30), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("vouched_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_student_statuses_{name}"))
            for name, rule in CHECKS.items()
        ),
        *_to(
            "student_statuses",
            person_id="people",
            org_id="organisations",
            vouched_by_id="people",
            ended_by_id="people",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_statuses")),
        sa.UniqueConstraint("uid", name=op.f("uq_student_statuses_uid")),
        sa.UniqueConstraint("proof", "until", name=op.f("uq_student_statuses_proof_until")),
    )
    op.create_index(
        op.f("ix_student_statuses_org_id_until_id"), "student_statuses", ["org_id", "until", "id"]
    )
    op.create_index(
        "uq_student_statuses_standing",
        "student_statuses",
        ["person_id", "org_id", "until"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def _domains() -> None:
    op.create_table(
        "student_domains",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=80), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("set_at", core.db.UtcDateTime(timezone=True), nullable=False),
        *_to("student_domains", org_id="organisations", set_by_id="people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_domains")),
        sa.UniqueConstraint("domain", name=op.f("uq_student_domains_domain")),
    )
    op.create_index(op.f("ix_student_domains_org_id"), "student_domains", ["org_id"])


def _mails() -> None:
    op.create_table(
        "student_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(timezone=True), nullable=False),
        *_to("student_mails", person_id="people", org_id="organisations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_mails")),
        sa.UniqueConstraint("person_id", name=op.f("uq_student_mails_person_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_student_mails_token_hash")),
    )
    op.create_index(op.f("ix_student_mails_expires_at"), "student_mails", ["expires_at"])


def _roster() -> None:
    op.create_table(
        "student_roster",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        *_to("student_roster", org_id="organisations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_roster")),
        sa.UniqueConstraint(
            "org_id", "until", "digest", name=op.f("uq_student_roster_org_id_until_digest")
        ),
    )
    op.create_index(op.f("ix_student_roster_digest"), "student_roster", ["digest"])
    op.create_index(op.f("ix_student_roster_until"), "student_roster", ["until"])


def _vouches() -> None:
    op.create_table(
        "student_vouches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("uses_left >= 0", name=op.f("ck_student_vouches_uses")),
        *_to("student_vouches", org_id="organisations", made_by_id="people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_vouches")),
        sa.UniqueConstraint("uid", name=op.f("uq_student_vouches_uid")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_student_vouches_token_hash")),
    )
    op.create_index(op.f("ix_student_vouches_org_id_id"), "student_vouches", ["org_id", "id"])


def downgrade() -> None:
    for table in ("vouches", "roster", "mails", "domains", "statuses"):
        op.drop_table(f"student_{table}")
