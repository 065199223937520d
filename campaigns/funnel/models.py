"""How often a campaign's pages were looked at, by day: a number, and nothing about who looked."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.funnel.rules import Step
from core.db import Base


class FunnelCount(Base):
    """A counter of a day: no address, no device, no person."""

    __tablename__ = "funnel_counts"
    __table_args__ = (
        UniqueConstraint("campaign_id", "day", "step", "source", "area_id"),
        CheckConstraint("count >= 0", name="count"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    day: Mapped[date]
    step: Mapped[Step]
    source: Mapped[str] = mapped_column(String(8), default="")
    """The tag of the place they came from; empty for everybody else. It outlives its place."""
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    """The slot's county; of a campaign's page the campaign's own area."""
    count: Mapped[int]
