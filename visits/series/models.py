"""Series of visits, and what became of each of their days."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from places.models import AtPlace
from visits.rules import PlaceKind
from visits.series.rules import HolidayPolicy, Outcome


class Series(AtPlace, Base):
    """Visits that recur. Who goes is the team as it is on the day, with the escort named here."""

    __tablename__ = "visit_series"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        Index(None, "pairing_id", "id"),
        Index(None, "ended_at", "expanded_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"))
    rule: Mapped[str] = mapped_column(String(80))
    first_on: Mapped[date]
    local_start: Mapped[time]
    minutes: Mapped[int]
    zone: Mapped[str] = mapped_column(String(40))
    policy: Mapped[HolidayPolicy]
    last_on: Mapped[date | None]
    """Until when; without it until the pairing ends."""
    place_kind: Mapped[PlaceKind]
    place_text: Mapped[str] = mapped_column(String(80))
    home_agreed: Mapped[bool] = mapped_column(default=False)
    escort_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    expanded_until: Mapped[date | None]
    ended_at: Mapped[datetime | None]


class Occurrence(Base):
    """One day of a series, named by its local start before any move: so it is settled once."""

    __tablename__ = "visit_occurrences"
    __table_args__ = (
        UniqueConstraint("series_id", "key"),
        CheckConstraint("(outcome = 'planned') = (visit_id IS NOT NULL)", name="planned"),
        Index(None, "outcome", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("visit_series.id"))
    key: Mapped[str] = mapped_column(String(16))
    starts_at: Mapped[datetime]
    outcome: Mapped[Outcome]
    reasons: Mapped[list[str]]
    """Why it was refused when it was last tried, as keys of the rules."""
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"), unique=True)
    settled_at: Mapped[datetime] = mapped_column(default=clock.now)
