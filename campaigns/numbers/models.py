"""What a campaign has reached, counted by county and day in the deed's own transaction."""

from datetime import date

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.rules import Measure
from core.db import Base


class DayCount(Base):
    __tablename__ = "day_counts"
    __table_args__ = (UniqueConstraint("campaign_id", "measure", "county_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    measure: Mapped[Measure]
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    day: Mapped[date]
    count: Mapped[int]
