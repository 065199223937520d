"""Hours that count: what was really served, travel left out (domain.md §2.3)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base


class HourEntry(Base):
    """Minutes of one volunteer for one piece of service; the same service counts once."""

    __tablename__ = "hour_entries"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "source", "source_ref"),
        CheckConstraint("minutes >= 0", name="minutes"),
        Index(None, "volunteer_id", "served_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    minutes: Mapped[int]
    served_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(20))
    source_ref: Mapped[str] = mapped_column(String(22))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    credited_at: Mapped[datetime] = mapped_column(default=clock.now)
