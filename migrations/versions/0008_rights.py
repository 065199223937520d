"""Rights: texts of consents, guardians' links, requests, erasures, assessments, breaches."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("involved", sa.Text(), nullable=False),
        sa.Column("necessity", sa.Text(), nullable=False),
        sa.Column("risks", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column(
            "conclusion",
            sa.Enum(
                "acceptable",
                "with_measures",
                "not_acceptable",
                name="result",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("draft", "approved", "superseded", name="state", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR (approved_at IS NOT NULL AND review_on IS NOT NULL)",
            name=op.f("ck_assessments_approved"),
        ),
        sa.CheckConstraint(
            "approved_by_id <> written_by_id", name=op.f("ck_assessments_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["people.id"], name=op.f("fk_assessments_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["assessments.id"], name=op.f("fk_assessments_previous_id")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["people.id"], name=op.f("fk_assessments_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
        sa.UniqueConstraint("uid", name=op.f("uq_assessments_uid")),
    )
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assessments_state_review_on_id"),
            ["state", "review_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_assessments_one_review",
            ["previous_id"],
            unique=True,
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )

    op.create_table(
        "breaches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("leaked", "changed", "lost", name="kind", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("involved", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("harm", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "detected",
                "contained",
                "reported",
                "notified",
                "closed",
                name="state",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("detected_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "people >= 0 AND 0 <= children AND children <= people", name=op.f("ck_breaches_numbers")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["people.id"], name=op.f("fk_breaches_entered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaches")),
        sa.UniqueConstraint("uid", name=op.f("uq_breaches_uid")),
    )
    with op.batch_alter_table("breaches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_breaches_state_id"), ["state", "id"], unique=False)

    op.create_table(
        "breach_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("breach_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "detected",
                "contained",
                "reported",
                "notified",
                "closed",
                name="state",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["breaches.id"], name=op.f("fk_breach_steps_breach_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_breach_steps_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_steps")),
        sa.UniqueConstraint("breach_id", "state", name=op.f("uq_breach_steps_breach_id_state")),
    )
    op.create_table(
        "guardian_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("said_no_to", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["children.id"], name=op.f("fk_guardian_links_child_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_guardian_links_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["people.id"], name=op.f("fk_guardian_links_revoked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_guardian_links_token_hash")),
        sa.UniqueConstraint("uid", name=op.f("uq_guardian_links_uid")),
    )
    with op.batch_alter_table("guardian_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guardian_links_child_id"), ["child_id"], unique=False)

    op.create_table(
        "rights_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "access",
                "copy",
                "correct",
                "delete",
                "withdraw",
                name="requestkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "asker",
            sa.Enum("guardian", "child", "volunteer", name="asker", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "in_person",
                "phone",
                "paper",
                "account",
                name="channel",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("child_id", sa.Integer(), nullable=True),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("confirm_by", sa.Date(), nullable=False),
        sa.Column("finish_by", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "confirmed",
                "done",
                "refused",
                "withdrawn",
                name="state",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=500), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=True),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state <> 'refused' OR outcome <> ''", name=op.f("ck_rights_requests_reason")
        ),
        sa.CheckConstraint(
            "(child_id IS NULL) <> (volunteer_id IS NULL)", name=op.f("ck_rights_requests_about")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["children.id"], name=op.f("fk_rights_requests_child_id")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["people.id"], name=op.f("fk_rights_requests_closed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["people.id"], name=op.f("fk_rights_requests_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_id"], ["areas.id"], name=op.f("fk_rights_requests_county_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["people.id"], name=op.f("fk_rights_requests_entered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["township_id"], ["areas.id"], name=op.f("fk_rights_requests_township_id")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["areas.id"], name=op.f("fk_rights_requests_village_id")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteers.id"], name=op.f("fk_rights_requests_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requests")),
        sa.UniqueConstraint("uid", name=op.f("uq_rights_requests_uid")),
    )
    with op.batch_alter_table("rights_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rights_requests_child_id"), ["child_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_rights_requests_county_id"), ["county_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_rights_requests_county_id_state_finish_by_id"),
            ["county_id", "state", "finish_by", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_rights_requests_township_id"), ["township_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_rights_requests_village_id"), ["village_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_rights_requests_volunteer_id"), ["volunteer_id"], unique=False
        )

    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=True),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column(
            "why",
            sa.Enum(
                "request",
                "consent_withdrawn",
                "term_over",
                name="why",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("hold_reason", sa.String(length=200), nullable=False),
        sa.Column("held_until", sa.Date(), nullable=True),
        sa.Column("carried_out_by_id", sa.Integer(), nullable=True),
        sa.Column("carried_out_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("called_off_by_id", sa.Integer(), nullable=True),
        sa.Column("called_off_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=True),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(child_id IS NULL) <> (volunteer_id IS NULL)", name=op.f("ck_erasures_about")
        ),
        sa.CheckConstraint("carried_out_by_id <> asked_by_id", name=op.f("ck_erasures_two_people")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_erasures_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["called_off_by_id"], ["people.id"], name=op.f("fk_erasures_called_off_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["carried_out_by_id"], ["people.id"], name=op.f("fk_erasures_carried_out_by_id")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["children.id"], name=op.f("fk_erasures_child_id")),
        sa.ForeignKeyConstraint(["county_id"], ["areas.id"], name=op.f("fk_erasures_county_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_requests.id"], name=op.f("fk_erasures_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["township_id"], ["areas.id"], name=op.f("fk_erasures_township_id")
        ),
        sa.ForeignKeyConstraint(["village_id"], ["areas.id"], name=op.f("fk_erasures_village_id")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteers.id"], name=op.f("fk_erasures_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("uid", name=op.f("uq_erasures_uid")),
    )
    with op.batch_alter_table("erasures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasures_county_id"), ["county_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_erasures_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_erasures_township_id"), ["township_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_erasures_village_id"), ["village_id"], unique=False)
        batch_op.create_index(
            "uq_erasures_open_child",
            ["child_id"],
            unique=True,
            sqlite_where=sa.text("carried_out_at IS NULL AND called_off_at IS NULL"),
            postgresql_where=sa.text("carried_out_at IS NULL AND called_off_at IS NULL"),
        )
        batch_op.create_index(
            "uq_erasures_open_volunteer",
            ["volunteer_id"],
            unique=True,
            sqlite_where=sa.text("carried_out_at IS NULL AND called_off_at IS NULL"),
            postgresql_where=sa.text("carried_out_at IS NULL AND called_off_at IS NULL"),
        )

    with op.batch_alter_table("children", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erased_on", sa.Date(), nullable=True))

    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("text_digest", sa.String(length=64), server_default="", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_column("text_digest")

    with op.batch_alter_table("children", schema=None) as batch_op:
        batch_op.drop_column("erased_on")

    with op.batch_alter_table("erasures", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_erasures_open_volunteer",
            sqlite_where=sa.text("carried_out_at IS NULL AND called_off_at IS NULL"),
            postgresql_where=sa.text("carried_out_at IS NULL AND called_off_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_erasures_open_child",
            sqlite_where=sa.text("carried_out_at IS NULL AND called_off_at IS NULL"),
            postgresql_where=sa.text("carried_out_at IS NULL AND called_off_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_erasures_village_id"))
        batch_op.drop_index(batch_op.f("ix_erasures_township_id"))
        batch_op.drop_index(batch_op.f("ix_erasures_request_id"))
        batch_op.drop_index(batch_op.f("ix_erasures_county_id"))

    op.drop_table("erasures")
    with op.batch_alter_table("rights_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rights_requests_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_rights_requests_village_id"))
        batch_op.drop_index(batch_op.f("ix_rights_requests_township_id"))
        batch_op.drop_index(batch_op.f("ix_rights_requests_county_id_state_finish_by_id"))
        batch_op.drop_index(batch_op.f("ix_rights_requests_county_id"))
        batch_op.drop_index(batch_op.f("ix_rights_requests_child_id"))

    op.drop_table("rights_requests")
    with op.batch_alter_table("guardian_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guardian_links_child_id"))

    op.drop_table("guardian_links")
    op.drop_table("breach_steps")
    with op.batch_alter_table("breaches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_breaches_state_id"))

    op.drop_table("breaches")
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_assessments_one_review",
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )
        batch_op.drop_index(batch_op.f("ix_assessments_state_review_on_id"))

    op.drop_table("assessments")
