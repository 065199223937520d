"""Days that are not what their weekday says, and when school is: kept by hand, seeded by a file."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core import ids
from core.db import Base
from places.days.rules import DayKind, TimeKind


class CalendarDay(Base):
    """A holiday, or a weekend day that is worked; one that was taken away may come back."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind]
    name: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(120))
    confirmed: Mapped[bool] = mapped_column(default=True)
    removed_at: Mapped[datetime | None]


class SchoolTime(Base):
    """A term or examinations: of a county's schools, or of one university that lies there."""

    __tablename__ = "school_times"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        Index(None, "area_id", "first_day", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    kind: Mapped[TimeKind]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    """The county; of a university the county or city it lies in."""
    org_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    first_day: Mapped[date]
    last_day: Mapped[date]
    source: Mapped[str] = mapped_column(String(120))
    confirmed: Mapped[bool] = mapped_column(default=True)
    removed_at: Mapped[datetime | None]
