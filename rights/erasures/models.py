"""Erasing a file: one person asks for it, another carries it out."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base
from places.models import AtPlace
from rights.erasures.rules import Why

OPEN = "carried_out_at IS NULL AND called_off_at IS NULL"


class Erasure(AtPlace, Base):
    """What stays when a file is gone: its number, the day, and the two people."""

    __tablename__ = "erasures"
    __table_args__ = (
        CheckConstraint("(child_id IS NULL) <> (volunteer_id IS NULL)", name="about"),
        CheckConstraint("carried_out_by_id <> asked_by_id", name="two_people"),
        CheckConstraint(
            "(carried_out_at IS NULL) = (carried_out_by_id IS NULL)", name="carried_out"
        ),
        Index(
            "uq_erasures_open_child",
            "child_id",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index(
            "uq_erasures_open_volunteer",
            "volunteer_id",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    child_id: Mapped[int | None] = mapped_column(ForeignKey("children.id"))
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteers.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("rights_requests.id"), index=True)
    why: Mapped[Why]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    hold_reason: Mapped[str] = mapped_column(String(200), default="")
    """Why the law keeps it for now, for example a case that is open; empty: nothing does."""
    held_until: Mapped[date | None]
    carried_out_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    carried_out_at: Mapped[datetime | None]
    called_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    called_off_at: Mapped[datetime | None]
