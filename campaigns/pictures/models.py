"""The picture of a campaign: what is known of it; its files lie in a folder beside the database."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base


class CampaignPicture(Base):
    """At most one a campaign; whoever added it has said that no child can be recognised on it."""

    __tablename__ = "campaign_pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True)
    """The name its files go by, made when they were written."""
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), unique=True)
    alt: Mapped[str] = mapped_column(String(120))
    alt_en: Mapped[str] = mapped_column(String(200), default="")
    sizes: Mapped[list[list[int]]] = mapped_column(JSON)
    """Width and height of each size, the smallest first."""
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
