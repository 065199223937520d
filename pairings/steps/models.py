"""The steps a pairing has taken: who sent it where, when and why. Rows are only ever added."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base
from pairings.rules import Stage


class PairingStep(Base):
    __tablename__ = "pairing_steps"
    __table_args__ = (
        CheckConstraint("since IS NULL OR since <> stage", name="elsewhere"),
        Index(None, "pairing_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"))
    since: Mapped[Stage | None]
    """From where; None for the first step."""
    stage: Mapped[Stage]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """None when the site itself did it, or a guardian by a link."""
    reason: Mapped[str] = mapped_column(String(300), default="")
