"""What is said of a campaign when it is over, with the numbers as they were published."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base

OPEN = "published_at IS NULL AND given_up_at IS NULL"


class ClosingReport(Base):
    """One version of a campaign's report: somebody writes it, somebody else publishes it.

    The first one has number 1; those after it correct what was public before them and say why.
    The public reads the published one with the greatest number, and no other.
    """

    __tablename__ = "closing_reports"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        CheckConstraint("(published_at IS NULL) = (published_by_id IS NULL)", name="published"),
        CheckConstraint("published_by_id <> written_by_id", name="two_people"),
        CheckConstraint("number >= 1 AND (number = 1 OR reason <> '')", name="reason"),
        CheckConstraint(
            "(given_up_at IS NULL) = (given_up_by_id IS NULL)"
            " AND (given_up_at IS NULL OR (published_at IS NULL AND number > 1))",
            name="given_up",
        ),
        Index(
            "uq_closing_reports_open",
            "campaign_id",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    number: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it corrects the one before; public with it."""
    reason_en: Mapped[str] = mapped_column(String(200), default="")
    written_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    """Who wrote it last."""
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    begun_at: Mapped[datetime] = mapped_column(default=clock.now)
    """Whoever has written in it since then does not publish it."""
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    published_at: Mapped[datetime | None]
    given_up_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    given_up_at: Mapped[datetime | None]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The public numbers of the first publication, suppressed and rounded as they were told.

    Corrections keep them: two tables of the same campaign would tell small numbers by difference.
    """
    version: Mapped[int] = mapped_column(default=1)
