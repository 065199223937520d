"""Stories, the children they concern, and the proofs that a withdrawn one is gone."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.stories.rules import Cause, Hiding, State
from children.rules import ConsentProof
from core import clock, ids
from core.db import Base
from core.fences import Fenced
from core.tiers import Tier, declare


class Story(Base):
    """A few sentences and at most one picture; no column of it says which child it is about."""

    __tablename__ = "stories"
    __table_args__ = (
        CheckConstraint("0 <= children AND children <= 30", name="children"),
        CheckConstraint(
            "NOT shows_children OR (children > 0 AND picture_uid IS NOT NULL)", name="shown"
        ),
        CheckConstraint(
            "(picture_uid IS NULL) = (hiding IS NULL) AND (picture_uid IS NULL OR alt <> '')",
            name="picture",
        ),
        CheckConstraint("first_by_id <> author_id", name="first_person"),
        CheckConstraint(
            "second_by_id <> author_id AND second_by_id <> first_by_id", name="second_person"
        ),
        CheckConstraint(
            "published_by_id <> author_id AND published_by_id <> second_by_id", name="third_person"
        ),
        CheckConstraint(
            "state <> 'published' OR (first_by_id IS NOT NULL AND second_by_id IS NOT NULL"
            " AND published_by_id IS NOT NULL AND published_at IS NOT NULL)",
            name="checked",
        ),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)"
            " AND (state = 'withdrawn') = (cause IS NOT NULL)",
            name="withdrawn",
        ),
        Index(None, "campaign_id", "state", "id"),
        Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    text: Mapped[str] = mapped_column(String(500))
    text_en: Mapped[str] = mapped_column(String(1000), default="")
    children: Mapped[int] = mapped_column(default=0)
    """How many children it concerns; 0 is said by the author and confirmed by each checker."""
    shows_children: Mapped[bool] = mapped_column(default=False)
    """Whether the picture shows some of them, even unrecognisably."""
    impact: Mapped[str] = mapped_column(String(300), default="")
    """Why it has to be told and what may come of it: written at the second check."""
    picture_uid: Mapped[str | None] = mapped_column(String(22), unique=True)
    """The name its files go by; empty again as soon as it is withdrawn."""
    sizes: Mapped[list[list[int]]] = mapped_column(JSON, default=list)
    alt: Mapped[str] = mapped_column(String(120), default="")
    alt_en: Mapped[str] = mapped_column(String(200), default="")
    hiding: Mapped[Hiding | None]
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    note: Mapped[str] = mapped_column(String(200), default="")
    """Why it was sent back, or withdrawn."""
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    """Who wrote what it says now."""
    first_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    second_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    cause: Mapped[Cause | None]
    edited_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column(default=1)


class StoryChild(Fenced, Base):
    """A child that a story concerns, and the day on which it said yes to this very story."""

    __tablename__ = "story_children"
    __table_args__ = (UniqueConstraint("story_id", "child_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    agreed_on: Mapped[date]
    proof: Mapped[ConsentProof]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)


declare(
    StoryChild,
    {Tier.NEED_TO_KNOW: "id story_id child_id agreed_on proof entered_by_id entered_at"},
)


class StoryProof(Base):
    """Where a withdrawn story was looked for, and that it was not there."""

    __tablename__ = "story_proofs"

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    seconds: Mapped[int]
    """From the withdrawal to the end of the search."""
    gone: Mapped[bool]
    faces: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Of each face: its name, the address, the answer's status and SHA-256, and whether it is
    without the story."""
