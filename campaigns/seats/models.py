"""Columns of whatever has seats, and of whoever takes one."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from campaigns.seats.rules import SeatState


class Pool:
    """Seats that are counted in the row itself: the UPDATE that takes one is the lock."""

    id: Mapped[int] = mapped_column(primary_key=True)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    queued: Mapped[int] = mapped_column(default=0)
    """The last number given to somebody in the queue; numbers are given once."""


class Seat:
    """One party's seats, or its place in the queue."""

    state: Mapped[SeatState] = mapped_column(default=SeatState.HELD)
    party: Mapped[int] = mapped_column(default=1)
    ticket: Mapped[int | None]
    expires_at: Mapped[datetime]
    """Until when a held or offered seat is kept."""
