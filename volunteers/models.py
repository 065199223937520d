"""Volunteers, what shows that they may meet children, and the hours they offer."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from volunteers.rules import EvidenceKind, Outcome, Period, Sex, Status


class Volunteer(Base):
    __tablename__ = "volunteers"
    __table_args__ = (Index(None, "county_id", "status", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    """The volunteer number used instead of an identity number (MZ/T 061-2015)."""
    status: Mapped[Status] = mapped_column(default=Status.APPLIED)
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    org_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    org_text: Mapped[str] = mapped_column(String(80), default="")
    """The school or organisation as typed, until it is one of ours."""
    initials: Mapped[str] = mapped_column(String(40), default="")
    """Pinyin initials of the name, for searching."""
    sex: Mapped[Sex | None]
    birth_year: Mapped[int | None]
    skills: Mapped[list[str]] = mapped_column(default=list)
    capacity: Mapped[int] = mapped_column(default=1)
    wants_team: Mapped[bool] = mapped_column(default=False)
    """Whether somebody who has a team would join another."""
    applied_at: Mapped[datetime] = mapped_column(default=clock.now)
    activated_at: Mapped[datetime | None]
    status_reason: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)


class FreeTime(Base):
    """A stretch of every week, in minutes after midnight; Monday is 0."""

    __tablename__ = "free_times"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440", name="minutes"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteers.id", ondelete="CASCADE"), index=True
    )
    period: Mapped[Period] = mapped_column(default=Period.ALWAYS)
    weekday: Mapped[int]
    start_minute: Mapped[int]
    end_minute: Mapped[int]


class Evidence(Base):
    """One thing that was checked about a volunteer: never what a record says, only its outcome.

    Rows are added, never changed; a wrong one is voided with a reason and entered anew.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        Index(None, "volunteer_id", "kind", "valid_until"),
        CheckConstraint("valid_until IS NULL OR dated <= valid_until", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    kind: Mapped[EvidenceKind]
    outcome: Mapped[Outcome]
    dated: Mapped[date]
    valid_until: Mapped[date | None]
    reference: Mapped[str] = mapped_column(String(60), default="")
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(String(200), default="")
