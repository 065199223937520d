"""Brands, the editions of their campaigns, and the slots people sign up for."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.rules import SlotKind, Stage
from core import clock, ids
from core.db import Base


class Brand(Base):
    """A name that stays while each year's campaign brings a theme of its own (domain.md §0.11)."""

    __tablename__ = "brands"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80))
    tagline: Mapped[str] = mapped_column(String(120), default="")
    tagline_en: Mapped[str] = mapped_column(String(200), default="")
    art: Mapped[str] = mapped_column(String(20), default="hills")
    position: Mapped[int] = mapped_column(default=0)


class Campaign(Base):
    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint("recruit_from <= recruit_until", name="recruiting"),
        CheckConstraint("visits_from <= visits_until", name="visiting"),
        Index(None, "stage", "visits_from", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    host_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    title: Mapped[str] = mapped_column(String(60))
    title_en: Mapped[str] = mapped_column(String(120), default="")
    summary: Mapped[str] = mapped_column(String(300))
    summary_en: Mapped[str] = mapped_column(String(500), default="")
    story: Mapped[str] = mapped_column(Text, default="")
    story_en: Mapped[str] = mapped_column(Text, default="")
    needed: Mapped[str] = mapped_column(Text, default="")
    needed_en: Mapped[str] = mapped_column(Text, default="")
    """What is needed, one item a line."""
    risks: Mapped[str] = mapped_column(Text, default="")
    risks_en: Mapped[str] = mapped_column(Text, default="")
    """What a volunteer has to know before signing up (volunteer service regulation 12)."""
    recruit_from: Mapped[date]
    recruit_until: Mapped[date]
    training_on: Mapped[date | None]
    visits_from: Mapped[date]
    visits_until: Mapped[date]
    goal_volunteers: Mapped[int] = mapped_column(default=0)
    stage: Mapped[Stage] = mapped_column(default=Stage.DRAFT)
    edited_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    published_at: Mapped[datetime | None]
    edited_at: Mapped[datetime] = mapped_column(default=clock.now)
    review_note: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column(default=1)


class CampaignPartner(Base):
    __tablename__ = "campaign_partners"
    __table_args__ = (UniqueConstraint("campaign_id", "org_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))


class Slot(Base):
    """Places for volunteers of a campaign in one county; never more taken than there are."""

    __tablename__ = "slots"
    __table_args__ = (
        UniqueConstraint("campaign_id", "county_id", "kind", "starts_on"),
        CheckConstraint("0 <= taken AND taken <= capacity", name="seats"),
        CheckConstraint("starts_on <= ends_on", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    kind: Mapped[SlotKind] = mapped_column(default=SlotKind.PAIRING_VISITS)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
