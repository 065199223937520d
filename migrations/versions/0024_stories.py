"""Stories, the children they concern, and proofs that a withdrawn one is gone."""

import sqlalchemy as sa
from alembic import op

import core.db
from core.policies import unwall, wall

revision = "0024"
down_revision = "0023"
STATES = ("draft", "first_check", "second_check", "final_check", "published", "withdrawn")
HIDING = ("none_to_see", "masked")
CAUSES = ("desk", "consent")
PROOFS = ("paper", "witnessed_call", "asked_in_person")
CHECKS = {
    "children": "0 <= children AND children <= 30",
    "shown": "NOT shows_children OR (children > 0 AND picture_uid IS NOT NULL)",
    "picture": "(picture_uid IS NULL) = (hiding IS NULL) AND (picture_uid IS NULL OR alt <> '')",
    "first_person": "first_by_id <> author_id",
    "second_person": "second_by_id <> author_id AND second_by_id <> first_by_id",
    "third_person": "published_by_id <> author_id AND published_by_id <> second_by_id",
    "checked": (
        "state <> 'published' OR (first_by_id IS NOT NULL AND second_by_id IS NOT NULL"
        " AND published_by_id IS NOT NULL AND published_at IS NOT NULL)"
    ),
    "withdrawn": (
        "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)"
        " AND (state = 'withdrawn') = (cause IS NOT NULL)"
    ),
}


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, core.db.UtcDateTime(timezone=True), nullable=nullable)


def _links(table: str, **to: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [where], name=op.f(f"fk_{table}_{column}"))
        for column, where in to.items()
    ]


def upgrade() -> None:
    op.create_table(
        "stories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("text_en", sa.String(length=1000), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("shows_children", sa.Boolean(), nullable=False),
        sa.Column("impact", sa.String(length=300), nullable=False),
        sa.Column("picture_uid", sa.String(length=22), nullable=True),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("alt", sa.String(length=120), nullable=False),
        sa.Column("alt_en", sa.String(length=200), nullable=False),
        sa.Column("hiding", _one_of("hiding", HIDING), nullable=True),
        sa.Column("state", _one_of("state", STATES), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("first_by_id", sa.Integer(), nullable=True),
        sa.Column("second_by_id", sa.Integer(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        _moment("published_at", nullable=True),
        _moment("withdrawn_at", nullable=True),
        sa.Column("cause", _one_of("cause", CAUSES), nullable=True),
        _moment("edited_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_stories_{name}"))
            for name, rule in CHECKS.items()
        ),
        *_links(
            "stories",
            campaign_id="campaigns.id",
            author_id="people.id",
            first_by_id="people.id",
            second_by_id="people.id",
            published_by_id="people.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sa.UniqueConstraint("uid", name=op.f("uq_stories_uid")),
        sa.UniqueConstraint("picture_uid", name=op.f("uq_stories_picture_uid")),
    )
    op.create_index(
        op.f("ix_stories_campaign_id_state_id"), "stories", ["campaign_id", "state", "id"]
    )
    op.create_index(op.f("ix_stories_state_id"), "stories", ["state", "id"])
    op.create_table(
        "story_children",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("proof", _one_of("consentproof", PROOFS), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        _moment("entered_at"),
        *_links(
            "story_children",
            story_id="stories.id",
            child_id="children.id",
            entered_by_id="people.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_children")),
        sa.UniqueConstraint(
            "story_id", "child_id", name=op.f("uq_story_children_story_id_child_id")
        ),
    )
    op.create_index(op.f("ix_story_children_child_id"), "story_children", ["child_id"])
    op.create_table(
        "story_proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        _moment("at"),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("faces", sa.JSON(), nullable=False),
        *_links("story_proofs", story_id="stories.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_proofs")),
    )
    op.create_index(op.f("ix_story_proofs_story_id"), "story_proofs", ["story_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in wall("story_children"):
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in unwall("story_children"):
            op.execute(statement)
    op.drop_table("story_proofs")
    op.drop_table("story_children")
    op.drop_table("stories")
