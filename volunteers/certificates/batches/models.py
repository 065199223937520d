"""Certificates for many at once: made behind the pages, a few people at a time."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from volunteers.certificates.batches.rules import State


class CertificateBatch(Base):
    """A wish for certificates of everybody of a county, or of one organisation there."""

    __tablename__ = "certificate_batches"
    __table_args__ = (
        Index(None, "county_id", "id"),
        Index(None, "state"),
        CheckConstraint("from_on <= until_on", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    org_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    from_on: Mapped[date]
    until_on: Mapped[date]
    state: Mapped[State] = mapped_column(default=State.WAITING)
    total: Mapped[int]
    """How many people there were when it was asked for."""
    done: Mapped[int] = mapped_column(default=0)
    issued: Mapped[int] = mapped_column(default=0)
    """How many of them got a certificate; the others had one for these very days."""
    after_id: Mapped[int] = mapped_column(default=0)
    """The volunteer up to whom it has come."""
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    claimed_at: Mapped[datetime | None]
    touched_at: Mapped[datetime | None]
