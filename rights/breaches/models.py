"""Breaches of personal information: what happened, what was done, who was told and when."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from rights.breaches.rules import Kind, State


class Breach(Base):
    __tablename__ = "breaches"
    __table_args__ = (
        CheckConstraint("people >= 0 AND 0 <= children AND children <= people", name="numbers"),
        Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    title: Mapped[str] = mapped_column(String(80))
    kind: Mapped[Kind]
    involved: Mapped[str] = mapped_column(Text)
    """Which kinds of information, never whose."""
    cause: Mapped[str] = mapped_column(Text)
    harm: Mapped[str] = mapped_column(Text)
    measures: Mapped[str] = mapped_column(Text)
    advice: Mapped[str] = mapped_column(Text)
    """What families can do themselves (PIPL 57)."""
    people: Mapped[int]
    children: Mapped[int]
    state: Mapped[State] = mapped_column(default=State.DETECTED)
    detected_at: Mapped[datetime]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column(default=1)


class BreachStep(Base):
    """A step of a breach: rows are only added, each state once."""

    __tablename__ = "breach_steps"
    __table_args__ = (UniqueConstraint("breach_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    breach_id: Mapped[int] = mapped_column(ForeignKey("breaches.id"))
    state: Mapped[State]
    note: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
