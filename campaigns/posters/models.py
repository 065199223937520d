"""Where the posters of a campaign hang; campaigns.funnel counts who comes from there."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.posters import rules
from core import clock, ids
from core.db import Base


class CampaignPlace(Base):
    """A wall, a screen, a counter: the tag in its code tells from where people come."""

    __tablename__ = "campaign_places"
    __table_args__ = (UniqueConstraint("campaign_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    name: Mapped[str] = mapped_column(String(40))
    """For those who hang posters; it stands on none of them."""
    county_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    """Where it is: whoever comes from there finds the nearest slots first."""
    tag: Mapped[str] = mapped_column(String(8), unique=True, default=rules.a_tag)
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
