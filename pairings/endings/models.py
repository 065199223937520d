"""That a child was told why a pairing ends, or why it could not be told."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base
from core.fences import Fenced
from core.tiers import Tier, declare
from pairings.endings.rules import Explainer


class PairingExplanation(Fenced, Base):
    """One for each pairing that was parted from: a child is never left without a word."""

    __tablename__ = "pairing_explanations"
    __table_args__ = (
        CheckConstraint(
            "(explained_by IS NULL) = (explained_on IS NULL)"
            " AND (explained_by IS NOT NULL OR missing <> '')",
            name="said",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"), unique=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    explained_by: Mapped[Explainer | None]
    explained_on: Mapped[date | None]
    missing: Mapped[str] = mapped_column(String(200), default="")
    """Why nobody could tell the child."""
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)


declare(
    PairingExplanation,
    {
        Tier.NEED_TO_KNOW: "id pairing_id child_id explained_by explained_on missing"
        " entered_by_id entered_at"
    },
)
