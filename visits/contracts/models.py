"""What has been agreed for one pairing, where it is not what the child's grade presets."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base


class Contract(Base):
    __tablename__ = "visit_contracts"
    __table_args__ = (
        CheckConstraint("every_days BETWEEN 7 AND 90", name="every"),
        CheckConstraint("0 <= window_days AND window_days < every_days", name="window"),
        CheckConstraint("first_accompanied >= 0", name="first"),
    )

    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"), primary_key=True)
    every_days: Mapped[int]
    window_days: Mapped[int]
    places: Mapped[list[str]]
    first_accompanied: Mapped[int]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    set_at: Mapped[datetime] = mapped_column(default=clock.now)
