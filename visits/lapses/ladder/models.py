"""The steps taken for a missed window, each with the look after the child it asks for."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from visits.lapses.ladder.rules import Check, Step


class LapseStep(Base):
    __tablename__ = "lapse_steps"
    __table_args__ = (
        UniqueConstraint("pairing_id", "window_on", "step"),
        CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)"
            " AND (answer IS NULL) = (answered_by_id IS NULL)",
            name="answered",
        ),
        Index(None, "answered_at", "pairing_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"))
    window_on: Mapped[date]
    """Until when the visit could have been as the first step was taken: names the missed window."""
    step: Mapped[Step]
    taken_on: Mapped[date]
    answer: Mapped[Check | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]
