"""Exports as requests: who wanted which list what for, and what became of the file."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.exports.rules import ExportState, Format
from core import clock, ids
from core.db import Base


class Export(Base):
    __tablename__ = "exports"
    __table_args__ = (Index(None, "asked_by_id", "asked_at"), Index(None, "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    """The number that stands in the file."""
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    kind: Mapped[str] = mapped_column(String(30))
    filters: Mapped[dict[str, Any]]
    format: Mapped[Format]
    reason: Mapped[str] = mapped_column(String(200))
    rows: Mapped[int]
    scope: Mapped[str] = mapped_column(Text)
    """What the person answered for when asking; with another scope no file is made or given."""
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approvals.id"), index=True)
    """Who else agreed; None for few rows."""
    state: Mapped[ExportState]
    claimed_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    file_name: Mapped[str | None] = mapped_column(String(43))
    """In the folder of exports; sealed for this very row, and gone once it was fetched."""
