"""The register of impact assessments: versions, of which the approved one counts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from rights.assessments.rules import Result, State


class Assessment(Base):
    __tablename__ = "assessments"
    __table_args__ = (
        CheckConstraint("approved_by_id <> written_by_id", name="two_people"),
        CheckConstraint("state = 'draft' OR approved_by_id IS NOT NULL", name="somebody"),
        CheckConstraint(
            "state = 'draft' OR (approved_at IS NOT NULL AND review_on IS NOT NULL)",
            name="approved",
        ),
        Index(
            "uq_assessments_one_review",
            "previous_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
        Index(None, "state", "review_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("assessments.id"))
    """The approved version this one reviews; it takes its place once approved."""
    title: Mapped[str] = mapped_column(String(80))
    purposes: Mapped[str] = mapped_column(Text)
    involved: Mapped[str] = mapped_column(Text)
    necessity: Mapped[str] = mapped_column(Text)
    risks: Mapped[str] = mapped_column(Text)
    measures: Mapped[str] = mapped_column(Text)
    conclusion: Mapped[Result]
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    approved_at: Mapped[datetime | None]
    review_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
