"""Alerts: something that people who answer for safety have to look at, and what they found."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from messages.alerts.rules import AlertKind, AlertState


class Alert(Base):
    """Nobody closes an alert about themselves; a false alarm takes two people."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(None, "state", "area_id"),
        CheckConstraint(
            "state <> 'false_alarm' OR (closed_by_id IS NOT NULL AND proposed_by_id IS NOT NULL"
            " AND closed_by_id <> proposed_by_id)",
            name="two_people",
        ),
        CheckConstraint("closed_by_id <> about_id", name="not_oneself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    """What makes it the same alert today; freed when it is closed, so that it can be raised anew.
    """
    kind: Mapped[AlertKind]
    ref: Mapped[str] = mapped_column(String(60))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    """A county, or the city; None for the whole site."""
    about_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """Whose doing it is; they neither see the alert nor decide on it."""
    at: Mapped[datetime] = mapped_column(default=clock.now)
    state: Mapped[AlertState] = mapped_column(default=AlertState.OPEN)
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    acknowledged_at: Mapped[datetime | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime | None]
    proposal: Mapped[str] = mapped_column(String(300), default="")
    """Why somebody holds it to be a false alarm."""
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(300), default="")
