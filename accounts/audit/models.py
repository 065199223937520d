"""Checks of the audit: who asked, when it ran, what it found."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.checking import Fault
from core.db import Base


class AuditCheck(Base):
    """One check of the whole chain: nightly (with its day), or asked for; open until it ended."""

    __tablename__ = "audit_checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date | None] = mapped_column(unique=True)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    rows: Mapped[int | None]
    head: Mapped[str | None] = mapped_column(String(60))
    fault: Mapped[Fault | None]
    bad_row: Mapped[int | None]
