"""Requests of guardians, children and volunteers about what is kept of them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from places.models import AtPlace
from rights.requests.rules import Asker, Channel, Clocks, RequestKind, State


class RightsRequest(AtPlace, Base):
    """One request about one child's file or one volunteer; the place is theirs."""

    __tablename__ = "rights_requests"
    __table_args__ = (
        CheckConstraint("(child_id IS NULL) <> (volunteer_id IS NULL)", name="about"),
        CheckConstraint("state <> 'refused' OR outcome <> ''", name="reason"),
        Index(None, "county_id", "state", "finish_by", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    kind: Mapped[RequestKind]
    asker: Mapped[Asker]
    channel: Mapped[Channel]
    child_id: Mapped[int | None] = mapped_column(ForeignKey("children.id"), index=True)
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteers.id"), index=True)
    said: Mapped[str] = mapped_column(String(300), default="")
    """What is asked for, in plain words without anybody's name or number."""
    received_on: Mapped[date]
    confirm_by: Mapped[date]
    finish_by: Mapped[date]
    state: Mapped[State] = mapped_column(default=State.RECEIVED)
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    confirmed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(500), default="")
    """What was done, or why not: a refusal is in writing (PIPL 50 [T])."""

    @property
    def clocks(self) -> Clocks:
        return Clocks(self.confirm_by, self.finish_by)
