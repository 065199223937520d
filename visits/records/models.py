"""What became of a visit: versions, of which the newest counts, and its approval."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base
from visits.rules import Mood, NeedChange


class VisitRecord(Base):
    """A correction is a new number; only the newest can be approved."""

    __tablename__ = "visit_records"
    __table_args__ = (
        UniqueConstraint("visit_id", "number"),
        CheckConstraint("approved_by_id <> recorded_by_id", name="two_people"),
        CheckConstraint("parcels IS NULL OR parcels BETWEEN 1 AND 99", name="parcels"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    number: Mapped[int]
    child_present: Mapped[bool]
    mood: Mapped[Mood | None]
    did: Mapped[str] = mapped_column(Text)
    need_change: Mapped[NeedChange | None]
    """None in records of before it was asked."""
    need_changes: Mapped[str] = mapped_column(String(300), default="")
    parcel: Mapped[str] = mapped_column(String(100), default="")
    parcels: Mapped[int | None]
    """How many; a record names no wish, as no wish leads to a child (campaigns.wishes)."""
    concern: Mapped[bool]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    approved_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(String(200), default="")
