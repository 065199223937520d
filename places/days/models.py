"""Days that are not what their weekday says: for visits, and for clocks in working days."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from places.days.rules import DayKind


class CalendarDay(Base):
    """A holiday, or a weekend day that is worked."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind]
    name: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(120))
    confirmed: Mapped[bool] = mapped_column(default=True)
