"""The letter a team leaves a child when a pairing ends."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base
from core.fences import Fenced
from core.tiers import Tier, declare
from pairings.letters.rules import LetterState


class PairingLetter(Fenced, Base):
    """One a pairing: written by the team, read by the county, given by whoever knows the child."""

    __tablename__ = "pairing_letters"
    __table_args__ = (
        CheckConstraint(
            "(state = 'written') = (checked_at IS NULL)"
            " AND (checked_at IS NULL) = (checked_by_id IS NULL)",
            name="checked",
        ),
        CheckConstraint("checked_by_id <> written_by_id", name="two_people"),
        CheckConstraint("state <> 'sent_back' OR return_reason <> ''", name="sent_back"),
        CheckConstraint(
            "(state = 'handed') = (handed_on IS NOT NULL)"
            " AND (handed_on IS NULL) = (handed_by_id IS NULL)",
            name="handed",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"), unique=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    text: Mapped[str] = mapped_column(String(1000))
    state: Mapped[LetterState] = mapped_column(default=LetterState.WRITTEN)
    version: Mapped[int] = mapped_column(default=1)
    """Of the text: what is passed is what was read."""
    written_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    checked_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it was sent back."""
    handed_on: Mapped[date | None]
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who wrote down that the child has it."""


declare(
    PairingLetter,
    {
        Tier.NEED_TO_KNOW: "id pairing_id child_id text state version written_by_id written_at"
        " checked_by_id checked_at return_reason handed_on handed_by_id"
    },
)
