"""What the guardian and the child said to one pairing, each apart; rows are only ever added."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from children.rules import ConsentProof, Signer
from core import clock
from core.db import Base
from core.fences import Fenced
from core.tiers import Tier, declare
from pairings.answers.rules import Whose


class PairingAnswer(Fenced, Base):
    __tablename__ = "pairing_answers"
    __table_args__ = (
        UniqueConstraint("pairing_id", "whose", "number"),
        CheckConstraint("NOT yes OR (signer IS NOT NULL AND proof IS NOT NULL)", name="proved"),
        CheckConstraint("signer IS NULL OR (whose = 'child') = (signer = 'child')", name="own"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    whose: Mapped[Whose]
    number: Mapped[int]
    """1 for the first answer of that one to that pairing, then 2, …"""
    yes: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200), default="")
    signer: Mapped[Signer | None]
    proof: Mapped[ConsentProof | None]
    reference: Mapped[str] = mapped_column(String(60), default="")
    dated: Mapped[date]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)


declare(
    PairingAnswer,
    {
        Tier.NEED_TO_KNOW: "id pairing_id child_id whose number yes reason signer proof reference"
        " dated entered_by_id entered_at"
    },
)
