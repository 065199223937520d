"""When examinations are, so that nobody signs up for those days without knowing."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core import ids
from core.db import Base


class ExamPeriod(Base):
    """Days of examinations: everybody's, or those of one school or organisation."""

    __tablename__ = "exam_periods"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        Index(None, "last_day", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    first_day: Mapped[date]
    last_day: Mapped[date]
    org_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    """Whose members it concerns; everybody's without one."""
    source: Mapped[str] = mapped_column(String(120))
    confirmed: Mapped[bool] = mapped_column(default=True)
    """Else it is what is usual and not announced yet."""
