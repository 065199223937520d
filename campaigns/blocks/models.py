"""Seats of a slot that are kept for the members of one organisation until a day."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.blocks.rules import a_code
from campaigns.seats.models import Pool
from core import clock, ids
from core.db import Base


class Block(Pool, Base):
    """A pool within a slot's: all its seats count as taken there, whoever sits on them.

    What nobody has taken goes back to the slot at the end; from then on the block holds no more
    seats than are taken, and whoever leaves gives theirs back to the slot.
    """

    __tablename__ = "seat_blocks"
    __table_args__ = (
        CheckConstraint("0 <= taken AND taken <= capacity", name="seats"),
        CheckConstraint("released_at IS NULL OR taken = capacity", name="released"),
        Index(None, "released_at", "expires_at"),
        Index(None, "slot_id", "id"),
        Index(None, "org_id", "id"),
    )

    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slots.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    code: Mapped[str] = mapped_column(String(8), unique=True, default=a_code)
    """What members join with, typed or as a link: it opens a form and nothing else."""
    asked: Mapped[int]
    """How many seats were kept at first."""
    expires_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    released_at: Mapped[datetime | None]
