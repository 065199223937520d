"""Visits and who takes part in them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from places.models import AtPlace
from visits.rules import CancelReason, PartyRole, PlaceKind, State


class Visit(AtPlace, Base):
    """One meeting. The version rises with every change of time, place, people or state."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="times"),
        Index(None, "county_id", "starts_at", "id"),
        Index(None, "pairing_id", "starts_at"),
        Index(None, "state", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place_kind: Mapped[PlaceKind]
    place_text: Mapped[str] = mapped_column(String(80))
    """Where to meet; shown to volunteers from 48 h before until 24 h after (domain.md §3)."""
    state: Mapped[State] = mapped_column(default=State.PLANNED)
    joined_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"), index=True)
    """The first of the visits that several children have together: same time, place, escort."""
    guardian_agreed: Mapped[bool] = mapped_column(default=False)
    planned_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    planned_at: Mapped[datetime] = mapped_column(default=clock.now)
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[CancelReason | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def occasion(self) -> int:
        """The meeting on site: one for all the visits that are made together."""
        return self.joined_id or self.id

    @property
    def forgotten(self) -> bool:
        """Whether the child's file is erased: then nothing is left of where they met either."""
        return not self.place_text


class Party(Base):
    """Somebody who takes part in a visit, and when they came and went."""

    __tablename__ = "visit_parties"
    __table_args__ = (
        UniqueConstraint("visit_id", "person_id"),
        CheckConstraint("checked_out_at IS NULL OR checked_in_at <= checked_out_at", name="times"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteers.id"))
    role: Mapped[PartyRole]
    checked_in_at: Mapped[datetime | None]
    checked_out_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    """Wrong codes typed; too many, and only the escort can check this person in and out."""
    code_step: Mapped[int | None]
    """The minute whose code was taken last: none opens twice for one person."""
