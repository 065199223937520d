"""Days on which people came: a row for each day of a sign-up, since a slot may last a season."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import ids
from core.db import Base


class Attendance(Base):
    """When somebody came and left on one day; the hours of the day are credited by its uid."""

    __tablename__ = "attendances"
    __table_args__ = (
        UniqueConstraint("sign_up_id", "day"),
        CheckConstraint("left_at IS NULL OR arrived_at <= left_at", name="left"),
        Index(None, "left_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_ups.id"))
    day: Mapped[date]
    """As the calendar of Jinzhong says."""
    arrived_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
