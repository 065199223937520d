"""Activities above the slots, seats with a queue, and what a slot asks of those who come."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
KINDS = ("pairing_visits", "group_activity")
ROLES = ("companion", "leader", "tutor", "helper", "driver")
NEW_STATES = {"pending": "held", "expired": "abandoned"}
SLOT_CHECKS = {
    "minutes": "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
    "least": "0 <= least AND least <= capacity",
    "party": "1 <= most_party AND (most_party = 1 OR NOT with_children)",
    "known": "0 <= women AND women <= taken AND 0 <= experienced AND experienced <= taken",
    "kept": (
        "0 <= least_women AND least_women <= capacity"
        " AND 0 <= least_experienced AND least_experienced <= capacity"
    ),
}
SIGN_UP_CHECKS = {
    "party": "party >= 1",
    "ticket": "state <> 'waiting' OR ticket IS NOT NULL",
}
COUNTERS = {
    "from_minute": 0,
    "until_minute": 1440,
    "changeover": 0,
    "least": 0,
    "most_party": 1,
    "least_women": 0,
    "least_experienced": 0,
    "women": 0,
    "experienced": 0,
    "queued": 0,
}


def upgrade() -> None:
    op.create_table(
        "activities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="slotkind", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column(
            "timing",
            sa.Enum("fixed", "window", "open_ended", name="timing", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_activities_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sa.UniqueConstraint("uid", name=op.f("uq_activities_uid")),
    )
    op.create_index(op.f("ix_activities_campaign_id"), "activities", ["campaign_id"])
    with op.batch_alter_table("slots") as batch_op:
        batch_op.add_column(sa.Column("activity_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("place", sa.String(length=60), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column(
                "role",
                sa.Enum(*ROLES, name="slotrole", native_enum=False, length=30),
                nullable=False,
                server_default="companion",
            )
        )
        for name in ("with_children", "trained", "screened"):
            batch_op.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true())
            )
        for name, value in COUNTERS.items():
            batch_op.add_column(
                sa.Column(name, sa.Integer(), nullable=False, server_default=str(value))
            )
    _one_activity_for_each_kind()
    plain = ("place", "role", "with_children", "trained", "screened", *COUNTERS)
    with op.batch_alter_table("slots") as batch_op:
        batch_op.drop_constraint(
            op.f("uq_slots_campaign_id_county_id_kind_starts_on"), type_="unique"
        )
        batch_op.drop_column("kind")
        batch_op.alter_column("activity_id", existing_type=sa.Integer(), nullable=False)
        for name in plain:
            batch_op.alter_column(name, server_default=None)
        batch_op.create_foreign_key(
            op.f("fk_slots_activity_id"), "activities", ["activity_id"], ["id"]
        )
        batch_op.create_unique_constraint(
            op.f("uq_slots_activity_id_county_id_place_role_starts_on_from_minute"),
            ["activity_id", "county_id", "place", "role", "starts_on", "from_minute"],
        )
        for name, rule in SLOT_CHECKS.items():
            batch_op.create_check_constraint(op.f(f"ck_slots_{name}"), rule)
    _sign_ups()


def _one_activity_for_each_kind() -> None:
    connection = op.get_bind()
    pairs = connection.execute(
        sa.text("SELECT DISTINCT campaign_id, kind FROM slots ORDER BY campaign_id, kind")
    ).all()
    for campaign_id, kind in pairs:
        connection.execute(
            sa.text(
                "INSERT INTO activities (uid, campaign_id, kind, timing, title, title_en)"
                " VALUES (:uid, :campaign_id, :kind, 'window', '', '')"
            ),
            {"uid": secrets.token_urlsafe(16), "campaign_id": campaign_id, "kind": kind},
        )
    connection.execute(
        sa.text(
            "UPDATE slots SET activity_id = (SELECT activities.id FROM activities"
            " WHERE activities.campaign_id = slots.campaign_id AND activities.kind = slots.kind)"
        )
    )


def _sign_ups() -> None:
    for old, new in NEW_STATES.items():
        _rename_state(old, new)
    with op.batch_alter_table("sign_ups") as batch_op:
        batch_op.add_column(sa.Column("party", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("ticket", sa.Integer(), nullable=True))
        for name in ("woman", "experienced"):
            batch_op.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
    with op.batch_alter_table("sign_ups") as batch_op:
        for name in ("party", "woman", "experienced"):
            batch_op.alter_column(name, server_default=None)
        batch_op.create_index(
            op.f("ix_sign_ups_slot_id_state_ticket"), ["slot_id", "state", "ticket"]
        )
        for name, rule in SIGN_UP_CHECKS.items():
            batch_op.create_check_constraint(op.f(f"ck_sign_ups_{name}"), rule)


def _rename_state(old: str, new: str) -> None:
    op.get_bind().execute(
        sa.text("UPDATE sign_ups SET state = :new WHERE state = :old"), {"old": old, "new": new}
    )


def downgrade() -> None:
    """Whoever waits or was offered a seat is let go; whoever came stays confirmed."""
    with op.batch_alter_table("sign_ups") as batch_op:
        for name in SIGN_UP_CHECKS:
            batch_op.drop_constraint(op.f(f"ck_sign_ups_{name}"), type_="check")
        batch_op.drop_index(op.f("ix_sign_ups_slot_id_state_ticket"))
        for name in ("party", "ticket", "woman", "experienced"):
            batch_op.drop_column(name)
    for old, new in NEW_STATES.items():
        _rename_state(new, old)
    for state in ("arrived", "completed", "no_show"):
        _rename_state(state, "confirmed")
    for state in ("waiting", "offered"):
        _rename_state(state, "cancelled")
    with op.batch_alter_table("slots") as batch_op:
        for name in SLOT_CHECKS:
            batch_op.drop_constraint(op.f(f"ck_slots_{name}"), type_="check")
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum(*KINDS, name="slotkind", native_enum=False, length=30),
                nullable=True,
            )
        )
    op.get_bind().execute(
        sa.text(
            "UPDATE slots SET kind = (SELECT activities.kind FROM activities"
            " WHERE activities.id = slots.activity_id)"
        )
    )
    with op.batch_alter_table("slots") as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(length=30), nullable=False)
        batch_op.drop_constraint(
            op.f("uq_slots_activity_id_county_id_place_role_starts_on_from_minute"), type_="unique"
        )
        batch_op.drop_constraint(op.f("fk_slots_activity_id"), type_="foreignkey")
        for name in ("activity_id", "place", "role", "with_children", "trained", "screened"):
            batch_op.drop_column(name)
        for name in COUNTERS:
            batch_op.drop_column(name)
        batch_op.create_unique_constraint(
            op.f("uq_slots_campaign_id_county_id_kind_starts_on"),
            ["campaign_id", "county_id", "kind", "starts_on"],
        )
    op.drop_table("activities")
