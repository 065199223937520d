"""Brands, the editions of their campaigns, and the slots people sign up for."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.rules import SlotKind, SlotRole, Stage, Timing
from campaigns.seats.models import Pool
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
    protections: Mapped[list[str]] = mapped_column(default=list)
    plans: Mapped[list[str]] = mapped_column(default=list)
    """Which of the six protections and of the city's plans it serves."""
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
    publish_at: Mapped[datetime | None] = mapped_column(index=True)
    publish_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """When the site is to publish it by itself, and in whose name."""
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


class Activity(Base):
    """Something that is done in a campaign, in many places and on many days: each one is a slot."""

    __tablename__ = "activities"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    kind: Mapped[SlotKind] = mapped_column(default=SlotKind.PAIRING_VISITS)
    timing: Mapped[Timing] = mapped_column(default=Timing.WINDOW)
    title: Mapped[str] = mapped_column(String(40), default="")
    title_en: Mapped[str] = mapped_column(String(80), default="")
    """Empty for the one activity of its kind: then it is called after what is done."""


class Slot(Pool, Base):
    """Places for volunteers at an activity in one county; never more taken than there are."""

    __tablename__ = "slots"
    __table_args__ = (
        UniqueConstraint("activity_id", "county_id", "place", "role", "starts_on", "from_minute"),
        CheckConstraint("0 <= taken AND taken <= capacity", name="seats"),
        CheckConstraint("starts_on <= ends_on", name="days"),
        CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
            name="minutes",
        ),
        CheckConstraint("0 <= least AND least <= capacity", name="least"),
        CheckConstraint("1 <= most_party AND (most_party = 1 OR NOT with_children)", name="party"),
        CheckConstraint(
            "0 <= women AND women <= taken AND 0 <= experienced AND experienced <= taken",
            name="known",
        ),
        CheckConstraint(
            "0 <= least_women AND least_women <= capacity"
            " AND 0 <= least_experienced AND least_experienced <= capacity",
            name="kept",
        ),
    )

    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    place: Mapped[str] = mapped_column(String(60), default="")
    """A station, a library, a children's home: never anybody's house."""
    role: Mapped[SlotRole] = mapped_column(default=SlotRole.COMPANION)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    from_minute: Mapped[int] = mapped_column(default=0)
    until_minute: Mapped[int] = mapped_column(default=1440)
    """Minutes after midnight of each day, when the hours are fixed."""
    changeover: Mapped[int] = mapped_column(default=0)
    """Minutes that somebody needs before another slot elsewhere."""
    least: Mapped[int] = mapped_column(default=0)
    """With fewer people it does not take place."""
    most_party: Mapped[int] = mapped_column(default=1)
    """How many may come on one sign-up; with children each one is cleared and signs up alone."""
    with_children: Mapped[bool] = mapped_column(default=True)
    trained: Mapped[bool] = mapped_column(default=True)
    screened: Mapped[bool] = mapped_column(default=True)
    least_women: Mapped[int] = mapped_column(default=0)
    least_experienced: Mapped[int] = mapped_column(default=0)
    women: Mapped[int] = mapped_column(default=0)
    experienced: Mapped[int] = mapped_column(default=0)
    """Of those who have a seat, how many are known to be women, and to have been before."""
