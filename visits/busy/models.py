"""When people have no time, as their own calendar says: ranges only, never what for."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base


class BusyImport(Base):
    """The last calendar somebody brought: one replaces the other."""

    __tablename__ = "busy_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    loaded_at: Mapped[datetime] = mapped_column(default=clock.now)
    until_at: Mapped[datetime]
    """It was read up to here: nothing is known of what comes after."""
    left_out: Mapped[int] = mapped_column(default=0)
    """How many events repeat by a rule that is not understood."""


class BusyTime(Base):
    """A stretch without time; half open, so that one may begin where another ends."""

    __tablename__ = "busy_times"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="times"),
        Index(None, "person_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
