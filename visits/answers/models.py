"""Whether somebody comes to a visit, as they said with one tap."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from visits.answers.rules import Said


class VisitAnswer(Base):
    """The last answer of one person; `starts_at` is the time that was asked about."""

    __tablename__ = "visit_answers"
    __table_args__ = (UniqueConstraint("visit_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    starts_at: Mapped[datetime]
    said: Mapped[Said]
    answered_at: Mapped[datetime]
