"""Days on which a county lets nobody set out: snow, flood, heat."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base


class BadWeather(Base):
    __tablename__ = "bad_weather_days"
    __table_args__ = (UniqueConstraint("county_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    county_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    day: Mapped[date]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    said_at: Mapped[datetime] = mapped_column(default=clock.now)
