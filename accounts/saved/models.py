"""Ways somebody likes to look at a list: its filters under a name of their own."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, ids
from core.db import Base

LONGEST = 20


class SavedFilter(Base):
    """One person's; to share it, they hand on the address."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("person_id", "place", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(22), unique=True, default=ids.uid)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    place: Mapped[str] = mapped_column(String(20))
    """Which list."""
    name: Mapped[str] = mapped_column(String(LONGEST))
    args: Mapped[str] = mapped_column(String(300))
    """As the address has them: `need=reading&days=30`."""
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
