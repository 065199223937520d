"""first shape."""

import sqlalchemy as sa
from alembic import op

import core.db
from core.audit import ONLY_ADDED

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "areas",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "province",
                "city",
                "county",
                "township",
                "village",
                name="level",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("nbs_code", sa.String(length=12), nullable=False),
        sa.Column("mca_code", sa.String(length=12), nullable=True),
        sa.Column("tile_column", sa.Integer(), nullable=True),
        sa.Column("tile_row", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(tile_column IS NULL) = (tile_row IS NULL)", name=op.f("ck_areas_tile")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["areas.id"], name=op.f("fk_areas_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_areas")),
        sa.UniqueConstraint("nbs_code", name=op.f("uq_areas_nbs_code")),
        sa.UniqueConstraint(
            "parent_id", "name", "nbs_code", name=op.f("uq_areas_parent_id_name_nbs_code")
        ),
    )
    with op.batch_alter_table("areas", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_areas_level"), ["level"], unique=False)
        batch_op.create_index(batch_op.f("ix_areas_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "brands",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("tagline", sa.String(length=120), nullable=False),
        sa.Column("tagline_en", sa.String(length=200), nullable=False),
        sa.Column("art", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brands")),
        sa.UniqueConstraint("slug", name=op.f("uq_brands_slug")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("holiday", "makeup_workday", name="daykind", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "message_subjects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_subjects")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_message_subjects_kind_ref")),
    )
    op.create_table(
        "parameter_values",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_values")),
        sa.UniqueConstraint(
            "name", "effective_from", name=op.f("uq_parameter_values_name_effective_from")
        ),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=11), nullable=True),
        sa.Column("email", sa.String(length=120), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "phone IS NOT NULL OR email IS NOT NULL", name=op.f("ck_people_contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("phone", name=op.f("uq_people_phone")),
        sa.UniqueConstraint("uid", name=op.f("uq_people_uid")),
    )
    op.create_table(
        "submitted_forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("result", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submitted_forms")),
        sa.UniqueConstraint("key", name=op.f("uq_submitted_forms_key")),
    )
    with op.batch_alter_table("submitted_forms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submitted_forms_at"), ["at"], unique=False)

    op.create_table(
        "audit_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_audit_rows_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_rows")),
    )
    with op.batch_alter_table("audit_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_rows_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_rows_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_rows_ref"), ["ref"], unique=False)

    op.create_table(
        "children",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("alias", sa.String(length=20), nullable=False),
        sa.Column("girl", sa.Boolean(), nullable=False),
        sa.Column(
            "age_band",
            sa.Enum(
                "0-2",
                "3-5",
                "6-7",
                "8-10",
                "11-13",
                "14-15",
                "16-17",
                name="ageband",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "left_behind",
                "in_difficulty",
                "orphan",
                "de_facto_unsupported",
                "migrant",
                name="category",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "risk",
            sa.Enum(
                "low", "mid_low", "mid_high", "high", name="risk", native_enum=False, length=30
            ),
            nullable=False,
        ),
        sa.Column("boarding", sa.Boolean(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("interests", sa.String(length=100), nullable=False),
        sa.Column("care_hint", sa.String(length=100), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reported",
                "verified",
                "open",
                "matched",
                "met",
                "withdrawn",
                "aged_out",
                name="needstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("reported_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_back_note", sa.String(length=200), nullable=False),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("open_since", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=True),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["areas.id"], name=op.f("fk_children_county_id")),
        sa.ForeignKeyConstraint(
            ["reported_by_id"], ["people.id"], name=op.f("fk_children_reported_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["township_id"], ["areas.id"], name=op.f("fk_children_township_id")
        ),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["people.id"], name=op.f("fk_children_verified_by_id")
        ),
        sa.ForeignKeyConstraint(["village_id"], ["areas.id"], name=op.f("fk_children_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_children")),
        sa.UniqueConstraint("county_id", "alias", name=op.f("uq_children_county_id_alias")),
        sa.UniqueConstraint("uid", name=op.f("uq_children_uid")),
    )
    with op.batch_alter_table("children", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_children_county_id"), ["county_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_children_county_id_state_open_since_id"),
            ["county_id", "state", "open_since", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_children_township_id"), ["township_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_children_village_id"), ["village_id"], unique=False)

    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedup_key", sa.String(length=120), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("subject_version", sa.Integer(), nullable=True),
        sa.Column("after_close", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("inapp", "email", name="channel", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("due_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expire_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "claimed",
                "sending",
                "sent",
                "delivered",
                "bounced",
                "unknown",
                "cancelled",
                "superseded",
                "expired",
                "suppressed",
                "dead",
                name="state",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim_token", sa.String(length=43), nullable=True),
        sa.Column("lease_until", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_messages_person_id")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["message_subjects.id"], name=op.f("fk_messages_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_messages_dedup_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_messages_uid")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_messages_leased",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("state IN ('claimed', 'sending')"),
            postgresql_where=sa.text("state IN ('claimed', 'sending')"),
        )
        batch_op.create_index(
            batch_op.f("ix_messages_person_id_sent_at"), ["person_id", "sent_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_messages_subject_id_state"), ["subject_id", "state"], unique=False
        )
        batch_op.create_index(
            "ix_messages_waiting",
            ["next_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )

    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bureau",
                "committee_office",
                "member_unit",
                "center",
                "station",
                "welfare_home",
                "social_org",
                "university",
                "partner",
                name="orgkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_organisations_area_id")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisations.id"], name=op.f("fk_organisations_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint(
            "kind", "area_id", "name", name=op.f("uq_organisations_kind_area_id_name")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_organisations_uid")),
    )
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organisations_kind_area_id"), ["kind", "area_id"], unique=False
        )

    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sign_in_links_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_links_token_hash")),
    )
    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_links_person_id"), ["person_id"], unique=False)

    op.create_table(
        "sign_in_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=120), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["people.id"], name=op.f("fk_sign_in_sessions_ended_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sign_in_sessions_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_sessions_token_hash")),
    )
    with op.batch_alter_table("sign_in_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_in_sessions_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("formed_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("formed_by_id", sa.Integer(), nullable=True),
        sa.Column("dissolved_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["areas.id"], name=op.f("fk_teams_county_id")),
        sa.ForeignKeyConstraint(
            ["formed_by_id"], ["people.id"], name=op.f("fk_teams_formed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("uid", name=op.f("uq_teams_uid")),
    )
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_teams_county_id_id"), ["county_id", "id"], unique=False
        )

    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("summary_en", sa.String(length=500), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("story_en", sa.Text(), nullable=False),
        sa.Column("needed", sa.Text(), nullable=False),
        sa.Column("needed_en", sa.Text(), nullable=False),
        sa.Column("risks", sa.Text(), nullable=False),
        sa.Column("risks_en", sa.Text(), nullable=False),
        sa.Column("recruit_from", sa.Date(), nullable=False),
        sa.Column("recruit_until", sa.Date(), nullable=False),
        sa.Column("training_on", sa.Date(), nullable=True),
        sa.Column("visits_from", sa.Date(), nullable=False),
        sa.Column("visits_until", sa.Date(), nullable=False),
        sa.Column("goal_volunteers", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "draft",
                "safeguarding_review",
                "approved",
                "recruiting",
                "running",
                "wrap_up",
                "published_report",
                "archived",
                "suspended",
                "cancelled",
                name="stage",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("edited_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("edited_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_note", sa.String(length=300), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("recruit_from <= recruit_until", name=op.f("ck_campaigns_recruiting")),
        sa.CheckConstraint("visits_from <= visits_until", name=op.f("ck_campaigns_visiting")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_campaigns_area_id")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_campaigns_brand_id")),
        sa.ForeignKeyConstraint(
            ["edited_by_id"], ["people.id"], name=op.f("fk_campaigns_edited_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["organisations.id"], name=op.f("fk_campaigns_host_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["people.id"], name=op.f("fk_campaigns_published_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["people.id"], name=op.f("fk_campaigns_reviewed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("slug", name=op.f("uq_campaigns_slug")),
        sa.UniqueConstraint("uid", name=op.f("uq_campaigns_uid")),
    )
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaigns_brand_id"), ["brand_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_campaigns_stage_visits_from_id"),
            ["stage", "visits_from", "id"],
            unique=False,
        )

    op.create_table(
        "child_free_times",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_child_free_times_minutes"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_child_free_times_weekday")),
        sa.ForeignKeyConstraint(
            ["child_id"],
            ["children.id"],
            name=op.f("fk_child_free_times_child_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_free_times")),
    )
    with op.batch_alter_table("child_free_times", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_child_free_times_child_id"), ["child_id"], unique=False
        )

    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "pairing",
                "share_with_org",
                "assent",
                "photo",
                "publication",
                name="purpose",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "given",
                "refused",
                "withdrawn",
                name="consentstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column(
            "signer",
            sa.Enum(
                "mother",
                "father",
                "other_guardian",
                "civil_affairs",
                "child",
                name="signer",
                native_enum=False,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column(
            "proof",
            sa.Enum(
                "paper",
                "witnessed_call",
                "asked_in_person",
                name="consentproof",
                native_enum=False,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column("proof_reference", sa.String(length=60), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("entered_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'given' OR (signer IS NOT NULL AND proof IS NOT NULL AND valid_until IS NOT NULL)",
            name=op.f("ck_consents_given"),
        ),
        sa.ForeignKeyConstraint(["child_id"], ["children.id"], name=op.f("fk_consents_child_id")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["people.id"], name=op.f("fk_consents_entered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint(
            "child_id", "purpose", "number", name=op.f("uq_consents_child_id_purpose_number")
        ),
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("finished_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "accepted",
                "retry",
                "rejected",
                "unknown",
                name="outcome",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_delivery_attempts_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
    )
    with op.batch_alter_table("delivery_attempts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_delivery_attempts_message_id"), ["message_id"], unique=False
        )

    op.create_table(
        "inbox_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_inbox_items_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_inbox_items_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_items")),
        sa.UniqueConstraint("message_id", name=op.f("uq_inbox_items_message_id")),
    )
    with op.batch_alter_table("inbox_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inbox_items_person_id_id"), ["person_id", "id"], unique=False
        )

    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "child_supervisor", "child_director", name="postkind", native_enum=False, length=30
            ),
            nullable=False,
        ),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_posts_area_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_posts_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("kind", "area_id", name=op.f("uq_posts_kind_area_id")),
    )
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posts_area_id"), ["area_id"], unique=False)

    op.create_table(
        "volunteers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "applied",
                "active",
                "paused",
                "expired",
                "suspended",
                "barred",
                "exited",
                name="status",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=True),
        sa.Column("org_text", sa.String(length=80), nullable=False),
        sa.Column("initials", sa.String(length=40), nullable=False),
        sa.Column(
            "sex",
            sa.Enum("female", "male", name="sex", native_enum=False, length=30),
            nullable=True,
        ),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("applied_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("activated_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("status_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["areas.id"], name=op.f("fk_volunteers_county_id")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisations.id"], name=op.f("fk_volunteers_org_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_volunteers_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteers")),
        sa.UniqueConstraint("number", name=op.f("uq_volunteers_number")),
        sa.UniqueConstraint("person_id", name=op.f("uq_volunteers_person_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_volunteers_uid")),
    )
    with op.batch_alter_table("volunteers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_volunteers_county_id_status_id"),
            ["county_id", "status", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_volunteers_org_id"), ["org_id"], unique=False)

    op.create_table(
        "campaign_partners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_partners_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisations.id"], name=op.f("fk_campaign_partners_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_partners")),
        sa.UniqueConstraint(
            "campaign_id", "org_id", name=op.f("uq_campaign_partners_campaign_id_org_id")
        ),
    )
    op.create_table(
        "day_counts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "volunteers",
                "pairings",
                "visits",
                "minutes",
                name="measure",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_day_counts_campaign_id")
        ),
        sa.ForeignKeyConstraint(["county_id"], ["areas.id"], name=op.f("fk_day_counts_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_counts")),
        sa.UniqueConstraint(
            "campaign_id",
            "measure",
            "county_id",
            "day",
            name=op.f("uq_day_counts_campaign_id_measure_county_id_day"),
        ),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "identity",
                "screening",
                "training",
                "pledge",
                "insurance",
                name="evidencekind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum("clear", "hit", name="outcome", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("voided_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR dated <= valid_until", name=op.f("ck_evidence_days")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["people.id"], name=op.f("fk_evidence_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteers.id"], name=op.f("fk_evidence_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_evidence_volunteer_id_kind_valid_until"),
            ["volunteer_id", "kind", "valid_until"],
            unique=False,
        )

    op.create_table(
        "free_times",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column(
            "period",
            sa.Enum("always", "term", "break", name="period", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_free_times_minutes"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_free_times_weekday")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteers.id"],
            name=op.f("fk_free_times_volunteer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_free_times")),
    )
    with op.batch_alter_table("free_times", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_free_times_volunteer_id"), ["volunteer_id"], unique=False
        )

    op.create_table(
        "hour_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("source_ref", sa.String(length=22), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("credited_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_hour_entries_minutes")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["people.id"], name=op.f("fk_hour_entries_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteers.id"], name=op.f("fk_hour_entries_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_entries")),
        sa.UniqueConstraint(
            "volunteer_id",
            "source",
            "source_ref",
            name=op.f("uq_hour_entries_volunteer_id_source_source_ref"),
        ),
    )
    with op.batch_alter_table("hour_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_hour_entries_volunteer_id_served_on"),
            ["volunteer_id", "served_on"],
            unique=False,
        )

    op.create_table(
        "pairings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column(
            "stage",
            sa.Enum(
                "proposed",
                "approved",
                "active",
                "paused",
                "ending",
                "ended",
                "declined",
                "terminated_safeguarding",
                name="stage",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=300), nullable=False),
        sa.Column("supervisor_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "end_reason",
            sa.Enum(
                "term_over",
                "consent_withdrawn",
                "team_left",
                "child_moved",
                "child_says_no",
                "safeguarding",
                "other",
                name="endreason",
                native_enum=False,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=True),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("decided_by_id <> proposed_by_id", name=op.f("ck_pairings_two_people")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_pairings_days")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_pairings_campaign_id")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["children.id"], name=op.f("fk_pairings_child_id")),
        sa.ForeignKeyConstraint(["county_id"], ["areas.id"], name=op.f("fk_pairings_county_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people.id"], name=op.f("fk_pairings_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["people.id"], name=op.f("fk_pairings_proposed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["people.id"], name=op.f("fk_pairings_supervisor_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_pairings_team_id")),
        sa.ForeignKeyConstraint(
            ["township_id"], ["areas.id"], name=op.f("fk_pairings_township_id")
        ),
        sa.ForeignKeyConstraint(["village_id"], ["areas.id"], name=op.f("fk_pairings_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairings")),
        sa.UniqueConstraint("uid", name=op.f("uq_pairings_uid")),
    )
    with op.batch_alter_table("pairings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pairings_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pairings_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pairings_county_id"), ["county_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_pairings_county_id_stage_id"), ["county_id", "stage", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_pairings_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pairings_township_id"), ["township_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pairings_village_id"), ["village_id"], unique=False)
        batch_op.create_index(
            "uq_pairings_one_live_a_child",
            ["child_id"],
            unique=True,
            sqlite_where=sa.text("stage IN ('proposed', 'approved', 'active', 'paused', 'ending')"),
            postgresql_where=sa.text(
                "stage IN ('proposed', 'approved', 'active', 'paused', 'ending')"
            ),
        )

    op.create_table(
        "role_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "volunteer",
                "team_leader",
                "org_lead",
                "child_director",
                "child_supervisor",
                "coordinator",
                "city_coordinator",
                "safeguarding_lead",
                "editor",
                "publisher",
                "dpo",
                "auditor",
                "admin",
                name="role",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("org_id", sa.Integer(), nullable=True),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "until_on IS NULL OR from_on <= until_on", name=op.f("ck_role_grants_days")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_role_grants_area_id")),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["people.id"], name=op.f("fk_role_grants_ended_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["people.id"], name=op.f("fk_role_grants_granted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisations.id"], name=op.f("fk_role_grants_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_role_grants_person_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_role_grants_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
    )
    with op.batch_alter_table("role_grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grants_org_id"), ["org_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grants_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grants_post_id"), ["post_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_role_grants_role_area_id"), ["role", "area_id"], unique=False
        )

    op.create_table(
        "slots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "pairing_visits", "group_activity", name="slotkind", native_enum=False, length=30
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("0 <= taken AND taken <= capacity", name=op.f("ck_slots_seats")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_slots_days")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_slots_campaign_id")
        ),
        sa.ForeignKeyConstraint(["county_id"], ["areas.id"], name=op.f("fk_slots_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slots")),
        sa.UniqueConstraint(
            "campaign_id",
            "county_id",
            "kind",
            "starts_on",
            name=op.f("uq_slots_campaign_id_county_id_kind_starts_on"),
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_slots_uid")),
    )
    with op.batch_alter_table("slots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slots_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "team_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_members_team_id")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteers.id"], name=op.f("fk_team_members_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_members")),
    )
    with op.batch_alter_table("team_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_members_team_id"), ["team_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_team_members_volunteer_id"), ["volunteer_id"], unique=False
        )
        batch_op.create_index(
            "uq_team_members_current",
            ["team_id", "volunteer_id"],
            unique=True,
            sqlite_where=sa.text("left_on IS NULL"),
            postgresql_where=sa.text("left_on IS NULL"),
        )
        batch_op.create_index(
            "uq_team_members_leader",
            ["team_id"],
            unique=True,
            sqlite_where=sa.text("leads AND left_on IS NULL"),
            postgresql_where=sa.text("leads AND left_on IS NULL"),
        )

    op.create_table(
        "sign_ups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=11), nullable=True),
        sa.Column("email", sa.String(length=120), nullable=True),
        sa.Column("org_text", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "confirmed",
                "expired",
                "cancelled",
                name="signupstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "phone IS NOT NULL OR email IS NOT NULL", name=op.f("ck_sign_ups_contact")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ups_person_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"], name=op.f("fk_sign_ups_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ups")),
        sa.UniqueConstraint("slot_id", "contact", name=op.f("uq_sign_ups_slot_id_contact")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ups_token_hash")),
        sa.UniqueConstraint("uid", name=op.f("uq_sign_ups_uid")),
    )
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_ups_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sign_ups_state_expires_at"), ["state", "expires_at"], unique=False
        )

    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "place_kind",
            sa.Enum(
                "station",
                "children_house",
                "school_room",
                "library",
                "home",
                name="placekind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("place_text", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "confirmed",
                "in_progress",
                "completed",
                "recorded",
                "approved",
                "cancelled",
                "no_show",
                name="state",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("guardian_agreed", sa.Boolean(), nullable=False),
        sa.Column("planned_by_id", sa.Integer(), nullable=True),
        sa.Column("planned_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "cancel_reason",
            sa.Enum(
                "volunteer",
                "guardian",
                "child",
                "weather",
                "holiday",
                "safeguarding",
                "consent_withdrawn",
                "pairing_ended",
                name="cancelreason",
                native_enum=False,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=True),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_visits_times")),
        sa.ForeignKeyConstraint(["county_id"], ["areas.id"], name=op.f("fk_visits_county_id")),
        sa.ForeignKeyConstraint(["pairing_id"], ["pairings.id"], name=op.f("fk_visits_pairing_id")),
        sa.ForeignKeyConstraint(
            ["planned_by_id"], ["people.id"], name=op.f("fk_visits_planned_by_id")
        ),
        sa.ForeignKeyConstraint(["township_id"], ["areas.id"], name=op.f("fk_visits_township_id")),
        sa.ForeignKeyConstraint(["village_id"], ["areas.id"], name=op.f("fk_visits_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("uid", name=op.f("uq_visits_uid")),
    )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visits_county_id"), ["county_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_visits_county_id_starts_at_id"),
            ["county_id", "starts_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_visits_pairing_id_starts_at"), ["pairing_id", "starts_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_visits_state_ends_at"), ["state", "ends_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_visits_township_id"), ["township_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visits_village_id"), ["village_id"], unique=False)

    op.create_table(
        "visit_parties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column(
            "role",
            sa.Enum("member", "escort", name="partyrole", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("checked_in_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("checked_out_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "checked_out_at IS NULL OR checked_in_at <= checked_out_at",
            name=op.f("ck_visit_parties_times"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_visit_parties_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_parties_visit_id")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteers.id"], name=op.f("fk_visit_parties_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_parties")),
        sa.UniqueConstraint(
            "visit_id", "person_id", name=op.f("uq_visit_parties_visit_id_person_id")
        ),
    )
    with op.batch_alter_table("visit_parties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_parties_person_id"), ["person_id"], unique=False)

    op.create_table(
        "visit_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("child_present", sa.Boolean(), nullable=False),
        sa.Column(
            "mood",
            sa.Enum("great", "good", "so_so", "bad", name="mood", native_enum=False, length=30),
            nullable=True,
        ),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("need_changes", sa.String(length=300), nullable=False),
        sa.Column("parcel", sa.String(length=100), nullable=False),
        sa.Column("concern", sa.Boolean(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("returned_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "approved_by_id <> recorded_by_id", name=op.f("ck_visit_records_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["people.id"], name=op.f("fk_visit_records_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["people.id"], name=op.f("fk_visit_records_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_records_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_records")),
        sa.UniqueConstraint("visit_id", "number", name=op.f("uq_visit_records_visit_id_number")),
    )
    for statement in ONLY_ADDED[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("visit_records")
    with op.batch_alter_table("visit_parties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_parties_person_id"))

    op.drop_table("visit_parties")
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visits_village_id"))
        batch_op.drop_index(batch_op.f("ix_visits_township_id"))
        batch_op.drop_index(batch_op.f("ix_visits_state_ends_at"))
        batch_op.drop_index(batch_op.f("ix_visits_pairing_id_starts_at"))
        batch_op.drop_index(batch_op.f("ix_visits_county_id_starts_at_id"))
        batch_op.drop_index(batch_op.f("ix_visits_county_id"))

    op.drop_table("visits")
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ups_state_expires_at"))
        batch_op.drop_index(batch_op.f("ix_sign_ups_person_id"))

    op.drop_table("sign_ups")
    with op.batch_alter_table("team_members", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_team_members_leader",
            sqlite_where=sa.text("leads AND left_on IS NULL"),
            postgresql_where=sa.text("leads AND left_on IS NULL"),
        )
        batch_op.drop_index(
            "uq_team_members_current",
            sqlite_where=sa.text("left_on IS NULL"),
            postgresql_where=sa.text("left_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_team_members_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_team_members_team_id"))

    op.drop_table("team_members")
    with op.batch_alter_table("slots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slots_campaign_id"))

    op.drop_table("slots")
    with op.batch_alter_table("role_grants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grants_role_area_id"))
        batch_op.drop_index(batch_op.f("ix_role_grants_post_id"))
        batch_op.drop_index(batch_op.f("ix_role_grants_person_id"))
        batch_op.drop_index(batch_op.f("ix_role_grants_org_id"))

    op.drop_table("role_grants")
    with op.batch_alter_table("pairings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_pairings_one_live_a_child",
            sqlite_where=sa.text("stage IN ('proposed', 'approved', 'active', 'paused', 'ending')"),
            postgresql_where=sa.text(
                "stage IN ('proposed', 'approved', 'active', 'paused', 'ending')"
            ),
        )
        batch_op.drop_index(batch_op.f("ix_pairings_village_id"))
        batch_op.drop_index(batch_op.f("ix_pairings_township_id"))
        batch_op.drop_index(batch_op.f("ix_pairings_team_id"))
        batch_op.drop_index(batch_op.f("ix_pairings_county_id_stage_id"))
        batch_op.drop_index(batch_op.f("ix_pairings_county_id"))
        batch_op.drop_index(batch_op.f("ix_pairings_child_id"))
        batch_op.drop_index(batch_op.f("ix_pairings_campaign_id"))

    op.drop_table("pairings")
    with op.batch_alter_table("hour_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hour_entries_volunteer_id_served_on"))

    op.drop_table("hour_entries")
    with op.batch_alter_table("free_times", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_free_times_volunteer_id"))

    op.drop_table("free_times")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_volunteer_id_kind_valid_until"))

    op.drop_table("evidence")
    op.drop_table("day_counts")
    op.drop_table("campaign_partners")
    with op.batch_alter_table("volunteers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_volunteers_org_id"))
        batch_op.drop_index(batch_op.f("ix_volunteers_county_id_status_id"))

    op.drop_table("volunteers")
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posts_area_id"))

    op.drop_table("posts")
    with op.batch_alter_table("inbox_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_items_person_id_id"))

    op.drop_table("inbox_items")
    with op.batch_alter_table("delivery_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_attempts_message_id"))

    op.drop_table("delivery_attempts")
    op.drop_table("consents")
    with op.batch_alter_table("child_free_times", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_child_free_times_child_id"))

    op.drop_table("child_free_times")
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaigns_stage_visits_from_id"))
        batch_op.drop_index(batch_op.f("ix_campaigns_brand_id"))

    op.drop_table("campaigns")
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_teams_county_id_id"))

    op.drop_table("teams")
    with op.batch_alter_table("sign_in_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_sessions_person_id"))

    op.drop_table("sign_in_sessions")
    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_links_person_id"))

    op.drop_table("sign_in_links")
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisations_kind_area_id"))

    op.drop_table("organisations")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_messages_waiting",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_index(batch_op.f("ix_messages_subject_id_state"))
        batch_op.drop_index(batch_op.f("ix_messages_person_id_sent_at"))
        batch_op.drop_index(
            "ix_messages_leased",
            sqlite_where=sa.text("state IN ('claimed', 'sending')"),
            postgresql_where=sa.text("state IN ('claimed', 'sending')"),
        )

    op.drop_table("messages")
    with op.batch_alter_table("children", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_children_village_id"))
        batch_op.drop_index(batch_op.f("ix_children_township_id"))
        batch_op.drop_index(batch_op.f("ix_children_county_id_state_open_since_id"))
        batch_op.drop_index(batch_op.f("ix_children_county_id"))

    op.drop_table("children")
    with op.batch_alter_table("audit_rows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_rows_ref"))
        batch_op.drop_index(batch_op.f("ix_audit_rows_at"))
        batch_op.drop_index(batch_op.f("ix_audit_rows_actor_id"))

    op.drop_table("audit_rows")
    with op.batch_alter_table("submitted_forms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submitted_forms_at"))

    op.drop_table("submitted_forms")
    op.drop_table("people")
    op.drop_table("parameter_values")
    op.drop_table("message_subjects")
    op.drop_table("calendar_days")
    op.drop_table("brands")
    with op.batch_alter_table("areas", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_areas_parent_id"))
        batch_op.drop_index(batch_op.f("ix_areas_level"))

    op.drop_table("areas")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_rows_only_added")
